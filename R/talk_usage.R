# The usage of a conversation.

# An empty table of usage.
no_use <- function() {
  data.frame(
    model = character(), requests = numeric(), tokens_of_usages(list())
  )
}

# A list of rows as one table, in the kinds of `tokens_of_usages()`.
bound_use <- function(used) do.call(rbind, c(list(no_use()), used))

# The usage of one message; `usage` as reported by the API.
row_of_use <- function(model, requests, usage) {
  tokens <- unlist(tokens_of_usages(list(usage)))
  tokens[is.na(tokens)] <- 0
  data.frame(model = model, requests = requests, as.list(tokens))
}

# Formats these rows, a list, for the user, with their cost.
usage_of_talk <- function(used) {
  used <- bound_use(used)
  used$cost <- usage_cost(
    used$model, used$input, used$cached, used$output,
    details = used[priced_details]
  )
  structure(
    used[c(
      "model", "requests", "input", "cached", "output", "reasoning", "cost"
    )],
    names = c(
      "model", "requests", "input_tokens", "cached_tokens",
      "output_tokens", "reasoning_tokens", "cost"
    )
  )
}
