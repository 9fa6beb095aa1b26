#' Create batches (version 0.3.0)
#'
#' @description
#' Processes a file of requests within a day, at half the price. Available as
#' `client$batch` of an [openai] client.
#'
#' A batch has an `id`, a `status` (`"validating"`, `"in_progress"`,
#' `"completed"`, `"failed"`, `"expired"`, `"cancelled"` and others), the counts
#' of its requests in `request_counts`, and at the end the ids of the result
#' files in `output_file_id` and `error_file_id`, which
#' `client$files$retrieve_content()` returns. `client$chat$map(engine =
#' "batch")` does all of this, see [batches]. See
#' <https://platform.openai.com/docs/api-reference/batch>.
#'
#' @param batch_id Id of the batch.
#' @template call
#' @template pages
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"batch_1","status":"validating"}')
#' batch <- client$batch$create("file-1", "/v1/chat/completions")
#'
#' server$reply(body = '{"id":"batch_1","status":"completed"}')
#' client$batch$retrieve(batch$id)$status
#' server$stop()
batch <- R6::R6Class(
  "batch",
  inherit = base_api,
  public = list(
    #' @description Create a batch.
    #' @param input_file_id Id of a file of requests as JSON lines, uploaded
    #'   with the purpose `"batch"`; see [files].
    #' @param endpoint Path to which all requests of the file are sent, such as
    #'   `"/v1/chat/completions"` or `"/v1/embeddings"`.
    #' @param completion_window Time within which the batch is processed; the
    #'   API only supports `"24h"`.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `metadata`.
    #' @return The batch as a list; if the call fails, a list with `success =
    #'   FALSE`, `message` and `type = "general"`.
    create = function(input_file_id, endpoint, completion_window = "24h", ...,
                      verbosity = 0) {
      private$operate_as_before(
        "batches.create", list(),
        list(
          ..., input_file_id = input_file_id, endpoint = endpoint,
          completion_window = completion_window
        ),
        verbosity
      )
    },

    #' @description List the batches.
    #' @param ... Query parameters, named as in the API reference: `limit` and
    #'   `after`.
    #' @return A list whose `data` is a data frame with one row per batch, and
    #'   whose `has_more` is whether there are more; if the call fails, a list
    #'   with `success = FALSE`, `message` and `type = "general"`.
    list = function(verbosity = 0, ..., pages = 1) {
      private$operate_as_before(
        "batches.list", list(), list(...), verbosity, pages = pages
      )
    },

    #' @description Get a batch.
    #' @return The batch as a list; if the call fails, a list with `success =
    #'   FALSE`, `message` and `type = "general"`.
    retrieve = function(batch_id, verbosity = 0) {
      private$operate_as_before(
        "batches.retrieve", list(batch_id = batch_id), verbosity = verbosity
      )
    },

    #' @description Wait for a batch: polls the server until it has finished. An
    #'   interrupt stops waiting, and the batch continues.
    #' @param timeout How long to wait, in seconds.
    #' @return The batch as a list, whatever its `status`; if the call fails, a
    #'   list with `success = FALSE`, `message` and `type = "general"`. If the
    #'   batch has not finished in time, this signals an error of class
    #'   `openai_timeout_error`, whose `batch` is its last state.
    wait = function(batch_id, timeout = Inf, verbosity = 0) {
      retrieve <- function() self$retrieve(batch_id, verbosity = verbosity)
      wait_for_batch(retrieve, batch_id, timeout, private$asynchronous)
    },

    #' @description Cancel a batch. Requests that were already answered are
    #'   kept.
    #' @return The batch as a list; if the call fails, a list with `success =
    #'   FALSE`, `message` and `type = "general"`.
    cancel = function(batch_id, verbosity = 0) {
      private$operate_as_before(
        "batches.cancel", list(batch_id = batch_id), verbosity = verbosity
      )
    }
  )
)
