#' Request a structured answer
#'
#' @description
#' `json_schema()` describes the structure of a model's answer; it can be used
#' in the body of any call, where it is sent as a JSON schema. If it is the
#' `response_format` of `client$chat$create()` or `$run_tools()` (see [chat]),
#' the result contains `parsed`: the text of the answer, parsed into the shapes
#' of the types. With `n > 1`, `parsed` is a list with one element per choice.
#'
#' `parsed` is `NULL`, with a warning of class `openai_parsed_warning`, if the
#' model refused, if the answer was truncated, or if its text is not JSON or
#' does not match the type. The element `parsed_problem` contains the reason:
#' one string per choice, `NA` if there was no problem. If the model calls tools
#' instead, `parsed` is `NULL` without a warning, and `parsed_problem` is `NA`.
#'
#' If the whole text is not JSON, the code block between two lines of three
#' backticks is parsed, because some models put their JSON into one. If there
#' are several code blocks, exactly one must be labelled `json`.
#'
#' @param type Structure of the answer: [type_object()] or a named list of
#'   types. An array must be a property of an object.
#' @param name Name of the schema: 1 to 64 letters, digits, `_` and `-`.
#' @param description Purpose of the answer, for the model: one string or
#'   `NULL`.
#' @param strict Whether the answer must match the type exactly (OpenAI's strict
#'   mode). Some other servers do not support it.
#' @return An object of class `openai_json_schema`.
#' @section Errors:
#' `openai_argument_error` if an argument is invalid.
#' @seealso [types], [chat], and
#'   <https://platform.openai.com/docs/guides/structured-outputs>
#' @examples
#' # A server on this machine plays the part of the model.
#' # The model's part is played by a server on this machine.
#' server <- local_server()
#' server$reply(body = paste0(
#'   '{"choices":[{"index":0,"finish_reason":"stop","message":{',
#'   '"role":"assistant","content":"{\\"rivers\\":[',
#'   '{\\"name\\":\\"Rhine\\",\\"km\\":1233},',
#'   '{\\"name\\":\\"Elbe\\",\\"km\\":1094}]}"}}]}'
#' ))
#' client <- openai$new("sk-demo", base_url = server$url)
#' answer <- client$chat$create(
#'   list(list(role = "user", content = "Two rivers, please.")),
#'   "gpt-6-luna",
#'   response_format = json_schema(type_object(
#'     rivers = type_array(type_object(name = type_string(), km = integer()))
#'   ))
#' )
#' answer$parsed$rivers
#' server$stop()
#' @export
json_schema <- function(type, name = "answer", description = NULL,
                        strict = TRUE) {
  type <- as_type(type, "type")
  if (type$kind != "object") {
    abort_argument(
      "An answer must be an object: type_object(values = <the ", type$kind,
      ">)."
    )
  }
  if (!is_string(name) || !grepl("^[A-Za-z0-9_-]{1,64}$", name)) {
    abort_argument(
      "`name` must be 1 to 64 letters, digits, `_` and `-`, not ",
      describe(name), "."
    )
  }
  check_string(description, "description")
  check_flag(strict, "strict")
  structure(
    list(
      type = type, name = name, description = description, strict = strict,
      schema = type_schema(type, strict)
    ),
    class = "openai_json_schema"
  )
}

#' @export
print.openai_json_schema <- function(x, ...) {
  cat("<openai_json_schema> ", x$name, ": ", format(x$type), "\n", sep = "")
  invisible(x)
}

# The type into which an answer in this format is parsed; NULL for other
# formats.
schema_type <- function(format) {
  if (inherits(format, "openai_json_schema")) format$type
}

# A json_schema(), or the type inside it as one, or NULL.
as_json_schema <- function(schema) {
  if (is.null(schema) || inherits(schema, "openai_json_schema")) {
    schema
  } else {
    json_schema(as_type(schema, "schema"))
  }
}

# The field `response_format` of a request.
json_schema_as_sent <- function(schema, is_nested) {
  fields <- c("name", "description", "strict", "schema")
  fields <- Filter(Negate(is.null), unclass(schema)[fields])
  c(type = "json_schema", if (is_nested) list(json_schema = fields) else fields)
}

