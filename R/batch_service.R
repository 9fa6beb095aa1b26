# The API calls that batches need.

# Functions that return values, or promises of them; failures signal errors.
batch_service <- function(config, asynchronous) {
  settings <- function(...) {
    config$clone()$set_options(call_options(on_error = "stop", ...))
  }
  # A file of 200 MB may take longer than other calls.
  without_timeouts <- settings(timeouts = c(first_byte = Inf, total = Inf))
  # A batch must not be created twice if the response to the first request was
  # lost.
  without_retries <- settings(max_retries = 0)
  method <- function(resource, name) {
    .subset2(resource, if (asynchronous) paste0(name, "_async") else name)
  }
  files_resource <- files$new(without_timeouts)
  batches_resource <- batches$new(settings())
  list(
    asynchronous = asynchronous,
    upload = function(path) {
      method(files_resource, "upload")(path, purpose = "batch")
    },
    download = method(files_resource, "download"),
    create = method(batches$new(without_retries), "create"),
    retrieve = method(batches_resource, "retrieve"),
    # The ids of all batches, and of all files of batches, by the names that
    # this package assigned.
    batches_by_name = function() {
      pages <- method(batches_resource, "list")(limit = 100, pages = Inf)
      and_then(pages, function(page) {
        metadata <- page$data$metadata
        names <- if (is.data.frame(metadata)) metadata[[batch_name_field]]
        ids_by_name(page$data$id, names)
      })
    },
    files_by_name = function() {
      pages <- method(files_resource, "list")(purpose = "batch", pages = Inf)
      and_then(pages, function(page) {
        ids_by_name(page$data$id, sub("[.]jsonl$", "", page$data$filename))
      })
    },
    pause = function(seconds) pause_for(seconds, asynchronous)
  )
}

# The metadata field with the name of a batch.
batch_name_field <- "openaistream"

# A list of ids by name.
ids_by_name <- function(ids, names) {
  is_named <- !is.na(names)
  structure(as.list(ids[is_named]), names = names[is_named])
}

# Whether the same call may succeed later.
is_transient <- function(condition) {
  inherits(condition, c(
    "openai_connection_error", "openai_timeout_error", "openai_server_error",
    "openai_rate_limit_error"
  ))
}
