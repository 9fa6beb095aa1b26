# Errors in R. A record is the plain list that the bridge creates for an error:
# kind, message, and the fields of the condition.

# The class for a status code.
status_classes <- c(
  "400" = "bad_request", "401" = "authentication", "403" = "permission",
  "404" = "not_found", "409" = "conflict", "422" = "unprocessable",
  "429" = "rate_limit"
)

# Converts a record to a condition, most specific class first.
openai_condition <- function(record, call = NULL) {
  structure(
    class = c(
      sprintf("openai_%s_error", error_kinds(record)),
      "openai_error", "error", "condition"
    ),
    c(
      list(message = record$message, call = call),
      record[setdiff(names(record), c("kind", "message"))]
    )
  )
}

# An error inside a stream has its own kind and that of streams.
error_kinds <- function(record) {
  specific <- if ("insufficient_quota" %in% c(record$code, record$type)) {
    "quota"
  } else if (is.null(record$status) || record$kind != "status") {
    NULL
  } else if (record$status >= 500) {
    "server"
  } else {
    unname(status_classes[as.character(record$status)])
  }
  unique(c(
    record$reason, specific[!is.na(specific)], record$kind,
    if (!is.null(record$events)) "stream"
  ))
}

# What a failed call returns: the three fields of 0.3.0, then the other fields
# of the record or condition.
failed_call <- function(record) {
  record <- unclass(record)
  known <- record[setdiff(names(record), c("kind", "message", "type", "call"))]
  c(
    list(success = FALSE, message = record$message, type = "general"),
    Filter(Negate(is.null), c(known, list(error_type = record$type)))
  )
}

# The condition of a stream that was closed before its answer was complete.
cancelled_condition <- function(summary) {
  openai_condition(list(
    kind = "cancelled", events = summary$events,
    request_id = summary$request_id, response_id = summary$response_id,
    message = "The stream was closed before its answer was complete."
  ))
}

interrupted_condition <- function() {
  openai_condition(list(
    kind = "cancelled", message = "The stream was interrupted."
  ))
}

# Signals an error because of an argument; nothing has been sent.
abort_argument <- function(...) {
  stop(openai_condition(list(kind = "argument", message = paste0(...))))
}

# Warns with the class `openai_<kind>_warning`.
warn_openai <- function(kind, ...) {
  warning(structure(
    class = c(sprintf("openai_%s_warning", kind), "warning", "condition"),
    list(message = paste0(...), call = NULL)
  ))
}

# Warns about a failed call whose value is returned, with all fields of the
# condition, unless an option turns it off. If R converts warnings to errors
# (`options(warn = 2)`), signals the condition itself.
warn_failed_call <- function(condition) {
  if (isFALSE(getOption("openaistream.failed_call_warning"))) {
    return(invisible())
  }
  failed_call_warning <- structure(
    unclass(condition),
    class = c("openai_failed_call_warning", "warning", "condition")
  )
  if (getOption("warn") < 2) {
    return(warning(failed_call_warning))
  }
  withRestarts(
    {
      signalCondition(failed_call_warning)
      stop(condition)
    },
    muffleWarning = function() invisible()
  )
}

# Warns that an answer differs from what the server sent.
warn_replaced <- function() {
  warn_openai(
    "text",
    "The answer contained bytes that are not UTF-8, or characters that R ",
    "cannot hold (NUL, half of a surrogate pair); U+FFFD replaces them."
  )
}

# The value of an outcome of the bridge, passed to `succeeded`. Invalid
# arguments signal an error; other errors go to `failed`. An interrupt is raised
# as R's own, after `cancelled`.
unwrap <- function(outcome, failed = function(record) {
                     stop(openai_condition(record))
                   }, cancelled = NULL, succeeded = identity) {
  if (!is.null(outcome$interrupted)) {
    if (!is.null(cancelled)) {
      cancelled()
    }
    .Call("interrupt_raise", PACKAGE = "openaistream")
  }
  if (is.null(outcome$error)) {
    succeeded(outcome$ok)
  } else if (outcome$error$kind == "argument") {
    stop(openai_condition(outcome$error))
  } else {
    failed(outcome$error)
  }
}
