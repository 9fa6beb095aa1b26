# The errors of the Assistants API, with its messages.

# An error as from a server that responds with `status`.
abort_as_server <- function(status, ..., code = NULL, param = NULL) {
  stop(openai_condition(Filter(Negate(is.null), list(
    kind = "status",
    message = paste0(status_texts[[as.character(status)]], ". ", ...),
    status = as.integer(status), type = "invalid_request_error", code = code,
    param = param
  ))))
}

status_texts <- list(
  "400" = "HTTP 400 Bad Request", "404" = "HTTP 404 Not Found"
)

abort_unknown_object <- function(what, id) {
  abort_as_server(404, "No ", what, " found with id '", id, "'.")
}

# What cannot be emulated without the old API.
abort_not_emulated <- function(what, instead) {
  abort_argument(
    what, " is not possible since the Assistants API was shut down: ",
    instead, "."
  )
}

# Fails with the old error instead of one of responses or conversations, which
# refers to objects that the user does not know.
abort_as_before <- function(condition, ids) {
  text <- conditionMessage(condition)
  if (identical(condition$code, "conversation_locked")) {
    abort_as_server(
      400, "Thread ", ids$thread_id, " already has an active run."
    )
  }
  if (!inherits(condition, "openai_not_found_error")) {
    stop(condition)
  }
  mentions <- function(what) grepl(what, text, ignore.case = TRUE)
  if (!is.null(ids$message_id) &&
    (mentions("item") || mentions(ids$message_id))) {
    abort_unknown_object("message", ids$message_id)
  }
  if (!is.null(ids$run_id) && mentions("response")) {
    abort_unknown_object("run", ids$run_id)
  }
  if (!is.null(ids$thread_id) && mentions("conversation")) {
    abort_unknown_object("thread", ids$thread_id)
  }
  stop(condition)
}
