# What a conversation used.

# No rows of what was used.
no_use <- function() {
  data.frame(
    model = character(), requests = numeric(), tokens_of_usages(list())
  )
}

# A row of what one thing that was said took; `usage` as the API tells it.
row_of_use <- function(model, requests, usage) {
  tokens <- unlist(tokens_of_usages(list(usage)))
  tokens[is.na(tokens)] <- 0
  data.frame(model = model, requests = requests, as.list(tokens))
}

# Such rows as people read them, with their cost.
usage_of_talk <- function(used) {
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
