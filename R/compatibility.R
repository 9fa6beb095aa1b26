# Adapts requests to servers that differ from OpenAI. Each difference is a note;
# a client has the notes that the user named and those it detected from errors.

# For each note what the client does, whether it would change a body, how it
# adapts one, and whether an error calls for it (`matches`, with a condition or
# the record of an error). A note that would lose something that was requested
# is not applied automatically (`is_automatic`) but suggested. Notes that may
# change messages are marked (`changes_messages`), and those about their roles
# (`changes_roles`). Notes are applied in this order.
compatibility_notes <- list(
  no_n = list(
    description = "omits `n = 1`",
    would_change = function(body) {
      is.numeric(body[["n"]]) && identical(as.double(body[["n"]]), 1)
    },
    adapt = function(body) without_field(body, "n"),
    matches = function(error, body) rejects_field(error, "n")
  ),
  max_tokens = list(
    description = "sends `max_completion_tokens` as `max_tokens`",
    would_change = function(body) {
      "max_completion_tokens" %in% names(body) &&
        !"max_tokens" %in% names(body)
    },
    adapt = function(body) {
      rename_field(body, "max_completion_tokens", "max_tokens")
    },
    matches = function(error, body) {
      rejects_field(error, "max_completion_tokens")
    }
  ),
  max_completion_tokens = list(
    description = "sends `max_tokens` as `max_completion_tokens`",
    would_change = function(body) {
      "max_tokens" %in% names(body) &&
        !"max_completion_tokens" %in% names(body)
    },
    adapt = function(body) {
      rename_field(body, "max_tokens", "max_completion_tokens")
    },
    matches = function(error, body) {
      rejects_field(error, "max_tokens") &&
        names_field(error$message, "max_completion_tokens")
    }
  ),
  empty_content = list(
    description = "sends \"\" if the content of a message is null",
    would_change = function(body) any(is_without_content(body)),
    adapt = function(body) {
      is_empty <- is_without_content(body)
      body$messages[is_empty] <- lapply(body$messages[is_empty], function(x) {
        x["content"] <- ""
        x
      })
      body
    },
    matches = function(error, body) {
      grepl("content", paste(error$param, error$message)) &&
        grepl("null|None|string|required|empty|missing", error$message)
    },
    changes_messages = TRUE
  ),
  system_role = list(
    description = "sends messages with the role \"developer\" as \"system\"",
    would_change = function(body) any(has_developer_role(body)),
    adapt = function(body) {
      is_developer <- has_developer_role(body)
      body$messages[is_developer] <- lapply(
        body$messages[is_developer], function(message) {
          message[["role"]] <- "system"
          message
        }
      )
      body
    },
    matches = function(error, body) rejects_developer_role(error),
    changes_messages = TRUE,
    changes_roles = TRUE
  ),
  plain_messages = list(
    description = paste(
      "sends only the role, content, name and tool calls of each message"
    ),
    would_change = function(body) length(extra_message_fields(body)) > 0L,
    adapt = function(body) {
      body$messages <- lapply(body$messages, function(message) {
        if (is_plain_list(message)) {
          message <- message[names(message) %in% common_message_fields]
        }
        message
      })
      body
    },
    matches = function(error, body) {
      grepl("message", error$message) && any(vapply(
        extra_message_fields(body),
        function(name) rejects_field(error, name), NA
      ))
    },
    changes_messages = TRUE
  ),
  no_stream_options = list(
    description = paste(
      "omits `stream_options`, so streams may not report their usage"
    ),
    would_change = function(body) "stream_options" %in% names(body),
    adapt = function(body) without_field(body, "stream_options"),
    matches = function(error, body) rejects_field(error, "stream_options")
  ),
  no_strict = list(
    description = "omits `strict` in tools and schemas",
    would_change = function(body) !identical(without_strict(body), body),
    adapt = function(body) without_strict(body),
    matches = function(error, body) rejects_field(error, "strict")
  ),
  no_store = list(
    description = "omits `store = FALSE`",
    would_change = function(body) isFALSE(body[["store"]]),
    adapt = function(body) without_field(body, "store"),
    matches = function(error, body) rejects_field(error, "store")
  ),
  no_parallel_tool_calls = list(
    description = "omits `parallel_tool_calls = TRUE`",
    would_change = function(body) isTRUE(body[["parallel_tool_calls"]]),
    adapt = function(body) without_field(body, "parallel_tool_calls"),
    matches = function(error, body) rejects_field(error, "parallel_tool_calls")
  ),
  json_object = list(
    description = paste(
      "requests JSON with `response_format = \"json_object\"`, and describes",
      "the schema in a message"
    ),
    would_change = function(body) {
      is.list(body[["response_format"]]) &&
        identical(body[["response_format"]][["type"]], "json_schema")
    },
    adapt = function(body) describe_schema_in_message(body),
    matches = function(error, body) rejects_json_schema(error),
    is_automatic = FALSE,
    changes_messages = TRUE
  ),
  joined_messages = list(
    description = "joins consecutive messages of the same role",
    would_change = function(body) any(can_join_previous(body[["messages"]])),
    adapt = function(body) {
      body$messages <- join_messages(
        body$messages, can_join_previous(body$messages)
      )
      body
    },
    matches = function(error, body) requires_alternating_roles(error),
    changes_messages = TRUE,
    changes_roles = TRUE
  ),
  no_system_role = list(
    description = "sends system messages at the start of the next user message",
    would_change = function(body) any(has_system_role(body[["messages"]])),
    adapt = function(body) {
      body$messages <- convert_system_to_user(body$messages)
      body
    },
    # Templates without the role expect the user first.
    matches = function(error, body) {
      rejects_system_role(error) || requires_alternating_roles(error)
    },
    changes_messages = TRUE,
    changes_roles = TRUE
  )
)

