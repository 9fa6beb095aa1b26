# Requests that a server wants otherwise than OpenAI does. A note says how; a
# client has those that the user named and those that it learned from errors.

# For each note what it does in words, whether it changes a body, what it makes
# of it, and whether an error asks for it (`told` is its message and its param).
compatibility_notes <- list(
  no_n = list(
    does = "leaves `n = 1` out",
    changes = function(body) {
      is.numeric(body[["n"]]) && identical(as.double(body[["n"]]), 1)
    },
    adapt = function(body) body[names(body) != "n"],
    asked = function(told) {
      identical(told$param, "n") || grepl(
        paste0(
          "[\"'`]n[\"'`]|\\bbody\\.n\\b|",
          "\\b(parameter|argument|property|field|input):? n\\b|",
          "\\bn (is not|must|is un)"
        ),
        told$message,
        perl = TRUE
      )
    }
  ),
  max_tokens = list(
    does = "sends `max_completion_tokens` as `max_tokens`",
    changes = function(body) "max_completion_tokens" %in% names(body),
    adapt = function(body) {
      renamed_field(body, "max_completion_tokens", "max_tokens")
    },
    asked = function(told) names_field(told, "max_completion_tokens")
  ),
  max_completion_tokens = list(
    does = "sends `max_tokens` as `max_completion_tokens`",
    changes = function(body) "max_tokens" %in% names(body),
    adapt = function(body) {
      renamed_field(body, "max_tokens", "max_completion_tokens")
    },
    asked = function(told) {
      names_field(told, "max_tokens") &&
        names_field(told, "max_completion_tokens")
    }
  ),
  empty_content = list(
    does = "sends \"\" where the content of a message is null",
    changes = function(body) any(lacks_content(body)),
    adapt = function(body) {
      lacking <- lacks_content(body)
      body$messages[lacking] <- lapply(body$messages[lacking], function(x) {
        x["content"] <- ""
        x
      })
      body
    },
    asked = function(told) {
      grepl("content", paste(told$param, told$message)) &&
        grepl("null|None|string|required|empty|missing", told$message)
    }
  )
)

names_field <- function(told, field) {
  identical(told$param, field) ||
    grepl(paste0("\\b", field, "\\b"), told$message)
}

renamed_field <- function(body, from, to) {
  names(body)[names(body) == from] <- to
  body
}

# For each message of a body whether its content is null, as beside calls of
# tools.
lacks_content <- function(body) {
  vapply(body[["messages"]], function(message) {
    is_plain_list(message) && is.null(message[["content"]])
  }, NA)
}

# The notes of a client, in an environment, so that its copies learn with it.
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
  kept
}

# A body as the server of a client wants it.
adapted_body <- function(body, compatibility) {
  if (!length(compatibility$notes)) {
    return(body)
  }
  for (note in compatibility_notes[compatibility$notes]) {
    if (note$changes(body)) body <- note$adapt(body)
  }
  body
}

# Whether an error teaches a client how its server wants a body. The user is
# told, once. `told` is the condition or the record of the error.
learns_from <- function(compatibility, told, body) {
  if (!isTRUE(told$status %in% c(400L, 422L)) || is.null(body)) {
    return(FALSE)
  }
  new <- setdiff(names(compatibility_notes), compatibility$notes)
  asked <- Find(function(name) {
    note <- compatibility_notes[[name]]
    note$changes(body) && note$asked(told)
  }, new)
  if (is.null(asked)) {
    return(FALSE)
  }
  # Two notes that undo each other would send a body to and fro.
  opposite <- c(
    max_tokens = "max_completion_tokens", max_completion_tokens = "max_tokens"
  )
  if (isTRUE(opposite[asked] %in% compatibility$notes)) {
    return(FALSE)
  }
  compatibility$notes <- c(compatibility$notes, asked)
  message(
    "The server refused a request (", told$message, ") From now on this ",
    "client ", compatibility_notes[[asked]]$does, "; `compatibility = \"",
    asked, "\"` of openai$new() does so from the start."
  )
  TRUE
}
