# What notes of compatibility look for in bodies, and how they change them.

without_field <- function(body, name) {
  body[names(body) != name]
}

rename_field <- function(body, from, to) {
  names(body)[names(body) == from] <- to
  body
}

# For each message of a body whether its content is null, as in messages with
# tool calls.
is_without_content <- function(body) {
  vapply(body[["messages"]], function(message) {
    is_plain_list(message) && is.null(message[["content"]])
  }, NA)
}

has_developer_role <- function(body) {
  vapply(body[["messages"]], function(message) {
    is_plain_list(message) && identical(message[["role"]], "developer")
  }, NA)
}

# The fields of a message that all servers support.
common_message_fields <- c(
  "role", "content", "name", "tool_calls", "tool_call_id"
)

# The names of the fields of messages that some servers do not support, such as
# `refusal` and reasoning.
extra_message_fields <- function(body) {
  names <- unlist(lapply(body[["messages"]], function(message) {
    if (is_plain_list(message)) names(message)
  }))
  setdiff(names, common_message_fields)
}

# Tools and a schema without their `strict`, where chat completions and
# responses have it.
without_strict <- function(body) {
  if (is_plain_list(body[["tools"]])) {
    body[["tools"]] <- lapply(body[["tools"]], function(tool) {
      if (is_plain_list(tool)) {
        tool[["strict"]] <- NULL
        if (is_plain_list(tool[["function"]])) {
          tool[["function"]][["strict"]] <- NULL
        }
      }
      tool
    })
  }
  format <- body[["response_format"]]
  if (is_plain_list(format) && is_plain_list(format[["json_schema"]])) {
    body[["response_format"]][["json_schema"]][["strict"]] <- NULL
  }
  if (is_plain_list(body[["text"]]) &&
    is_plain_list(body[["text"]][["format"]])) {
    body[["text"]][["format"]][["strict"]] <- NULL
  }
  body
}

# Requests any JSON object, and describes the schema to the model in a message.
describe_schema_in_message <- function(body) {
  schema <- body[["response_format"]][["json_schema"]][["schema"]]
  instruction <- paste(
    "Answer with nothing but one JSON object that fits this JSON Schema:",
    unwrap(json_write(schema))
  )
  body[["response_format"]] <- list(type = "json_object")
  messages <- body[["messages"]]
  is_first_system <- length(messages) &&
    isTRUE(messages[[1]][["role"]] %in% c("system", "developer")) &&
    is_string(messages[[1]][["content"]])
  if (is_first_system) {
    messages[[1]][["content"]] <- paste(
      messages[[1]][["content"]], instruction,
      sep = "\n\n"
    )
  } else {
    messages <- c(list(list(role = "system", content = instruction)), messages)
  }
  body[["messages"]] <- messages
  body
}

system_roles <- c("system", "developer")

has_system_role <- function(messages) {
  vapply(messages, function(message) {
    is_plain_list(message) && isTRUE(message[["role"]] %in% system_roles)
  }, NA)
}

# For each message whether it can be joined to the one before it: both have the
# same role and name, and contents but no tool calls.
can_join_previous <- function(messages) {
  are_joinable <- function(before, after) {
    is_joinable(before) && is_joinable(after) &&
      identical(before[["role"]], after[["role"]]) &&
      identical(before[["name"]], after[["name"]])
  }
  if (length(messages) < 2L) {
    return(logical(length(messages)))
  }
  c(FALSE, mapply(are_joinable, messages[-length(messages)], messages[-1]))
}

is_joinable <- function(message) {
  is_plain_list(message) && is_string(message[["role"]]) &&
    message[["role"]] != "tool" && !is.null(message[["content"]]) &&
    length(message[["tool_calls"]]) == 0L
}

# Joins each of these messages to the one before it.
join_messages <- function(messages, is_joined) {
  unname(lapply(split(messages, cumsum(!is_joined)), function(group) {
    message <- group[[1]]
    message[["content"]] <- Reduce(
      join_contents, lapply(group, `[[`, "content")
    )
    message
  }))
}

# Two contents, texts or lists of parts, as one.
join_contents <- function(first, second) {
  if (is_string(first) && is_string(second)) {
    return(paste(first, second, sep = "\n\n"))
  }
  c(content_parts(first), content_parts(second))
}

content_parts <- function(content) {
  if (is_string(content)) list(list(type = "text", text = content)) else content
}

# System messages become the start of the user message after them.
convert_system_to_user <- function(messages) {
  was_system <- has_system_role(messages)
  messages[was_system] <- lapply(messages[was_system], function(message) {
    message[["role"]] <- "user"
    message
  })
  follows_system <- c(FALSE, was_system[-length(was_system)])
  join_messages(messages, follows_system & can_join_previous(messages))
}
