# Conversations as lists of messages, ready to be sent again.

# Converts the `messages` argument to a list with one list for each message;
# `name` is the name used in errors.
as_conversation <- function(messages, name = "messages") {
  messages <- factor_as_text(messages)
  if (is_string(messages)) {
    list(list(role = "user", content = messages))
  } else if (is.data.frame(messages)) {
    rows_as_messages(messages)
  } else if (is_message(messages)) {
    as_sent_messages(list(as.list(messages)), name)
  } else if (is.list(messages)) {
    check_messages(messages, name)
    messages <- as_sent_messages(messages, name)
    if (all(vapply(messages, is_plain_list, NA))) {
      return(unname(messages))
    }
    unlist(lapply(unname(messages), as_messages), recursive = FALSE)
  } else {
    abort_argument(
      "`", name, "` must be one string, a list with one list for each ",
      "message, or a data frame, not ", describe(messages),
      conversation_hint(messages)
    )
  }
}

is_message <- function(x) {
  (is.list(x) || is.character(x)) && all(nzchar(names(x))) &&
    is_string(as.list(x)[["role"]])
}

is_plain_list <- function(x) is.list(x) && !is.data.frame(x)

as_messages <- function(element) {
  if (is.data.frame(element)) {
    rows_as_messages(element)
  } else {
    list(as.list(element))
  }
}

# Rejects the first element that cannot be a message. c() of a list and one
# message makes elements of the message's fields.
check_messages <- function(messages, name) {
  usable <- vapply(messages, function(element) {
    is.list(element) || is_message(element)
  }, NA)
  if (!all(usable)) {
    position <- which(!usable)[[1]]
    abort_argument(
      "`", name, "[[", position, "]]` must be a list with `role` and ",
        "`content`, not ", describe(messages[[position]]), ": put one message ",
        "into list() before you append it with c()."
    )
  }
}

# Messages in the form that servers accept: with a single text as content, and
# with arguments of calls that are sent back, if there are none.
as_sent_messages <- function(messages, name) {
  for (index in seq_along(messages)) {
    message <- messages[[index]]
    if (is_plain_list(message)) {
      check_message(message, paste0(name, "[[", index, "]]"))
      check_content(message[["content"]], name, index)
      if (!is.null(message[["tool_calls"]])) {
        calls <- message[["tool_calls"]]
        messages[[index]][["tool_calls"]] <- with_sent_arguments(calls)
      }
    }
  }
  messages
}

# Lines of a file are several texts, but a content is one.
check_content <- function(content, name, index) {
  if (is.character(content) && length(content) > 1L &&
    !inherits(content, "AsIs")) {
    abort_argument(
      "`", name, "[[", index, "]]$content` must be one string, not ",
        length(content), " of them: combine lines with ",
        "paste(lines, collapse = \"\\n\")."
    )
  }
}

with_sent_arguments <- function(calls) {
  if (!is_plain_list(calls)) {
    return(calls)
  }
  lapply(calls, function(call) {
    if (is.list(call) && is.list(call[["function"]])) {
      given <- call[["function"]][["arguments"]]
      call[["function"]][["arguments"]] <- sent_arguments(given)
    }
    call
  })
}

rows_as_messages <- function(frame) {
  lapply(rows_as_lists(frame), with_content)
}

# Some servers require the field in messages with tool calls.
with_content <- function(message) {
  is_lacking <- is.null(message[["content"]]) &&
    identical(message[["role"]] %||% "assistant", "assistant")
  if (!is_lacking) {
    return(message)
  }
  others <- message[setdiff(names(message), c("role", "content"))]
  c(list(role = "assistant", content = NULL), others)
}

# The system message before a conversation, or NULL.
system_message <- function(system) {
  check_string(system, "system")
  if (!is.null(system)) list(list(role = "system", content = system))
}

# Converts a data frame back to records: a list for each row, without missing
# values.
rows_as_lists <- function(frame) {
  lapply(seq_len(NROW(frame)), row_as_list, frame = frame)
}

row_as_list <- function(row, frame) {
  fields <- Map(function(column, name) {
    if (is.data.frame(column)) {
      row_as_list(row, column)
    } else if (is.list(column)) {
      as_array(column[[row]], name)
    } else {
      column[[row]]
    }
  }, frame, names(frame))
  fields[!vapply(fields, is_blank, logical(1))]
}

# A value in a list column was an array and is sent as one; the content of a
# message may be a string in a column that also contains parts.
as_array <- function(value, name) {
  if (is.data.frame(value)) {
    rows_as_lists(value)
  } else if (name == "content" && is_string(value)) {
    value
  } else if (is.atomic(value) && !is.null(value)) {
    I(value)
  } else {
    value
  }
}

is_blank <- function(x) {
  length(x) == 0L || (is.atomic(x) && length(x) == 1L && is.na(x))
}
