#' Structured answers
#'
#' @description
#' Asks a model for an answer of a described shape: given in the body of any
#' call, it is sent as JSON schema. Given as `response_format` to
#' `client$chat$create()` or `$run_tools()` (see [chat]), the result has one more
#' element `parsed`: the text of the answer, parsed and in the shapes of the
#' types. With `n > 1` it is a list with one element for each choice.
#'
#' `parsed` is `NULL`, with a warning of class `openai_parsed_warning` that says
#' why, where the model refused, the answer was cut, or its text is no JSON or
#' does not fit the type. It is `NULL` without a warning where the model calls
#' tools instead.
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

# The field `response_format` of a request.
json_schema_as_sent <- function(schema, is_nested) {
  fields <- c("name", "description", "strict", "schema")
  fields <- Filter(Negate(is.null), unclass(schema)[fields])
  c(type = "json_schema", if (is_nested) list(json_schema = fields) else fields)
}

# What of the choices of an answer `parsed` is.
parse_choices <- function(choices, type, several) {
  parsed <- lapply(rows_as_lists(choices), parse_choice, type = type)
  if (several) {
    parsed
  } else if (length(parsed)) {
    parsed[[1]]
  }
}

parse_choice <- function(choice, type) {
  message <- choice$message
  problem <- if (!is.null(message$refusal)) {
    paste("the model refused:", message$refusal)
  } else if (isTRUE(choice$finish_reason %in% c("length", "content_filter"))) {
    paste0("it was cut (finish_reason \"", choice$finish_reason, "\").")
  } else if (is_string(message$content)) {
    fitted <- tryCatch(
      list(fit_value(unwrap(json_read(message$content)), type)),
      openai_response_error = conditionMessage
    )
    if (is.list(fitted)) {
      return(fitted[[1]])
    }
    fitted
  } else if (is.null(message$tool_calls)) {
    "it has no text."
  }
  if (!is.null(problem)) {
    warn_parsed(problem)
  }
}

warn_parsed <- function(problem) {
  warn_openai("parsed", "The answer was not parsed: ", problem)
  NULL
}
