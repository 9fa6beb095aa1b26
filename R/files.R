#' Upload and download files
#'
#' @description
#' Stores files on the server, for use in other calls by their id: training
#' data, input and output of batches, documents of a vector store. Available as
#' `client$files` of an [openai] client.
#'
#' A file has an `id`, a size in `bytes`, a creation time `created_at` (seconds
#' since 1970), a `filename` and a `purpose`. See
#' <https://platform.openai.com/docs/api-reference/files>.
#'
#' @param file_id Id of the file.
#' @template call
#' @template pages
#' @template upload
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#'
#' path <- tempfile(fileext = ".jsonl")
#' writeLines('{"messages": []}', path)
#' server$reply(body = '{"id":"file-1","object":"file","bytes":17}')
#' client$files$upload(path, purpose = "fine-tune")$id
#'
#' server$reply(body = '{"messages": []}')
#' client$files$download("file-1", tempfile())
#'
#' server$reply(body = '{"id":"file-1","object":"file","deleted":true}')
#' client$files$delete("file-1")$deleted
#' server$stop()
files <- R6::R6Class(
  "files",
  inherit = base_api,
  public = list(
    #' @description Upload a file.
    #' @param path Path of the file. It is read from disk while it is sent.
    #' @param purpose Purpose of the file: `"fine-tune"`, `"batch"`,
    #'   `"assistants"`, `"vision"` or `"user_data"`. A string passed as the
    #'   second argument, `verbosity`, is used as the purpose.
    #' @param ... Additional fields of the form, named as in the API reference,
    #'   such as `expires_after = list(anchor = "created_at", seconds = 86400)`.
    #' @return The file as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`; if the file cannot
    #'   be sent, a list with `success = FALSE` and `data`.
    upload = function(path = NULL, verbosity = 0, purpose = "fine-tune", ...) {
      if (is_string(verbosity) && identical(purpose, "fine-tune")) {
        purpose <- verbosity
        verbosity <- 0
      }
      private$operate_as_before(
        "files.create", list(), list(..., file = path, purpose = purpose),
        verbosity
      )
    },

    #' @description List the files.
    #' @param ... Query parameters, named as in the API reference: `purpose`,
    #'   `limit`, `order`, `after`.
    #' @return A list whose `data` is a data frame with one row per file, and
    #'   whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    list = function(..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "files.list", list(), list(...), verbosity, pages = pages
      )
    },

    #' @description Delete a file.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    delete = function(file_id, verbosity = 0) {
      private$operate_as_before(
        "files.delete", list(file_id = file_id), verbosity = verbosity
      )
    },

    #' @description Get a file.
    #' @return The file as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(file_id, verbosity = 0) {
      private$operate_as_before(
        "files.retrieve", list(file_id = file_id), verbosity = verbosity
      )
    },

    #' @description Get the content of a text file, such as the JSON lines of a
    #'   batch.
    #' @return The content as one string. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve_content = function(file_id, verbosity = 0) {
      private$operate_as_before(
        "files.retrieve_content", list(file_id = file_id), verbosity = verbosity
      )
    },

    #' @description Download a file of any type and size. It is written to disk
    #'   while it is received.
    #' @param path Path to write the file to. An existing file is replaced once
    #'   the download is complete; a failed download leaves no partial file.
    #' @return `path`, invisibly. A failed call signals an error unless
    #'   `on_error = "return"` was set.
    download = function(file_id, path, verbosity = 0) {
      check_target(path)
      answer <- private$operate(
        operations[["files.content"]], list(file_id = file_id),
        verbosity = verbosity, path = path
      )
      invisible(answer)
    }
  ),
  private = list(
    # Files created by the code of a run are in containers.
    operate = function(operation, ids = list(), ...) {
      and_then(where_file_is(private, operation, ids), function(found) {
        super$operate(found$operation, found$ids, ...)
      })
    }
  )
)