# `parsed` and `parsed_problem` for the choices of an answer.
parse_choices <- function(choices, type, several) {
  outcomes <- Map(
    parse_choice, rows_as_lists(choices), choice_texts(choices),
    MoreArgs = list(type = type)
  )
  parsed <- lapply(outcomes, `[[`, "parsed")
  list(
    parsed = if (several) parsed else if (length(parsed)) parsed[[1]],
    parsed_problem = vapply(outcomes, `[[`, "", "problem")
  )
}

parse_choice <- function(choice, text, type) {
  message <- choice$message
  is_cut <- choice$finish_reason %in% c("length", "content_filter")
  parse_text(
    text, type,
    refusal = message$refusal,
    cut = if (isTRUE(is_cut)) {
      paste0("finish_reason \"", choice$finish_reason, "\"")
    },
    is_called = !is.null(message$tool_calls)
  )
}

# Parses a text as the value of a type: list(parsed = , problem = ), one of them
# empty, and both if a tool was called instead. `refusal` is the model's
# refusal, `cut` why the text ends too early.
parse_text <- function(text, type, refusal = NULL, cut = NULL,
                       is_called = FALSE) {
  problem <- if (!is.null(refusal)) {
    paste("the model refused:", refusal)
  } else if (!is.null(cut)) {
    paste0("it was truncated (", cut, ").")
  } else if (!is.na(text)) {
    fitted <- tryCatch(
      list(fit_value(read_json_text(text), type)),
      openai_response_error = conditionMessage
    )
    if (is.list(fitted)) {
      return(list(parsed = fitted[[1]], problem = NA_character_))
    }
    fitted
  } else if (!is_called) {
    "it has no text."
  }
  list(parsed = NULL, problem = problem %||% NA_character_)
}

# Parses the JSON of an answer's text, which may be in a code block. Problems
# are reported for the block if there is one.
read_json_text <- function(text) {
  outcome <- json_read(text)
  block <- if (!is.null(outcome$error)) json_block(text)
  unwrap(if (is.null(block)) outcome else json_read(block))
}

# The content of the only code block of a text, or of the only one labelled
# "json"; NULL if there is none. The last one may be unterminated.
json_block <- function(text) {
  pattern <- "(?sm)^[ \\t]*```[ \\t]*(\\w*)[ \\t]*(.*?)(?:```[ \\t]*\\r?$|\\z)"
  blocks <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
  labels <- tolower(sub(pattern, "\\1", blocks, perl = TRUE))
  chosen <- if (length(blocks) == 1L) 1L else which(labels == "json")
  if (length(chosen) == 1L) {
    sub(pattern, "\\2", blocks[[chosen]], perl = TRUE)
  }
}

# Warns about parts of an answer that could not be parsed; returns the answer.
warn_parsed <- function(answer) {
  problems <- answer$parsed_problem
  for (choice in which(!is.na(problems))) {
    warn_openai(
      "parsed",
      if (length(problems) > 1L) paste0("Choice ", choice, " of the answer"),
      if (length(problems) == 1L) "The answer",
        " could not be parsed: ", problems[[choice]]
    )
  }
  answer
}

# The same for many answers: one warning that lists them.
warn_parsed_elements <- function(answers) {
  problems <- vapply(answers, parsed_problems, "", USE.NAMES = FALSE)
  indexes <- which(!is.na(problems))
  if (length(indexes)) {
    listed <- utils::head(indexes, max_listed)
    others <- length(indexes) - length(listed)
    warn_openai(
      "parsed",
      length(indexes), " of ", length(answers),
      " answers could not be parsed; ",
      "`parsed_problem` of each contains the reason:\n",
      paste0("element ", listed, ": ", problems[listed], collapse = "\n"),
      if (others) {
        paste0(
          "\nand ", others, " more: elements ",
          paste(setdiff(indexes, listed), collapse = ", ")
        )
      }
    )
  }
  answers
}

# How many elements are listed with their problems.
max_listed <- 10

# The parsing problems of one of many elements, one string; NA if there are
# none.
parsed_problems <- function(answer) {
  problems <- if (!inherits(answer, "error")) answer$parsed_problem
  problems <- problems[!is.na(problems)]
  if (length(problems)) paste(problems, collapse = " ") else NA_character_
}
