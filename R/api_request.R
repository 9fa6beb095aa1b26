#' Describe a request
#'
#' `api_request()` describes a request without sending it. Send it together with
#' others by `client$parallel()` of an [openai] client.
#'
#' @param method HTTP method: `"GET"`, `"POST"`, `"DELETE"` and so on.
#' @param path Path below the base URL, one string: `"chat/completions"`. Each
#'   segment between slashes is percent-encoded as needed.
#' @param body Named list of the fields of a JSON body, named as in the API
#'   reference and encoded as in all other calls; `NULL` for none. It can
#'   contain values of [tool()], [json_schema()] and [types]; fields that are
#'   always arrays or always objects are sent in that shape.
#' @param form Named list of the fields of a multipart form, instead of `body`;
#'   files are created by [request_file()].
#' @param query Named list of query parameters: strings, numbers, `TRUE` or
#'   `FALSE`; `NULL` for none.
#' @return An object of class `openai_api_request`.
#' @section Errors:
#' `openai_argument_error` if an argument is invalid.
#' @seealso [openai], and `client$chat$map()` of [chat]. Paths are listed in
#'   <https://platform.openai.com/docs/api-reference>.
#' @examples
#' api_request("GET", "models/gpt-6-luna")
#' api_request("POST", "embeddings", body = list(
#'   model = "text-embedding-3-small", input = "the sun"
#' ))
#' @export
api_request <- function(method, path, body = NULL, query = NULL,
                        form = NULL) {
  if (!is_string(method) || !grepl("^[A-Z]+$", method)) {
    abort_argument(
      "`method` must be an HTTP method such as \"POST\", not ",
      describe(method), "."
    )
  }
  segments <- if (is_string(path)) strsplit(sub("^/", "", path), "/")[[1]]
  if (!length(segments) || !all(vapply(segments, is_segment, logical(1)))) {
    abort_argument(
      "`path` must be a path below the base URL such as ",
      "\"chat/completions\", not ", describe(path), "."
    )
  }
  if (!is.null(body) && !is.list(body)) {
    abort_argument("`body` must be a list of fields, not ", describe(body), ".")
  }
  if (!is.null(form) && (!is.list(form) || !is.null(body))) {
    abort_argument(
      "`form` must be a list of fields, and cannot be combined with `body`."
    )
  }
  if (!is.null(query) && !is.list(query)) {
    abort_argument(
      "`query` must be a list of fields, not ", describe(query), "."
    )
  }
  check_names(query, "Every field of `query`")
  check_names(body, "Every field of `body`")
  check_names(form, "Every field of `form`")
  structure(
    list(
      method = method, path = segments, query = query, body = body, form = form
    ),
    class = "openai_api_request"
  )
}

#' @export
print.openai_api_request <- function(x, ...) {
  cat(
    "<openai_api_request> ", x$method, " ", paste(x$path, collapse = "/"), "\n",
    sep = ""
  )
  invisible(x)
}

# Checks that `requests` is a list of requests.
check_requests <- function(requests) {
  if (!is.list(requests) || inherits(requests, "openai_api_request")) {
    abort_argument(
      "`requests` must be a list of requests created by api_request(), not ",
      describe(requests), "."
    )
  }
  is_request <- vapply(requests, inherits, TRUE, what = "openai_api_request")
  if (!all(is_request)) {
    position <- which(!is_request)[[1]]
    abort_argument(
      "`requests[[", position, "]]` must be created by api_request(), not ",
      describe(requests[[position]]), "."
    )
  }
}

# The json_schema() of the answers to all requests; NULL if they have none, or
# different ones.
common_schema <- function(requests) {
  schemas <- unique(lapply(requests, function(request) {
    text <- request$body[["text"]]
    formats <- list(
      request$body[["response_format"]], if (is.list(text)) text[["format"]]
    )
    Find(function(format) !is.null(schema_type(format)), formats)
  }))
  if (length(schemas) == 1L) schemas[[1]]
}
