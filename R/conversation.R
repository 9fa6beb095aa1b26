# Conversations as lists of messages, ready to be sent again.

# What the user gave as `messages`, with one list for each message.
as_conversation <- function(messages) {
  if (is.data.frame(messages)) {
    rows_as_lists(messages)
  } else if (is.list(messages) && is.null(names(messages))) {
    messages
  } else {
    abort_argument(
      "`messages` must be a list with one list for each message, or a data ",
      "frame, not ", describe(messages), "."
    )
  }
}

# What stands before a conversation: the message of the system, or nothing.
system_message <- function(system) {
  check_string(system, "system")
  if (!is.null(system)) list(list(role = "system", content = system))
}

# The records that a data frame was made of: a list for each row, without what
# is missing there.
rows_as_lists <- function(frame) {
  lapply(seq_len(NROW(frame)), row_as_list, frame = frame)
}

row_as_list <- function(row, frame) {
  fields <- lapply(frame, function(column) {
    if (is.data.frame(column)) {
      row_as_list(row, column)
    } else if (is.list(column)) {
      as_array(column[[row]])
    } else {
      column[[row]]
    }
  })
  fields[!vapply(fields, is_blank, logical(1))]
}

# In a column that is a list, what came as an array shall go as one.
as_array <- function(value) {
  if (is.data.frame(value)) {
    rows_as_lists(value)
  } else if (is.atomic(value) && !is.null(value)) {
    I(value)
  } else {
    value
  }
}

is_blank <- function(x) {
  length(x) == 0L || (is.atomic(x) && length(x) == 1L && is.na(x))
}

# The message of an answer's first choice, to be appended to the conversation;
# NULL where there is none.
answered_message <- function(choices) {
  message <- if (NROW(choices)) row_as_list(1L, choices)$message
  if (is.null(message) || !is.null(message$content)) {
    return(message)
  }
  # Some servers insist on the field beside calls of tools.
  others <- setdiff(names(message), "role")
  c(list(role = "assistant", content = NULL), message[others])
}

# Prints a text on lines of its own; nothing where there is none.
echo_text <- function(text) {
  if (!is.na(text) && nzchar(text)) cat(text, "\n", sep = "")
}
