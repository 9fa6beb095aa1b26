# What `client$responses` returns for a response: the unchanged response with
# the fields that people look for. `print()` shows its text.

# `parse` is a function of the text, from `text_parser()`.
response_result <- function(response, parse = NULL) {
  if (!is.list(response)) {
    return(response)
  }
  found <- list(output_text = response_text(response$output))
  if (!is.null(parse)) {
    found <- c(found, parse(response, found$output_text))
  }
  found$tool_calls <- response_calls(response$output)
  structure(c(response, found), class = c("openai_response", "openai_answer"))
}

# The texts of all messages as one string; NA if there are none.
response_text <- function(output) {
  texts <- lapply(parts_of_type(output, "output_text"), `[[`, "text")
  if (length(texts)) paste(unlist(texts), collapse = "") else NA_character_
}

items_of_type <- function(output, types) {
  Filter(
    function(item) is.list(item) && isTRUE(item$type %in% types),
    as.list(output)
  )
}

# The parts of a type in the contents of all messages.
parts_of_type <- function(output, type) {
  messages <- items_of_type(output, "message")
  parts <- unlist(lapply(messages, `[[`, "content"), recursive = FALSE)
  Filter(function(part) is.list(part) && identical(part$type, type), parts)
}

# The model's refusal; NULL if it did not refuse.
response_refusal <- function(output) {
  unlist(lapply(parts_of_type(output, "refusal"), `[[`, "refusal"))
}

# The function calls, a data frame with one row each; NULL if there are none.
response_calls <- function(output) {
  calls <- items_of_type(output, c("function_call", "custom_tool_call"))
  if (length(calls) == 0L) {
    return(NULL)
  }
  field <- function(...) {
    vapply(calls, function(call) {
      values <- Filter(is_string, call[c(...)])
      if (length(values)) values[[1]] else NA_character_
    }, "")
  }
  data.frame(
    call_id = field("call_id"), name = field("name"),
    arguments = field("arguments", "input")
  )
}

# Returns the function that adds `parsed` and `parsed_problem` to a response;
# NULL if nothing is parsed.
text_parser <- function(format) {
  type <- schema_type(format)
  if (!is.null(type)) {
    function(response, text) {
      refusal <- response_refusal(response$output)
      reason <- response$incomplete_details$reason
      outcome <- parse_text(
        text, type,
        refusal = if (length(refusal)) refusal[[1]],
        cut = if (!is.null(reason)) paste0("incomplete: \"", reason, "\""),
        is_called = !is.null(response_calls(response$output))
      )
      list(parsed = outcome$parsed, parsed_problem = outcome$problem)
    }
  }
}

#' @export
print.openai_response <- function(x, ...) {
  writeLines(paste(c("<response>", x$model), collapse = " "))
  calls <- x$tool_calls
  reason <- x$incomplete_details$reason
  writeLines(c(
    present(x$output_text),
    bracketed("refusal", response_refusal(x$output)),
    bracketed("tool call", if (!is.null(calls)) {
      paste0(calls$name, "(", calls$arguments, ")")
    }),
    if (!identical(x$status, "completed")) bracketed("status", x$status),
    bracketed("incomplete", reason),
    bracketed("error", x$error$message)
  ))
  usage <- x$usage
  print_tokens(usage$total_tokens, usage$input_tokens, usage$output_tokens)
  invisible(x)
}
