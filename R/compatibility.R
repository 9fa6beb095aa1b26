# Adapts requests to servers that differ from OpenAI. Each difference is a note;
# a client has the notes that the user named and those it detected from errors.

# For each note a description (`does`), whether it would change a body, how it
# adapts one, and whether an error calls for it (`told` is the message and param
# of the error). A note that would lose something that was requested is not
# applied automatically but suggested (`is_learned`). Notes that may change
# messages are marked (`in_messages`), and those about their roles (`of_roles`).
# Notes are applied in this order.
compatibility_notes <- list(
  no_n = list(
    does = "omits `n = 1`",
    changes = function(body) {
      is.numeric(body[["n"]]) && identical(as.double(body[["n"]]), 1)
    },
    adapt = function(body) without_field(body, "n"),
    asked = function(told, body) refuses_field(told, "n")
  ),
  max_tokens = list(
    does = "sends `max_completion_tokens` as `max_tokens`",
    changes = function(body) {
      "max_completion_tokens" %in% names(body) &&
        !"max_tokens" %in% names(body)
    },
    adapt = function(body) {
      renamed_field(body, "max_completion_tokens", "max_tokens")
    },
    asked = function(told, body) refuses_field(told, "max_completion_tokens")
  ),
  max_completion_tokens = list(
    does = "sends `max_tokens` as `max_completion_tokens`",
    changes = function(body) {
      "max_tokens" %in% names(body) &&
        !"max_completion_tokens" %in% names(body)
    },
    adapt = function(body) {
      renamed_field(body, "max_tokens", "max_completion_tokens")
    },
    asked = function(told, body) {
      refuses_field(told, "max_tokens") &&
        names_field(told$message, "max_completion_tokens")
    }
  ),
  empty_content = list(
    does = "sends \"\" if the content of a message is null",
    changes = function(body) any(lacks_content(body)),
    adapt = function(body) {
      lacking <- lacks_content(body)
      body$messages[lacking] <- lapply(body$messages[lacking], function(x) {
        x["content"] <- ""
        x
      })
      body
    },
    asked = function(told, body) {
      grepl("content", paste(told$param, told$message)) &&
        grepl("null|None|string|required|empty|missing", told$message)
    },
    in_messages = TRUE
  ),
  system_role = list(
    does = "sends messages with the role \"developer\" as \"system\"",
    changes = function(body) any(is_of_developer(body)),
    adapt = function(body) {
      of_developer <- is_of_developer(body)
      body$messages[of_developer] <- lapply(
        body$messages[of_developer], function(message) {
          message[["role"]] <- "system"
          message
        }
      )
      body
    },
    asked = function(told, body) refuses_developer(told),
    in_messages = TRUE,
    of_roles = TRUE
  ),
  plain_messages = list(
    does = paste(
      "sends only the role, content, name and tool calls of each message"
    ),
    changes = function(body) length(further_members(body)) > 0L,
    adapt = function(body) {
      body$messages <- lapply(body$messages, function(message) {
        if (is_plain_list(message)) {
          message <- message[names(message) %in% message_members]
        }
        message
      })
      body
    },
    asked = function(told, body) {
      grepl("message", told$message) && any(vapply(
        further_members(body), function(name) refuses_field(told, name), NA
      ))
    },
    in_messages = TRUE
  ),
  no_stream_options = list(
    does = paste(
      "omits `stream_options`, so streams may not report their usage"
    ),
    changes = function(body) "stream_options" %in% names(body),
    adapt = function(body) without_field(body, "stream_options"),
    asked = function(told, body) refuses_field(told, "stream_options")
  ),
  no_strict = list(
    does = "omits `strict` in tools and schemas",
    changes = function(body) !identical(without_strict(body), body),
    adapt = function(body) without_strict(body),
    asked = function(told, body) refuses_field(told, "strict")
  ),
  no_store = list(
    does = "omits `store = FALSE`",
    changes = function(body) isFALSE(body[["store"]]),
    adapt = function(body) without_field(body, "store"),
    asked = function(told, body) refuses_field(told, "store")
  ),
  no_parallel_tool_calls = list(
    does = "omits `parallel_tool_calls = TRUE`",
    changes = function(body) isTRUE(body[["parallel_tool_calls"]]),
    adapt = function(body) without_field(body, "parallel_tool_calls"),
    asked = function(told, body) refuses_field(told, "parallel_tool_calls")
  ),
  json_object = list(
    does = paste(
      "requests JSON with `response_format = \"json_object\"`, and describes",
      "the schema in a message"
    ),
    changes = function(body) {
      is.list(body[["response_format"]]) &&
        identical(body[["response_format"]][["type"]], "json_schema")
    },
    adapt = function(body) with_described_schema(body),
    asked = function(told, body) refuses_schema(told),
    is_learned = FALSE,
    in_messages = TRUE
  ),
  joined_messages = list(
    does = "joins consecutive messages of the same role",
    changes = function(body) any(continues(body[["messages"]])),
    adapt = function(body) {
      body$messages <- joined(body$messages, continues(body$messages))
      body
    },
    asked = function(told, body) wants_turns(told),
    in_messages = TRUE,
    of_roles = TRUE
  ),
  no_system_role = list(
    does = "sends system messages at the start of the next user message",
    changes = function(body) any(is_of_system(body[["messages"]])),
    adapt = function(body) {
      body$messages <- with_system_as_user(body$messages)
      body
    },
    # Templates without the role expect the user first.
    asked = function(told, body) refuses_system(told) || wants_turns(told),
    in_messages = TRUE,
    of_roles = TRUE
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
  kept <- new.env(parent = emptyenv())
  kept$notes <- unique(as.character(notes))
  kept$hinted <- character()
  kept
}

# Adapts a body to the server of a client.
adapted_body <- function(body, compatibility) {
  if (!length(compatibility$notes)) {
    return(body)
  }
  chosen <- names(compatibility_notes) %in% compatibility$notes
  for (note in compatibility_notes[chosen]) {
    if (note$changes(body)) body <- note$adapt(body)
  }
  body
}

# Whether the messages of bodies may differ for the server of a client.
adapts_messages <- function(compatibility) {
  notes <- compatibility_notes[compatibility$notes]
  any(vapply(notes, function(note) isTRUE(note$in_messages), NA))
}

# Whether another request may succeed because an error reveals what the server
# needs. If so, the client uses it from then on and prints a message, once.
# `told` is the condition or the record of the error, `body` the body as it was
# sent: before the client learned the same from another request, perhaps.
learns_from <- function(compatibility, told, body) {
  if (!is_refusal(told) || is.null(body)) {
    return(FALSE)
  }
  asked <- Find(function(name) {
    note <- compatibility_notes[[name]]
    # Servers fail with status 500 if the template of a model refuses a role.
    (told$status != 500L || isTRUE(note$of_roles)) &&
      note$changes(body) && note$asked(told, body)
  }, names(compatibility_notes))
  if (is.null(asked) ||
    isTRUE(opposite_notes[asked] %in% compatibility$notes)) {
    return(FALSE)
  }
  if (asked %in% compatibility$notes) {
    return(TRUE)
  }
  note <- compatibility_notes[[asked]]
  if (isFALSE(note$is_learned)) {
    hint_at(compatibility, asked)
    return(FALSE)
  }
  compatibility$notes <- c(compatibility$notes, asked)
  message(
    "The server rejected a request (", told$message, ") From now on, this ",
    "client ", note$does, ". Set `compatibility = \"", asked, "\"` in ",
    "openai$new() to do so from the start."
  )
  TRUE
}

# Suggests, once, what might help.
hint_at <- function(compatibility, name) {
  if (!name %in% compatibility$hinted) {
    compatibility$hinted <- c(compatibility$hinted, name)
    message(
      "`compatibility = \"", name, "\"` of openai$new() may help: it ",
      compatibility_notes[[name]]$does, "."
    )
  }
}
