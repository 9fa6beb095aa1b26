#' Create vector stores
#'
#' @description
#' A vector store splits and indexes uploaded files, so that models can search
#' them. Available as `client$vector_stores` of an [openai] client.
#'
#' A vector store has an `id`, a `name`, a `status` (`"in_progress"`,
#' `"completed"`, `"expired"`) and counts of its files in `file_counts`. Files
#' are added one by one or as a batch; both are processed in the background, and
#' their `status` shows the progress. See
#' <https://platform.openai.com/docs/api-reference/vector-stores>.
#'
#' @param vector_store_id Id of the vector store.
#' @param file_id Id of the file; see [files].
#' @param batch_id Id of the batch of files.
#' @template call
#' @template pages
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"vs_1","object":"vector_store","name":"FAQ"}')
#' store <- client$vector_stores$create(name = "FAQ")
#'
#' server$reply(body = '{"id":"file-1","status":"in_progress"}')
#' client$vector_stores$file_create(store$id, "file-1")$status
#' server$stop()
vector_stores <- R6::R6Class(
  "vector_stores",
  inherit = assistants_api,
  public = list(
    #' @description Create a vector store.
    #' @param ... Fields of the request body, named as in the API reference,
    #'   such as `name`, `file_ids`, `expires_after` or `metadata`.
    #' @return The vector store as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    create = function(..., verbosity = 0) {
      private$operate_as_before(
        "vector_stores.create", list(), list(...), verbosity
      )
    },

    #' @description Get a vector store.
    #' @return The vector store as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(vector_store_id, verbosity = 0) {
      private$operate_as_before(
        "vector_stores.retrieve", list(vector_store_id = vector_store_id),
        verbosity = verbosity
      )
    },

    #' @description Change a vector store.
    #' @param ... The fields to change, named as in the API reference: `name`,
    #'   `expires_after`, `metadata`.
    #' @return The vector store as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    modify = function(vector_store_id, ..., verbosity = 0) {
      private$operate_as_before(
        "vector_stores.update", list(vector_store_id = vector_store_id),
        list(...), verbosity
      )
    },

    #' @description Delete a vector store. Its files are kept.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    delete = function(vector_store_id, verbosity = 0) {
      private$operate_as_before(
        "vector_stores.delete", list(vector_store_id = vector_store_id),
        verbosity = verbosity
      )
    },

    #' @description List the vector stores.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`.
    #' @return A list whose `data` is a data frame with one row per vector
    #'   store, and whose `has_more` is whether there are more. A failed call
    #'   returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    list = function(..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "vector_stores.list", list(), list(...), verbosity, pages = pages
      )
    },

    #' @description Add a file to a vector store.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `attributes` or `chunking_strategy`.
    #' @return The file as a list, with its `status` in the store. A failed call
    #'   returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    file_create = function(vector_store_id, file_id, verbosity = 0, ...) {
      private$operate_as_before(
        "vector_stores.files.create", list(vector_store_id = vector_store_id),
        list(..., file_id = file_id), verbosity
      )
    },

    #' @description Get a file of a vector store.
    #' @return The file as a list, with its `status` in the store. A failed call
    #'   returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    file_retrieve = function(vector_store_id, file_id, verbosity = 0) {
      private$operate_as_before(
        "vector_stores.files.retrieve",
        list(vector_store_id = vector_store_id, file_id = file_id),
        verbosity = verbosity
      )
    },

    #' @description List the files of a vector store.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`, `filter`.
    #' @return A list whose `data` is a data frame with one row per file, and
    #'   whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    file_list = function(vector_store_id, ..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "vector_stores.files.list", list(vector_store_id = vector_store_id),
        list(...), verbosity, pages = pages
      )
    },

    #' @description Remove a file from a vector store. The file itself is kept.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    file_delete = function(vector_store_id, file_id, verbosity = 0) {
      private$operate_as_before(
        "vector_stores.files.delete",
        list(vector_store_id = vector_store_id, file_id = file_id),
        verbosity = verbosity
      )
    },

    #' @description Add several files to a vector store as a batch.
    #' @param file_ids Ids of the files, as a character vector or a list.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `attributes` or `chunking_strategy`.
    #' @return The batch as a list, with its `id`, `status` and `file_counts`. A
    #'   failed call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    file_batche_create = function(vector_store_id, file_ids, ...,
                                  verbosity = 0) {
      private$operate_as_before(
        "vector_stores.file_batches.create",
        list(vector_store_id = vector_store_id), list(..., file_ids = file_ids),
        verbosity
      )
    },

    #' @description Get a batch of files.
    #' @return The batch as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    file_batche_retrieve = function(vector_store_id, batch_id, verbosity = 0) {
      private$operate_as_before(
        "vector_stores.file_batches.retrieve",
        list(vector_store_id = vector_store_id, batch_id = batch_id),
        verbosity = verbosity
      )
    },

    #' @description List the files of a batch.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`, `filter`.
    #' @return A list whose `data` is a data frame with one row per file, and
    #'   whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    file_batche_list = function(vector_store_id, batch_id, ...,
                                verbosity = 0, pages = 1) {
      private$operate_as_before(
        "vector_stores.file_batches.list_files",
        list(vector_store_id = vector_store_id, batch_id = batch_id), list(...),
        verbosity, pages = pages
      )
    },

    #' @description Cancel a batch of files. Files that were already added are
    #'   kept.
    #' @return The batch as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    file_batche_cancel = function(vector_store_id, batch_id, verbosity = 0) {
      private$operate_as_before(
        "vector_stores.file_batches.cancel",
        list(vector_store_id = vector_store_id, batch_id = batch_id),
        verbosity = verbosity
      )
    }
  )
)
