# Any request to the API, for operations without a method: `client$request()`.
requests <- R6::R6Class(
  "requests",
  inherit = base_api,
  public = list(
    send = function(method, path, query = NULL, body = NULL, form = NULL,
                    stream = FALSE, answer = "json", file = NULL,
                    headers = NULL, num = 2, verbosity = 0) {
      request <- api_request(method, path, body, query)
      check_flag(stream, "stream")
      check_headers(headers)
      if (!is_string(answer) || !answer %in% answer_forms) {
        abort_argument(
          "`answer` must be one of ",
          paste0("\"", answer_forms, "\"", collapse = ", "), ", not ",
          describe(answer), "."
        )
      }
      if (!is.null(body) && !is.null(form)) {
        abort_argument("A request can have a `body` or a `form`, not both.")
      }
      body <- if (!is.null(body)) do.call(json_object, body)
      form <- if (!is.null(form)) form_fields(form)
      if (stream) {
        kind <- if (answer == "bytes") "bytes" else stream_kind(request$path)
        return(private$stream(
          request$path, body, num, kind, verbosity,
          method = method, query = query, form = form, headers = headers
        ))
      }
      target <- if (!is.null(file)) path.expand(check_target(file))
      private$request(
        method, request$path, query, body, form,
        verbosity = verbosity, headers = headers,
        answer = if (answer == "lists") "items" else answer,
        expected = if (answer %in% c("text", "bytes")) "file" else "any",
        file = target, then = if (is.null(file)) identity else function(x) file,
        is_new = TRUE
      )
    }
  )
)

# What `client$request()` can return of a response.
answer_forms <- c("json", "lists", "text", "bytes")

# The kind of stream for a path: that of the operation with this path, else
# plain events.
stream_kind <- function(path) {
  for (operation in operations) {
    segments <- operation$segments
    if (!is.null(operation$kind) && length(segments) == length(path) &&
      all(segments == path | grepl("^[{]", segments))) {
      return(operation$kind)
    }
  }
  "events"
}

#' Attach a file to a request
#'
#' `request_file()` marks a path as a file to upload, for the `form` of
#' `client$request()` of an [openai] client. The file is read from disk while it
#' is sent.
#'
#' @param path Path of the file, one string; or several paths, for fields that
#'   accept an array of files.
#' @return An object of class `file_part`. Signals an `openai_argument_error` if
#'   a file does not exist or cannot be read.
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' path <- tempfile(fileext = ".jsonl")
#' writeLines("{}", path)
#' client$request("POST", "files",
#'   form = list(purpose = "batch", file = request_file(path))
#' )$purpose
#' server$stop()
#' @export
request_file <- function(path) {
  paths <- as_paths(path)
  failure <- check_files(paths, Inf)
  if (!is.null(failure)) {
    abort_argument("The file cannot be sent: ", file_problem(failure), ".")
  }
  file_part(paths)
}
