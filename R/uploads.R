#' Upload large files in parts
#'
#' @description
#' Uploads files that are too large for `client$files$upload()`, in parts that
#' are sent in parallel. Available as `client$uploads` of an [openai] client.
#' See <https://platform.openai.com/docs/api-reference/uploads>.
#'
#' The single operations are in [uploads_operations].
#'
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' path <- tempfile(fileext = ".jsonl")
#' writeLines(rep("{}", 1000), path)
#' upload <- client$uploads$upload_file(path, purpose = "batch")
#' upload$file$id
#' server$stop()
uploads <- R6::R6Class(
  "uploads",
  inherit = base_api,
  public = list(
    #' @description Upload a file in parts. Each part is read from disk while it
    #'   is sent, and retried if necessary.
    #' @param path Path of the file, one string.
    #' @param purpose Purpose of the file: `"batch"`, `"fine-tune"`,
    #'   `"assistants"`, `"vision"` or `"user_data"`.
    #' @param mime_type Media type of the file, one string; `NULL` detects it
    #'   from the content and name of the file.
    #' @param part_size Size of a part in bytes, at most 64 MB (`67108864`).
    #' @param max_active Maximum number of parts to send in parallel.
    #' @param journal Path of a file that records the uploaded parts; `NULL` for
    #'   none. A call with the same journal resumes an earlier one. OpenAI keeps
    #'   parts for an hour: delete older journals.
    #' @param progress As for `$parallel()` of [openai].
    #' @param ... Additional fields of the upload, named as in the API
    #'   reference, such as `expires_after`.
    #' @return The completed upload as a list, whose `file` is the file. The
    #'   server verifies the MD5 checksum. A failed call signals an error unless
    #'   `on_error = "return"` was set.
    upload_file = function(path, purpose, mime_type = NULL, ...,
                           part_size = 64 * 2^20, max_active = 4,
                           journal = NULL, progress = NULL) {
      if (private$asynchronous) {
        abort_argument("`$upload_file()` has no asynchronous version.")
      }
      path <- check_upload(path)
      check_number(part_size, "part_size", from = 1)
      if (part_size > largest_part) {
        abort_argument(
          "`part_size` must be at most ", largest_part, " bytes (64 MB), not ",
          describe(part_size), "."
        )
      }
      settings <- parallel_settings(
        max_active, NULL, NULL, "stop", journal, progress, 120
      )
      send <- function(requests) {
        run_parallel(
          private$config, requests, settings,
          call = private$user_call()
        )
      }
      size <- file.size(path)
      upload <- send(list(api_request("POST", "uploads", body = list(
        purpose = purpose, filename = basename(path), bytes = size,
        mime_type = mime_type %||% unwrap(media_type_of(path)), ...
      ))))[[1]]
      parts <- send(lapply(
        parts_of_file(path, size, part_size),
        function(part) {
          api_request(
            "POST", paste0("uploads/", upload$id, "/parts"),
            form = list(data = part)
          )
        }
      ))
      private$operate(
        operations[["uploads.complete"]], list(upload_id = upload$id),
        list(
          part_ids = vapply(parts, `[[`, "", "id", USE.NAMES = FALSE),
          md5 = unname(tools::md5sum(path))
        )
      )
    }
  )
)

largest_part <- 64 * 2^20

# A file that can be uploaded in parts, which an empty file cannot.
check_upload <- function(path) {
  failure <- check_file(path)
  if (!is.null(failure)) {
    abort_argument("The file cannot be uploaded: ", file_problem(failure), ".")
  }
  if (file.size(path) == 0) {
    abort_argument("The file cannot be uploaded: path (", path, ") is empty.")
  }
  path.expand(path)
}

# The byte ranges of a file, for the bridge: `to` is the first byte after a
# range.
parts_of_file <- function(path, size, part_size) {
  from <- seq(0, size - 1, by = part_size)
  lapply(from, function(start) {
    structure(
      list(path = path, from = start, to = min(start + part_size, size)),
      class = "file_bytes"
    )
  })
}
