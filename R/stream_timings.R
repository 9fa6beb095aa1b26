# The timings of a stream.

# `summary` is the core's summary of a stream.
stream_timings <- function(summary) {
  seconds <- vapply(
    summary[c("first_byte", "first_token", "ended")],
    function(x) x %||% NA_real_, numeric(1)
  )
  spent <- seconds[["ended"]] - seconds[["first_token"]]
  tokens <- summary$usage$completion_tokens %||% summary$pieces %||% NA
  c(
    first_byte = seconds[["first_byte"]],
    first_token = seconds[["first_token"]],
    total = seconds[["ended"]],
    tokens_per_second = if (isTRUE(spent > 0)) tokens / spent else NA
  )
}
