# Adds columns of answers to a data frame: `client$extract()`.
extraction <- R6::R6Class(
  "extraction",
  inherit = base_api,
  public = list(
    extract = function(data, prompt, schema = NULL, model, ...,
                       on_error = "return", prefix = "", api = "responses") {
      check_extraction(data, prefix, api, list(...))
      prompts <- fill_template(prompt, data)
      schema <- as_json_schema(schema)
      check_new_columns(data, schema, prefix)
      resource <- resource_of(map_classes()[[api]], private)
      map <- if (private$asynchronous) resource$map_async else resource$map
      answers <- if (is.null(schema)) {
        map(prompts, model, ..., on_error = on_error)
      } else {
        map(prompts, model, ..., on_error = on_error, response_format = schema)
      }
      and_then(answers, function(answers) {
        with_answers(data, answers, prefix)
      })
    }
  )
)

# The classes whose `$map()` is called.
map_classes <- function() list(responses = responses, chat = chat)

check_extraction <- function(data, prefix, api, fields) {
  if (!is.data.frame(data)) {
    abort_argument("`data` must be a data frame, not ", describe(data), ".")
  }
  if (!is_string(prefix)) {
    abort_argument("`prefix` must be one string, not ", describe(prefix), ".")
  }
  check_api(api)
  format <- intersect(names(fields), c("response_format", "text"))
  if (any(vapply(fields[format], inherits, NA, "openai_json_schema"))) {
    abort_argument(
      "`", format[[1]], "` is a json_schema(): pass it as `schema`."
    )
  }
}

# Rejects columns that would replace others.
check_new_columns <- function(data, schema, prefix) {
  none <- new_answers(list(), unsent_effort(0L), schema)
  new <- paste0(prefix, names(answers_columns(none)))
  taken <- intersect(new, names(data))
  if (length(taken)) {
    abort_argument(
      "`data` has ", if (length(taken) > 1L) "columns" else "a column",
      " that the answers would replace: ", in_backticks(taken), ". Rename the ",
      "new columns, for example with `prefix = \"answer_\"`, or remove these ",
      "columns from `data`."
    )
  }
}

# Adds the columns of the table of `answers` to `data`, also of those in a file.
# Other values of `$map()` are returned unchanged.
with_answers <- function(data, answers, prefix) {
  if (inherits(answers, "openai_results")) {
    answers <- read_results(answers)
  }
  if (!inherits(answers, "openai_answers")) {
    return(answers)
  }
  columns <- answers_columns(answers)
  names(columns) <- make.unique(c(names(data), paste0(prefix, names(columns))))[
    length(data) + seq_along(columns)
  ]
  warn_failed_rows(answers, paste0(prefix, "error"))
  data[names(columns)] <- columns
  data
}

# The run itself has warned about requests that it did not send.
warn_failed_rows <- function(answers, column) {
  is_failed <- vapply(answers, function(answer) {
    inherits(answer, "error") &&
      !inherits(answer, c("openai_cancelled_error", "openai_budget_error"))
  }, NA, USE.NAMES = FALSE)
  if (any(is_failed)) {
    first <- which(is_failed)[[1]]
    warn_openai(
      "rows",
      sum(is_failed), " of ", length(answers), " rows failed; the column `",
      column, "` contains the messages. Row ", first, ": ",
      conditionMessage(answers[[first]])
    )
  }
}
