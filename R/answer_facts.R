# The facts about one answer for a table: a result of `$map()`, the body of a
# response to one request of `$parallel()`, or the condition of a failed one.

# The answer as returned by `$map()` if it is one of a chat or a response;
# `schema` is its json_schema(), if it has one.
read_answer <- function(answer, schema = NULL) {
  if (!is.list(answer) || inherits(answer, "error") ||
    any(c("all_resp", "output_text") %in% names(answer))) {
    return(answer)
  }
  if (is.data.frame(answer[["choices"]])) {
    several <- nrow(answer$choices) > 1L
    chat_result(answer, choices_parser(schema, if (several) 2 else 1))
  } else if (is.data.frame(answer[["output"]])) {
    answer$output <- rows_as_lists(answer$output)
    response_result(answer, text_parser(schema))
  } else {
    answer
  }
}

# The response body, an object; NULL if there is none.
answer_body <- function(answer) {
  body <- if (inherits(answer, "error")) {
    NULL
  } else if (is.list(answer) && "all_resp" %in% names(answer)) {
    answer[["all_resp"]]
  } else {
    answer
  }
  if (is.list(body) && !is.data.frame(body)) body
}

# The text of each choice, NA if there is none; a response is one choice.
answer_texts <- function(answer) {
  if (is.list(answer) && !inherits(answer, "error")) {
    for (name in c("output_text", "text")) {
      texts <- answer[[name]]
      if (is.character(texts) && length(texts)) {
        return(texts)
      }
    }
  }
  NA_character_
}

# The parsed value of each choice, NULL if there is none.
answer_values <- function(answer) {
  parsed <- if (!inherits(answer, "error")) answer[["parsed"]]
  if (is.list(parsed) && is.null(names(parsed)) && length(parsed)) {
    parsed
  } else {
    list(parsed)
  }
}

# Why there is no answer, or why it could not be parsed; NA if it was.
answer_problem <- function(answer) {
  if (inherits(answer, "error")) {
    return(conditionMessage(answer))
  }
  if (is.list(answer) && is.character(answer[["parsed_problem"]])) {
    unparsed <- parsed_problems(answer)
    if (!is.na(unparsed)) {
      return(paste("The answer could not be parsed:", unparsed))
    }
  }
  problem <- if (all(is.na(answer_texts(answer)))) missing_text(answer)
  problem %||% NA_character_
}

# Why an answer has no text, if it says so.
missing_text <- function(answer) {
  body <- answer_body(answer)
  refusal <- c(
    if (inherits(answer, "openai_response")) response_refusal(body$output),
    refusal_of(body[["choices"]], 1L)
  )
  details <- lapply(body[c("error", "incomplete_details")], as.list)
  message <- details$error[["message"]]
  if (is_string(message)) {
    message
  } else if (length(refusal) && is_string(refusal[[1]])) {
    paste("The model refused:", refusal[[1]])
  } else if (is_string(body[["status"]]) && body$status != "completed") {
    reason <- Filter(is_string, details$incomplete_details["reason"])
    paste(c(paste("The response is", body$status), reason), collapse = ": ")
  }
}
