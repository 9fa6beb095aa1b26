# The usage of a conversation.

# An empty table of usage.
empty_usage <- function() {
  data.frame(
    model = character(), requests = numeric(), tokens_of_usages(list())
  )
}

# A list of rows as one table, in the kinds of `tokens_of_usages()`.
bind_usage <- function(usage) do.call(rbind, c(list(empty_usage()), usage))

# The usage of one message; `usage` as reported by the API.
usage_row <- function(model, requests, usage) {
  tokens <- unlist(tokens_of_usages(list(usage)))
  tokens[is.na(tokens)] <- 0
  data.frame(model = model, requests = requests, as.list(tokens))
}

# Formats these rows, a list, for the user, with their cost.
usage_of_talk <- function(usage) {
  usage <- bind_usage(usage)
  usage$cost <- usage_cost(
    usage$model, usage$input, usage$cached, usage$output,
    details = usage[priced_details]
  )
  structure(
    usage[c(
      "model", "requests", "input", "cached", "output", "reasoning", "cost"
    )],
    names = c(
      "model", "requests", "input_tokens", "cached_tokens",
      "output_tokens", "reasoning_tokens", "cost"
    )
  )
}
