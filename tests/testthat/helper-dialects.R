# The recordings of tests/dialects: what servers of many kinds send, and the
# values or errors that must result.

dialect_files <- function() {
  dir(test_path("..", "dialects"), pattern = "[.]json$", full.names = TRUE)
}

# The recordings of a file, each with its place for error messages.
recordings <- function(path) {
  file <- jsonlite::fromJSON(path, simplifyVector = FALSE)
  lapply(file$recordings, function(recording) {
    recording$place <- paste0(basename(path), ": ", recording$name)
    recording
  })
}

as_json <- function(value) {
  if (is.null(value)) {
    "null"
  } else {
    unclass(jsonlite::toJSON(
      value,
      auto_unbox = TRUE, null = "null", digits = NA
    ))
  }
}

recorded_pieces <- function(recording) {
  if ("body" %in% names(recording)) {
    as_json(recording$body)
  } else if (!is.null(recording$pieces)) {
    unlist(recording$pieces)
  } else {
    vapply(recording$events, function(event) {
      data <- if (is.character(event)) event else as_json(event)
      paste0("data: ", data, "\n\n")
    }, "")
  }
}

# A server that answers with a recording `times` times.
recorded_server <- function(recording, times = 1, env = parent.frame()) {
  server <- test_server(env = env)
  type <- if (recording$call == "stream") "text/event-stream"
  type <- recording$content_type %||% type %||% "application/json"
  pieces <- recorded_pieces(recording)
  whole <- if (recording$call != "stream") paste(pieces, collapse = "")
  server$reply(
    status = recording$status %||% 200,
    headers = c(unlist(recording$headers), "Content-Type" = type),
    body = whole, chunks = if (is.null(whole)) pieces, times = times
  )
  server
}

# The result of a chat in the format of the recordings.
recorded_chat <- function(answer) {
  calls <- answer$vres$message$tool_calls
  calls <- if (is.list(calls) && length(calls)) calls[[1]]
  list(
    text = answer$text,
    tool_calls = if (is.data.frame(calls) && nrow(calls)) {
      lapply(seq_len(nrow(calls)), function(row) {
        list(
          id = calls$id[row] %||% "",
          name = calls$`function`$name[row],
          arguments = calls$`function`$arguments[row]
        )
      })
    }
  )
}

# How the outcome of a call (a value or a condition) differs from a recording:
# a string, or NULL if it does not.
recorded_problems <- function(gives, outcome, place) {
  problem <- if (inherits(outcome, "error") && is.null(gives$error)) {
    conditionMessage(outcome)
  } else if (is.null(gives$error)) {
    value_problems(gives, outcome)
  } else if (!inherits(outcome, "error")) {
    "no error"
  } else {
    error_problems(gives, outcome)
  }
  if (length(problem)) paste0(place, ": ", paste(problem, collapse = "; "))
}

value_problems <- function(gives, value) {
  wanted <- function(name) gives[[name]]
  unlist(c(
    if ("text" %in% names(gives) && !is.null(value$text)) {
      texts <- vapply(wanted("text"), function(x) x %||% "", "")
      actual <- ifelse(is.na(value$text), "", value$text)
      if (!identical(texts, actual)) paste("text is", as_json(actual))
    },
    if ("tool_calls" %in% names(gives)) {
      if (!identical(value$tool_calls, wanted("tool_calls"))) {
        paste("tool calls are", as_json(value$tool_calls))
      }
    },
    lapply(
      intersect(
        c("vectors", "numbers", "ids", "images", "transcript", "bytes"),
        intersect(names(gives), names(value))
      ),
      function(name) {
        if (!isTRUE(all.equal(unlist(wanted(name)), unlist(value[[name]])))) {
          paste(name, "is", as_json(value[[name]]))
        }
      }
    ),
    lapply(names(gives$fields), function(name) {
      if (!identical(value$fields[[name]], gives$fields[[name]])) {
        paste("field", name, "is", as_json(value$fields[[name]]))
      }
    })
  ))
}

error_problems <- function(gives, condition) {
  expected <- gives$error
  unlist(c(
    if (!inherits(condition, sprintf("openai_%s_error", expected$kind))) {
      paste("class is", class(condition)[[1]], conditionMessage(condition))
    },
    if (!grepl(expected$message, conditionMessage(condition), fixed = TRUE)) {
      paste("message is", conditionMessage(condition))
    },
    lapply(
      intersect(c("status", "code", "type"), names(expected)),
      function(name) {
        actual <- as.character(condition[[name]])
        if (!identical(actual, as.character(expected[[name]]))) {
          paste(name, "is", as_json(condition[[name]]))
        }
      }
    ),
    if (is.character(gives$partial) &&
      !identical(condition$text, gives$partial)) {
      paste("partial text is", condition$text)
    },
    if (!is.null(gives$retry_after) &&
      !isTRUE(all.equal(condition$retry_after, gives$retry_after + 0))) {
      paste("retry_after is", condition$retry_after)
    }
  ))
}
