# Texts for people in the page of a chat, except for the answers.

# Describes a problem and what to do about it. The messages of some conditions
# are for programmers, who do not read the page.
chat_problem <- function(condition) {
  if (inherits(condition, "openai_rounds_error")) {
    paste0(
      "The model still calls tools after ", condition$rounds, " rounds. Try ",
      "again, or ask for less at once."
    )
  } else if (inherits(condition, "openai_context_error")) {
    "The conversation is too long for the model: start a new chat."
  } else {
    advice <- Filter(Negate(is.na), chat_advice[class(condition)])
    advice <- utils::head(advice, 1L)
    paste(c(conditionMessage(condition), advice), collapse = " ")
  }
}

# By class of the condition; the first matching class is used.
chat_advice <- c(
  openai_authentication_error =
    "Whoever runs this app must set a valid API key.",
  openai_permission_error =
    "Whoever runs this app must allow its key to use this model.",
  openai_quota_error =
    "The quota of this app's account is exhausted: tell whoever runs it.",
  openai_rate_limit_error = "Wait a minute, and try again.",
  openai_server_error = "Try again in a moment.",
  openai_timeout_error = "Try again.",
  openai_connection_error = "Try again.",
  openai_stream_error = "Try again."
)

# The number of rows of usage so far, for `usage_in_words()`.
count_usage_rows <- function(talk) nrow(usage_without_warning(talk))

# The usage after the first `before` rows, such as "1,234 tokens, $0.0021"; NULL
# if the server reported none.
usage_in_words <- function(talk, before) {
  usage <- usage_without_warning(talk)
  usage <- usage[seq_len(nrow(usage)) > before, ]
  tokens <- sum(usage$input_tokens, usage$output_tokens)
  if (tokens > 0) {
    cost <- sum(usage$cost)
    paste0(
      in_digits(tokens), if (tokens == 1) " token" else " tokens",
      if (!is.na(cost)) paste0(", $", cost_in_digits(cost))
    )
  }
}

cost_in_digits <- function(cost) {
  if (cost >= 0.1 || cost == 0) {
    sprintf("%.2f", cost)
  } else {
    format(signif(cost, 2), scientific = FALSE)
  }
}

# An unknown price is not shown to people who chat.
usage_without_warning <- function(talk) {
  withCallingHandlers(
    talk$usage(),
    openai_price_warning = function(w) tryInvokeRestart("muffleWarning")
  )
}
