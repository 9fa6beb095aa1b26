#' Add several files to a vector store
#'
#' @description
#' Adds several files to a vector store in one request and waits until they can
#' be searched. Available as `client$vector_stores$file_batches` of an [openai]
#' client; for a single file, use [vector_stores_files]. See
#' <https://platform.openai.com/docs/api-reference/vector-stores-file-batches>.
#'
#' The methods have the names of openai-python. The single operations are in
#' [vector_stores_operations].
#'
#' @param vector_store_id Id of the vector store, one string.
#' @param file_ids Ids of uploaded files, a character vector or a list; see
#'   [files].
#' @param ... Additional fields of the batch, named as in the API reference:
#'   `attributes`, `chunking_strategy`.
#' @param timeout How long to wait for the files to be indexed, in seconds; by
#'   default `Inf`, no limit.
#' @param verbosity What to print during each call, 0 to 3.
#' @return The batch as a list, with its `id`, its `status`, and in
#'   `file_counts` how many of its files are `completed` and `failed`. Files
#'   that could not be indexed cause a warning of class
#'   `openai_indexing_warning`.
#' @section Errors:
#' A failed call signals an error, unless `on_error = "return"` was set. If the
#' files are not indexed within `timeout` seconds, an error of class
#' `openai_timeout_error` contains the batch as `batch`; the server continues,
#' and `$poll()` waits again.
#' @seealso [vector_stores]
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' paths <- file.path(tempdir(), c("rhine.txt", "elbe.txt"))
#' writeLines("The Rhine is 1,233 km long.", paths[[1]])
#' writeLines("The Elbe is 1,094 km long.", paths[[2]])
#'
#' store <- client$vector_stores$create(name = "rivers")
#' batch <- client$vector_stores$file_batches$upload_and_poll(store$id, paths)
#' batch$file_counts$completed
#' server$stop()
vector_stores_file_batches <- R6::R6Class(
  "vector_stores_file_batches",
  inherit = base_api,
  public = list(
    #' @description Upload files in parallel, add them to a vector store, and
    #'   wait until they are indexed. The first failed upload cancels the
    #'   others.
    #' @param files Paths of the files, a character vector.
    #' @param max_active Maximum number of uploads in parallel, 5 by default.
    #' @param progress Whether to show a progress bar, as for `$parallel()` of
    #'   [openai].
    upload_and_poll = function(vector_store_id, files, ..., file_ids = NULL,
                               max_active = 5, progress = NULL, timeout = Inf,
                               verbosity = 0) {
      check_timeout(timeout)
      settings <- parallel_settings(
        max_active, NULL, NULL, "stop", NULL, progress, 120
      )
      uploads <- lapply(check_paths(files), function(path) {
        api_request("POST", "files", form = list(
          purpose = "assistants", file = request_file(path)
        ))
      })
      uploaded <- run_parallel(
        private$config, uploads, settings,
        call = private$user_call(), asynchronous = private$asynchronous
      )
      and_then(uploaded, function(uploaded) {
        ids <- vapply(uploaded, `[[`, "", "id", USE.NAMES = FALSE)
        self$create_and_poll(
          vector_store_id, c(as.list(file_ids), as.list(ids)), ...,
          timeout = timeout, verbosity = verbosity
        )
      })
    },

    #' @description Add uploaded files to a vector store and wait until they are
    #'   indexed.
    create_and_poll = function(vector_store_id, file_ids, ..., timeout = Inf,
                               verbosity = 0) {
      check_timeout(timeout)
      batch <- self$create(
        vector_store_id,
        file_ids = as.list(file_ids), ..., verbosity = verbosity
      )
      unless_failed(batch, function(batch) {
        self$poll(vector_store_id, batch$id, timeout, verbosity)
      })
    },

    #' @description Wait until the files of a batch are indexed.
    #' @param batch_id Id of the batch, one string.
    poll = function(vector_store_id, batch_id, timeout = Inf, verbosity = 0) {
      check_timeout(timeout)
      batch <- wait_for(
        function() {
          self$retrieve(vector_store_id, batch_id, verbosity = verbosity)
        },
        is_indexed, timeout, private$asynchronous,
        on_timeout = function(batch) {
          abort_timeout(
            "batch", batch_id, batch, timeout, "vector_stores$file_batches",
            poll_method = "poll"
          )
        }
      )
      unless_failed(batch, warn_files_not_indexed)
    }
  )
)

# The paths of the files to upload, one or more.
check_paths <- function(files) {
  paths <- as_paths(files)
  if (!is.character(paths) || length(paths) == 0L) {
    abort_argument(
      "`files` must be the paths of files, not ", describe(files), "."
    )
  }
  paths
}

warn_files_not_indexed <- function(batch) {
  counts <- batch$file_counts
  lost <- sum(unlist(counts[c("failed", "cancelled")]))
  if (lost > 0) {
    warn_openai(
      "indexing",
      lost, " of ", counts$total, " files cannot be searched; ",
      "client$vector_stores$file_batches$list_files(\"",
      batch$vector_store_id, "\", \"", batch$id,
      "\", filter = \"failed\") lists the reasons."
    )
  }
  batch
}
