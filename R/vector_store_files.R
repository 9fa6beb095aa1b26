#' Add a file to a vector store
#'
#' @description
#' Adds a file to a vector store and waits until it can be searched. Available
#' as `client$vector_stores$files` of an [openai] client; for several files, use
#' [vector_stores_file_batches]. See
#' <https://platform.openai.com/docs/api-reference/vector-stores-files>.
#'
#' The methods have the names of openai-python. The single operations are in
#' [vector_stores_operations].
#'
#' @param vector_store_id Id of the vector store, one string.
#' @param file_id Id of an uploaded file, one string; see [files].
#' @param ... Additional fields of the file in the store, named as in the API
#'   reference: `attributes`, `chunking_strategy`.
#' @param timeout How long to wait for the file to be indexed, in seconds; by
#'   default `Inf`, no limit.
#' @param verbosity What to print during each call, 0 to 3.
#' @return The file of the store as a list, with its `id` and `status`:
#'   `"completed"`, `"failed"` or `"cancelled"`. A file that could not be
#'   indexed causes a warning of class `openai_indexing_warning` with the
#'   reason.
#' @section Errors:
#' A failed call signals an error, unless `on_error = "return"` was set. If the
#' file is not indexed within `timeout` seconds, an error of class
#' `openai_timeout_error` contains it as `file`; the server continues, and
#' `$poll()` waits again.
#' @seealso [vector_stores]
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' path <- tempfile(fileext = ".txt")
#' writeLines("The Rhine is 1,233 km long.", path)
#'
#' store <- client$vector_stores$create(name = "rivers")
#' client$vector_stores$files$upload_and_poll(store$id, path)$status
#' client$vector_stores$search(store$id, query = "Rhine")$data$filename
#' server$stop()
vector_stores_files <- R6::R6Class(
  "vector_stores_files",
  inherit = base_api,
  public = list(
    #' @description Upload a file, add it to a vector store, and wait until it
    #'   is indexed.
    #' @param file Path of the file, one string.
    upload_and_poll = function(vector_store_id, file, ..., timeout = Inf,
                               verbosity = 0) {
      check_timeout(timeout)
      uploaded <- private$operate(
        operations[["files.create"]], list(),
        list(file = file, purpose = "assistants"), verbosity
      )
      unless_failed(uploaded, function(uploaded) {
        self$create_and_poll(
          vector_store_id, uploaded$id, ...,
          timeout = timeout, verbosity = verbosity
        )
      })
    },

    #' @description Add an uploaded file to a vector store and wait until it is
    #'   indexed.
    create_and_poll = function(vector_store_id, file_id, ..., timeout = Inf,
                               verbosity = 0) {
      check_timeout(timeout)
      added <- self$create(
        vector_store_id, file_id, ...,
        verbosity = verbosity
      )
      unless_failed(added, function(added) {
        self$poll(vector_store_id, file_id, timeout, verbosity)
      })
    },

    #' @description Wait until a file of a vector store is indexed.
    poll = function(vector_store_id, file_id, timeout = Inf, verbosity = 0) {
      check_timeout(timeout)
      indexed <- wait_for(
        function() {
          self$retrieve(vector_store_id, file_id, verbosity = verbosity)
        },
        is_indexed, timeout, private$asynchronous,
        on_timeout = function(file) {
          abort_timeout(
            "file", file_id, file, timeout, "vector_stores$files",
            poll_method = "poll", cancel_method = "delete"
          )
        }
      )
      unless_failed(indexed, warn_not_indexed)
    }
  )
)

# Whether the server has finished indexing a file, or a batch of files.
is_indexed <- function(value) {
  !isTRUE(value$status == "in_progress")
}

# Applies `f` to the answer of a call, or to the answer it promises; the list of
# a failed call is unchanged.
unless_failed <- function(answer, f) {
  and_then(answer, function(answer) {
    if (isFALSE(answer$success)) answer else f(answer)
  })
}

warn_not_indexed <- function(file) {
  if (isTRUE(file$status %in% c("failed", "cancelled"))) {
    warn_openai(
      "indexing",
      "The file ", file$id, " cannot be searched; its status is \"",
      file$status, "\"",
      if (is_string(file$last_error$message)) {
        paste0(": ", file$last_error$message)
      } else {
        "."
      }
    )
  }
  file
}
