#' Structured answers
#'
#' @description
#' Asks a model for an answer of a described shape: given in the body of any
#' call, it is sent as JSON schema. Given as `response_format` to
#' `client$chat$create()` or `$run_tools()` (see [chat]), the result has one
#' more element `parsed`: the text of the answer, parsed and in the shapes of
#' the types. With `n > 1` it is a list with one element for each choice.
#'
#' `parsed` is `NULL`, with a warning of class `openai_parsed_warning`, where
#' the model refused, the answer was cut, or its text is no JSON or does not fit
#' the type. The element `parsed_problem` says why: one string for each choice,
#' `NA` where nothing went wrong. `parsed` is `NULL` without a warning, and
#' `parsed_problem` `NA`, where the model calls tools instead.
#'
#' Of a text that is no JSON by itself, the code block between lines of three
#' backticks is parsed, as some models put their JSON into one. Where there are
#' several, it must be the only one labelled `json`.
#'
#' @param type The shape of the answer: [type_object()] or a named list of
#'   types. An array must be a property of an object.
#' @param name A name for the schema: 1 to 64 letters, digits, `_` and `-`.
#' @param description What the answer is for, for the model: one string or
#'   `NULL`.
#' @param strict Whether the answer must fit the type exactly (OpenAI's strict
#'   mode); some other servers do not know it.
#' @return An object of class `openai_json_schema`.
#' @section Errors:
#' `openai_argument_error` where an argument does not fit.
#' @seealso [types], [chat], and
#'   <https://platform.openai.com/docs/guides/structured-outputs>
#' @examples
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

# What an answer in this format is parsed as; NULL for other formats.
schema_type <- function(format) {
  if (inherits(format, "openai_json_schema")) format$type
}

# A json_schema(), what it is made of, or NULL.
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

# What `parsed` and `parsed_problem` are of the choices of an answer.
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

# A text as the value of a type: list(parsed = , problem = ), one of them empty,
# and both where a tool was called instead. `refusal` is why the model refused,
# `cut` why the text ends too early.
parse_text <- function(text, type, refusal = NULL, cut = NULL,
                       is_called = FALSE) {
  problem <- if (!is.null(refusal)) {
    paste("the model refused:", refusal)
  } else if (!is.null(cut)) {
    paste0("it was cut (", cut, ").")
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

# The JSON of an answer's text, perhaps in a code block. What is wrong is told
# of the block, where there is one.
read_json_text <- function(text) {
  outcome <- json_read(text)
  block <- if (!is.null(outcome$error)) json_block(text)
  unwrap(if (is.null(block)) outcome else json_read(block))
}

# What the only code block of a text holds, or the only one labelled "json";
# NULL where there is none. The last one may lack its end.
json_block <- function(text) {
  pattern <- "(?sm)^[ \\t]*```[ \\t]*(\\w*)[ \\t]*(.*?)(?:```[ \\t]*\\r?$|\\z)"
  blocks <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
  labels <- tolower(sub(pattern, "\\1", blocks, perl = TRUE))
  chosen <- if (length(blocks) == 1L) 1L else which(labels == "json")
  if (length(chosen) == 1L) {
    sub(pattern, "\\2", blocks[[chosen]], perl = TRUE)
  }
}

# Warns of what was not parsed of an answer; returns the answer.
warn_parsed <- function(answer) {
  problems <- answer$parsed_problem
  for (choice in which(!is.na(problems))) {
    warn_openai(
      "parsed",
      if (length(problems) > 1L) paste0("Choice ", choice, " of the answer"),
      if (length(problems) == 1L) "The answer",
      " was not parsed: ", problems[[choice]]
    )
  }
  answer
}

# The same for many answers at once: one warning that names them.
warn_parsed_elements <- function(answers) {
  problems <- vapply(answers, parsed_problems, "", USE.NAMES = FALSE)
  places <- which(!is.na(problems))
  if (length(places)) {
    told <- utils::head(places, most_told)
    others <- length(places) - length(told)
    warn_openai(
      "parsed",
      length(places), " of ", length(answers), " answers were not parsed; ",
      "`parsed_problem` of each says why:\n",
      paste0("element ", told, ": ", problems[told], collapse = "\n"),
      if (others) {
        paste0(
          "\nand ", others, " more: elements ",
          paste(setdiff(places, told), collapse = ", ")
        )
      }
    )
  }
  answers
}

# How many elements are told with their problems.
most_told <- 10

# What of one element of many was not parsed, one string; NA where nothing.
parsed_problems <- function(answer) {
  problems <- if (!inherits(answer, "error")) answer$parsed_problem
  problems <- problems[!is.na(problems)]
  if (length(problems)) paste(problems, collapse = " ") else NA_character_
}
