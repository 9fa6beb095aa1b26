# The run of answers to a question of a conversation: `so_far` is its state
# (R/run_tools.R), `setup` the settings of the conversation (R/talk_setup.R).

# The initial state; `messages` are the earlier messages, `content` the
# question.
begin_talk <- function(setup, messages, content) {
  api <- talk_api(setup)
  question <- list(role = "user", content = talk_content(content, api))
  so_far <- list(rounds = 0, total_usage = NULL)
  so_far[[api$state_field]] <- c(messages, list(question))
  so_far
}

# The stream of the next answer.
open_talk <- function(setup, so_far, schema = setup$schema) {
  api <- talk_api(setup)
  do.call(api$open, c(
    list(setup$client, so_far[[api$state_field]], setup$model),
    talk_fields(setup, schema)
  ))
}

# The function that handles an answer and returns the next step of the run.
talk_turns <- function(setup, max_rounds, show = shown_by(FALSE)) {
  function(answer, so_far) {
    talk_api(setup)$take_turn(
      answer, so_far, tools_by_name(setup$tools), max_rounds, show
    )
  }
}

# Adds a partial answer to the state as a message of the model.
with_partial <- function(setup, so_far, text) {
  if (nzchar(text)) {
    field <- talk_api(setup)$state_field
    partial <- list(role = "assistant", content = text)
    so_far[[field]] <- c(so_far[[field]], list(partial))
  }
  so_far
}

# The text of a closed stream, or of NULL; a refusal has no text.
partial_text <- function(stream) {
  text <- if (is.null(stream)) "" else stream$text()
  if (is.na(text)) "" else text
}
