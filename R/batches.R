#' Wait for batches
#'
#' @description
#' A batch is a file of requests that the server processes within a day at half
#' the price. Available as `client$batches` of an [openai] client. See
#' <https://platform.openai.com/docs/guides/batch>.
#'
#' `$map()` of [chat] and [responses], and `$create()` of [embeddings], create
#' and collect batches themselves with `engine = "batch"`. The single operations
#' are in [batches_operations].
#'
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' path <- tempfile(fileext = ".jsonl")
#' writeLines(paste0(
#'   '{"custom_id":"1","method":"POST","url":"/v1/embeddings",',
#'   '"body":{"model":"text-embedding-3-small","input":"the sun"}}'
#' ), path)
#' file <- client$files$upload(path, purpose = "batch")
#' batch <- client$batches$create(
#'   input_file_id = file$id, endpoint = "/v1/embeddings",
#'   completion_window = "24h"
#' )
#' batch <- client$batches$wait(batch$id)
#' batch$request_counts$completed
#' client$files$download(batch$output_file_id, path)
#' server$stop()
batches <- R6::R6Class(
  "batches",
  inherit = base_api,
  public = list(
    #' @description Wait for a batch: polls the server until it has finished. An
    #'   interrupt stops waiting, and the batch continues.
    #' @param batch_id Id of the batch.
    #' @param timeout How long to wait, in seconds.
    #' @param verbosity What to print during the calls, 0 to 3.
    #' @return The batch as a list, whatever its `status`: `"completed"`,
    #'   `"failed"`, `"expired"` or `"cancelled"`. If it has not finished in
    #'   time, this signals an error of class `openai_timeout_error`, whose
    #'   `batch` is its last state.
    wait = function(batch_id, timeout = Inf, verbosity = 0) {
      retrieve <- function() self$retrieve(batch_id, verbosity = verbosity)
      wait_for_batch(retrieve, batch_id, timeout, private$asynchronous)
    }
  )
)

# Polls with `retrieve()` until a batch has finished.
wait_for_batch <- function(retrieve, batch_id, timeout, asynchronous) {
  check_timeout(timeout)
  wait_for(
    retrieve, is_batch_finished, timeout, asynchronous,
    on_timeout = function(batch) {
      abort_timeout("batch", batch_id, batch, timeout, "batches")
    },
    max_pause = max_batch_pause
  )
}

# A batch may take a day.
max_batch_pause <- 30

is_batch_finished <- function(batch) {
  isTRUE(batch$status %in% c("completed", "failed", "expired", "cancelled"))
}