# Two notes that undo each other would alternate forever.
opposite_notes <- c(
  max_tokens = "max_completion_tokens", max_completion_tokens = "max_tokens"
)

# The notes of a client in an environment, so that its copies share them.
new_compatibility <- function(notes) {
  unknown <- setdiff(notes, names(compatibility_notes))
  if (!(is.null(notes) || is.character(notes)) || length(unknown)) {
    abort_argument(
      "`compatibility` must be among ",
      in_backticks(names(compatibility_notes)), ", not ",
      describe(if (length(unknown)) unknown[[1]] else notes), "."
    )
  }
  compatibility <- new.env(parent = emptyenv())
  compatibility$notes <- unique(as.character(notes))
  compatibility$suggested <- character()
  compatibility
}

# Adapts a body to the server of a client.
adapted_body <- function(body, compatibility) {
  if (!length(compatibility$notes)) {
    return(body)
  }
  chosen <- names(compatibility_notes) %in% compatibility$notes
  for (note in compatibility_notes[chosen]) {
    if (note$would_change(body)) body <- note$adapt(body)
  }
  body
}

# Whether the messages of bodies may differ for the server of a client.
changes_messages <- function(compatibility) {
  notes <- compatibility_notes[compatibility$notes]
  any(vapply(notes, function(note) isTRUE(note$changes_messages), NA))
}

# Whether another request may succeed because an error reveals what the server
# needs. If so, the client uses it from then on and prints a message, once.
# `error` is the condition or the record of the error, `body` the body as it was
# sent: before the client learned the same from another request, perhaps.
detect_note <- function(compatibility, error, body) {
  if (!is_rejection(error) || is.null(body)) {
    return(FALSE)
  }
  name <- Find(function(name) {
    note <- compatibility_notes[[name]]
    # Servers fail with status 500 if the template of a model refuses a role.
    (error$status != 500L || isTRUE(note$changes_roles)) &&
      note$would_change(body) && note$matches(error, body)
  }, names(compatibility_notes))
  if (is.null(name) ||
    isTRUE(opposite_notes[name] %in% compatibility$notes)) {
    return(FALSE)
  }
  if (name %in% compatibility$notes) {
    return(TRUE)
  }
  note <- compatibility_notes[[name]]
  if (isFALSE(note$is_automatic)) {
    suggest_note(compatibility, name)
    return(FALSE)
  }
  compatibility$notes <- c(compatibility$notes, name)
  message(
    "The server rejected a request (", error$message, ") From now on, this ",
    "client ", note$description, ". Set `compatibility = \"", name, "\"` ",
    "in openai$new() to do so from the start."
  )
  TRUE
}

# Suggests, once, what might help.
suggest_note <- function(compatibility, name) {
  if (!name %in% compatibility$suggested) {
    compatibility$suggested <- c(compatibility$suggested, name)
    message(
      "`compatibility = \"", name, "\"` of openai$new() may help: it ",
      compatibility_notes[[name]]$description, "."
    )
  }
}
