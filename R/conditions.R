# Errors as R sees them. A record is the plain list that the bridge makes of an
# error: kind, message, status, type, code, param, request_id.

# The condition of a record, most specific class first.
openai_condition <- function(record, call = NULL) {
  fields <- record[setdiff(names(record), c("kind", "message"))]
  structure(
    class = c(
      paste0("openai_", record$kind, "_error"),
      "openai_error", "error", "condition"
    ),
    c(list(message = record$message, call = call), fields)
  )
}

# What a failed call returns: the three fields of 0.3.0, then what is known.
failed_call <- function(record) {
  known <- record[c("status", "code", "param", "request_id")]
  c(
    list(success = FALSE, message = record$message, type = "general"),
    Filter(Negate(is.null), known)
  )
}

# Stops because of an argument; nothing has been sent.
abort_argument <- function(...) {
  stop(openai_condition(list(kind = "argument", message = paste0(...))))
}

# The value of an outcome of the bridge. Mistakes in arguments stop; other
# errors go to `failed`. An interrupt is raised as R's own, after `cancelled`.
unwrap <- function(outcome, failed = function(record) {
                     stop(openai_condition(record))
                   }, cancelled = NULL) {
  if (!is.null(outcome$interrupted)) {
    if (!is.null(cancelled)) {
      cancelled()
    }
    .Call("interrupt_raise", PACKAGE = "openaistream")
  }
  if (is.null(outcome$error)) {
    outcome$ok
  } else if (outcome$error$kind == "argument") {
    stop(openai_condition(outcome$error))
  } else {
    failed(outcome$error)
  }
}
