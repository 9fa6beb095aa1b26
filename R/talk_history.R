# The history of a conversation, a plain list: `said`, the messages or items;
# `starts`, the positions of the questions in them; and `used`, a list with a
# row of usage for each question (R/talk_usage.R).

empty_history <- function() {
  list(said = list(), starts = integer(), used = list())
}

# `said` is assigned by the user.
with_said <- function(history, said) {
  history$said <- said
  history$starts <- which(vapply(said, is_question, NA))
  history
}

# Adds the question and the answers of a finished run (R/run_tools.R).
with_answer <- function(history, so_far, setup) {
  history$starts <- c(history$starts, length(history$said) + 1L)
  history$said <- so_far[[talk_api(setup)$said]]
  with_use(history, setup, so_far$rounds, so_far$total_usage)
}

without_last <- function(history) {
  count <- length(history$starts)
  if (count == 0L) {
    abort_argument("There is nothing to undo.")
  }
  history$said <- history$said[seq_len(history$starts[[count]] - 1L)]
  history$starts <- history$starts[-count]
  history
}

# The history with its messages shortened by a request, or a promise of it.
shorter_history <- function(history, setup, asynchronous) {
  shorter <- compacted_talk(history$said, history$starts, function(said) {
    talk_api(setup)$compact(
      setup$client, said, setup$model, talk_fields(setup), asynchronous
    )
  })
  and_then(shorter, function(shorter) {
    history[c("said", "starts")] <- shorter[c("said", "starts")]
    with_use(history, setup, 1, shorter$usage)
  })
}

with_use <- function(history, setup, requests, usage) {
  row <- row_of_use(setup$model, requests, usage)
  history$used <- c(history$used, list(row))
  history
}
