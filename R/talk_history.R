# The history of a conversation, a plain list: `messages`, its messages or
# items; `starts`, the positions of the questions in them; and `usage`, a list
# with a row of usage for each question (R/talk_usage.R).

empty_history <- function() {
  list(messages = list(), starts = integer(), usage = list())
}

# `messages` are assigned by the user.
with_messages <- function(history, messages) {
  history$messages <- messages
  history$starts <- which(vapply(messages, is_question, NA))
  history
}

# Adds the question and the answers of a finished run (R/run_tools.R).
with_answer <- function(history, so_far, setup) {
  history$starts <- c(history$starts, length(history$messages) + 1L)
  history$messages <- so_far[[talk_api(setup)$state_field]]
  with_usage(history, setup, so_far$rounds, so_far$total_usage)
}

without_last <- function(history) {
  count <- length(history$starts)
  if (count == 0L) {
    abort_argument("There is nothing to undo.")
  }
  history$messages <- history$messages[seq_len(history$starts[[count]] - 1L)]
  history$starts <- history$starts[-count]
  history
}

# The history with its messages shortened by a request, or a promise of it.
shorter_history <- function(history, setup, asynchronous) {
  shorten <- function(messages) {
    talk_api(setup)$compact(
      setup$client, messages, setup$model, talk_fields(setup), asynchronous
    )
  }
  shorter <- compacted_talk(history$messages, history$starts, shorten)
  and_then(shorter, function(shorter) {
    history[c("messages", "starts")] <- shorter[c("messages", "starts")]
    with_usage(history, setup, 1, shorter$usage)
  })
}

with_usage <- function(history, setup, requests, usage) {
  row <- usage_row(setup$model, requests, usage)
  history$usage <- c(history$usage, list(row))
  history
}
