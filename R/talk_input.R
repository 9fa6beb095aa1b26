# Checks the input of a conversation.

# The content of a message: one string, or the parts of it.
talk_content <- function(content, dialect) {
  if (length(content) == 0L) {
    abort_argument("The message is empty: pass a string.")
  }
  is_valid <- vapply(content, function(part) {
    inherits(part, "openai_part") || (is_string(part) && nzchar(part))
  }, NA)
  if (!all(is_valid)) {
    wrong <- content[!is_valid][[1]]
    abort_argument(
      "A message must consist of strings, pictures, documents and sounds, not ",
      describe(wrong), "."
    )
  }
  if (length(content) == 1L && is_string(content[[1]])) {
    content[[1]]
  } else {
    parts_as_sent(unname(content), dialect$is_nested)
  }
}

# The error of an answer, with the call that the user wrote, and advice if the
# context of the model is exceeded; `questions` were asked before.
talk_condition <- function(condition, call, questions) {
  condition["call"] <- list(call)
  if (inherits(condition, "openai_context_error") && questions > 0L) {
    condition$message <- paste0(
      conditionMessage(condition), " `$compact()` shortens the conversation, ",
      "and `compact = TRUE` of `$conversation()` does so automatically."
    )
  }
  condition
}

# Checks that the stream of the last answer does not go on.
check_stream_ended <- function(stream) {
  if (!stream$get_state() %in% c("complete", "close")) {
    abort_argument(
      "The stream of the last answer has not ended: read it to its end or ",
      "close it with `$close()`."
    )
  }
}

# Checks the value assigned to `messages` of a conversation.
check_talk_messages <- function(messages, dialect) {
  if (!is.list(messages) || is.data.frame(messages)) {
    abort_argument(
      "`messages` must be a list with one list for each message or item, not ",
      describe(messages), "."
    )
  }
  check_messages(messages, "messages")
  check <- if (dialect$is_nested) check_message else check_item
  for (index in seq_along(messages)) {
    check(messages[[index]], paste0("messages[[", index, "]]"))
  }
  unname(messages)
}

# The format in which saveRDS() stores a conversation, with its methods:
# `number` changes when older versions of the package cannot continue it.
talk_form <- function() {
  list(number = 1, version = unname(getNamespaceVersion("openaistream")))
}

# Saved methods of all versions call this function by name.
check_talk_form <- function(form) {
  own <- talk_form()
  if (form$number > own$number) {
    abort_argument(
      "The conversation was saved by openaistream ", form$version, ", and ",
      "version ", own$version, " cannot continue it: install that version or ",
      "a newer one."
    )
  }
}
