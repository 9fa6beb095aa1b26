# Values of the Assistants API as plain lists, in which objects are named lists
# and arrays unnamed lists, and its ids.

# A body as the API received it, as a plain list.
plain_body <- function(body) {
  unwrap(json_read(unwrap(json_write_body(body))))
}

empty_object <- function() {
  structure(list(), names = character())
}

# The JSON text of a plain list, as the API wrote it: these fields were written
# as fractions even if they were whole.
api_json <- function(plain) {
  gsub(
    "(\"(temperature|top_p|score_threshold)\":[0-9]+)([,}])", "\\1.0\\3",
    unwrap(json_write(plain))
  )
}

# The value of a call whose response is this plain list.
api_value <- function(plain) {
  unwrap(json_read_simplified(api_json(plain)))
}

now_in_seconds <- function() {
  as.integer(Sys.time())
}

# A thread is a conversation, and a run begins with a response: their ids are
# the same except for the prefix.
as_thread_id <- function(id) sub("^conv_", "thread_", id)

as_conversation_id <- function(id) sub("^thread_", "conv_", id)

as_run_id <- function(id) sub("^resp_", "run_", id)

as_response_id <- function(id) sub("^run_", "resp_", id)

# An id that is unique across sessions and does not use the user's random
# numbers: from the time, the process id and a counter.
new_assistant_id <- function() {
  made_ids$count <- (made_ids$count %||% 0L) + 1L
  time <- as.numeric(Sys.time())
  sprintf(
    "asst_%08x%06x%06x%04x", as.integer(time),
    as.integer((time %% 1) * 2^24), Sys.getpid() %% 2^24,
    made_ids$count %% 65536L
  )
}

made_ids <- new.env(parent = emptyenv())

# `old` with the fields of `new`, including those that are NULL.
with_fields <- function(old, new) {
  old[names(new)] <- new
  old
}

# The fields that are not NULL; an object if there are none.
filled_fields <- function(...) {
  fields <- Filter(Negate(is.null), list(...))
  if (length(fields)) fields else empty_object()
}

first_of <- function(x) x[[1]]

# Concatenates lists.
joined_lists <- function(lists) unlist(unname(lists), recursive = FALSE)
