# The columns of models and tokens in a table of answers.

# The columns for the bodies of responses, NULL if there is none; `is_batch` is
# which of them have the prices of batches.
usage_columns <- function(bodies, is_batch) {
  of_body <- function(name) {
    vapply(bodies, function(body) {
      if (is_string(body[[name]])) body[[name]] else NA_character_
    }, "")
  }
  usages <- lapply(bodies, function(body) {
    if (is.list(body[["usage"]])) body[["usage"]]
  })
  model <- of_body("model")
  tokens <- tokens_of_usages(usages)
  list(
    model = model, input_tokens = tokens$input, output_tokens = tokens$output,
    cost = as.double(usage_cost(
      model, tokens$input, tokens$cached, tokens$output,
      tier = replace(of_body("service_tier"), which(is_batch), "batch"),
      details = tokens[priced_details]
    ))
  )
}

# The tokens in usages of chats, responses and other answers, as in
# `usage_rows()`: a vector for each kind; NA if a usage reports none.
tokens_of_usages <- function(usages) {
  of_input <- details_of(usages, c("input", "prompt"))
  of_output <- details_of(usages, c("output", "completion"))
  list(
    input = token_counts(usages, c("input_tokens", "prompt_tokens")),
    cached = token_counts(of_input, "cached_tokens"),
    cache_write = token_counts(of_input, "cache_write_tokens"),
    audio_input = token_counts(of_input, "audio_tokens"),
    image_input = token_counts(of_input, "image_tokens"),
    output = token_counts(usages, c("output_tokens", "completion_tokens")),
    reasoning = token_counts(of_output, "reasoning_tokens"),
    audio_output = token_counts(of_output, "audio_tokens"),
    image_output = token_counts(of_output, "image_tokens")
  )
}

# The first count that each usage has under one of these names; NA if it has
# none.
token_counts <- function(usages, names) {
  vapply(usages, function(usage) {
    for (name in names) {
      count <- usage[[name]]
      if (is_number(count)) {
        return(as.double(count))
      }
    }
    NA_real_
  }, 1)
}

# Which tokens of the input or of the output are of another kind.
details_of <- function(usages, names) {
  names <- paste0(names, "_tokens_details")
  lapply(usages, function(usage) {
    for (name in names) {
      if (is.list(usage[[name]])) {
        return(usage[[name]])
      }
    }
  })
}
