# The fields of a request for a response.

# list(sent = , parse = , schema = ): the fields as named in the API, the
# function that adds `parsed` to the answer, and the format of its text.
response_fields <- function(input, model, fields) {
  check_fields(fields)
  schema <- fields[["response_format"]] %||% fields[["text"]]
  if (!is.null(fields[["response_format"]]) && !is.null(fields[["text"]]) &&
    !is.null(fields[["text"]][["format"]])) {
    abort_argument(
      "`response_format` and `text` both set the format of the answer: remove ",
      "one of them."
    )
  }
  if (inherits(schema, "openai_json_schema")) {
    text <- fields[["text"]]
    text <- if (inherits(text, "openai_json_schema")) list() else as.list(text)
    fields[["response_format"]] <- NULL
    fields[["text"]] <- c(list(format = schema), text)
  } else {
    schema <- fields[["text"]][["format"]]
  }
  check_string(model, "model")
  list(
    sent = c(
      given_fields(input = factor_as_text(input), model = model), fields
    ),
    parse = text_parser(schema), schema = schema
  )
}

# Those that are not NULL.
given_fields <- function(...) {
  Filter(Negate(is.null), list(...))
}

# The input for each prompt as it is sent; NULL for a missing one (NA).
response_inputs <- function(prompts) {
  prompts <- as_prompts(prompts, "inputs", is_item)
  for_prompts(prompts, function(prompt, position) {
    if (is_string(prompt)) {
      prompt
    } else {
      items <- as_items(prompt, paste0("prompts[[", position, "]]"))
      value_as_sent(items, is_nested = FALSE)
    }
  })
}

# The answer to a prompt that is missing.
missing_response <- list(output = list(), output_text = NA_character_)

# Whether a response is incomplete or could not be parsed.
is_unusable_response <- function(answer) {
  !identical(answer$status, "completed") || any(!is.na(answer$parsed_problem))
}

# Whether a response has not finished yet.
is_pending <- function(response) {
  isTRUE(response$status %in% c("queued", "in_progress"))
}

# Prints the text of a response, or why it has none.
echo_response <- function(response) {
  writeLines(c(
    present(response$output_text),
    bracketed("refusal", response_refusal(response$output)),
    bracketed("incomplete", response$incomplete_details$reason)
  ))
}
