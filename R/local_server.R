#' Start a local practice server
#'
#' Starts a server that implements the API, to try the package and to test
#' scripts and apps without a key, a network or costs. It only listens on
#' `127.0.0.1`, on a free port.
#'
#' The server answers every operation of the API, always in the same way for the
#' same requests. It stores created objects, which can be read, changed, listed
#' and deleted: responses (including background responses), conversations,
#' stored chat completions, files, uploads, searchable vector stores, and
#' batches, whose requests are run. It keeps the newest 10,000 objects of each
#' kind, up to 128 MiB (512 MiB for files), until it is stopped.
#'
#' Its model repeats the question, calls the functions that the question names
#' or `tool_choice` requires, and fills a [json_schema()] with valid values. It
#' searches files, and uses other tools of OpenAI if the question names them:
#' "write code" runs a program. Images are PNG and speech is WAV, regardless of
#' the requested format.
#'
#' `$reply_chat()` and `$reply_tool()` queue the text or the tool calls of the
#' next chat completion, response or run. `$reply()` queues exact responses and
#' faults for the next requests, or for those to one path. `$break_stream()`
#' interrupts the next stream. `$requests()` returns the requests received.
#'
#' The [assistants], [threads], [messages] and [runs] are not available, as at
#' OpenAI since 2026-08-26: their calls return status 404. With
#' `assistants = TRUE`, the server provides them as OpenAI did before.
#'
#' `dialect` makes the server behave like another one, so that you can try the
#' recipes of `vignette("servers", package = "openaistream")` without an
#' account. It then uses the URLs, the model names, the error messages and the
#' additional fields of that server, rejects what that server rejects, and lacks
#' the operations that server lacks. `client$models$list()` returns the models
#' it accepts, except in the dialect of Databricks, which has no such list. In
#' the dialect of Azure, the content filter rejects a question that contains the
#' words "filter this question", and removes an answer that contains "filter
#' this answer".
#'
#' The server runs in the background of the R process that started it. It is
#' stopped by `$stop()`, by the garbage collector, and at the end of the
#' session.
#'
#'
#' @param token_delay Delay before each event of a stream, in seconds. A
#'   background response takes as long as its stream.
#' @param background_delay How long a background response stays queued, and the
#'   delay before each step of a batch or a run, in seconds.
#' @param resume_limit How long a background response can be streamed again, in
#'   seconds; 5 minutes as at OpenAI.
#' @param assistants Whether the server provides the Assistants API, which
#'   OpenAI shut down on 2026-08-26: `TRUE` or `FALSE`.
#' @param run_limit Age at which a run of an assistant expires, in seconds; 10
#'   minutes as at OpenAI.
#' @param batch_limit Age at which a batch expires, in seconds; a day as at
#'   OpenAI. A batch is validated for one `background_delay`, and its requests
#'   are run during another one. If it expires or is cancelled before the end,
#'   its first requests have results.
#' @param dialect The server to imitate: `"openai"`, `"azure"`, `"databricks"`,
#'   `"groq"`, `"lmstudio"`, `"ollama"`, `"openrouter"` or `"vllm"`.
#' @param port Port of `127.0.0.1` to listen on; 0 for a free one.
#' @return A [LocalServer].
#' @seealso <https://platform.openai.com/docs/api-reference/chat>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' client$chat$create(list(list(role = "user", content = "Hi")), "gpt-6-luna")
#'
#' # Test how a script handles a failed call:
#' server$reply(status = 404, body = '{"error":{"message":"No such file."}}')
#' client$files$retrieve("file-1")
#'
#' server$requests()[[2]]$target
#' server$stop()
#'
#' # Try the recipe of another server:
#' server <- local_server(dialect = "azure")
#' azure <- openai$new("any key", azure = server$url)
#' azure$chat$create("Hi", "my-deployment")$text
#' server$stop()
#' @export
local_server <- function(token_delay = 0, background_delay = 0,
                         resume_limit = 300, port = 0, assistants = FALSE,
                         run_limit = 600, batch_limit = 86400,
                         dialect = "openai") {
  if (!identical(port, 0) && !is_port(port)) {
    abort_argument("`port` must be a port number, not ", describe(port), ".")
  }
  LocalServer$new(list(
    token_delay = check_number(token_delay, "token_delay"),
    background_delay = check_number(background_delay, "background_delay"),
    resume_limit = check_number(resume_limit, "resume_limit"),
    assistants = check_flag(assistants, "assistants"),
    run_limit = check_number(run_limit, "run_limit"),
    batch_limit = check_number(batch_limit, "batch_limit"),
    port = port, dialect = check_string(dialect, "dialect", optional = FALSE)
  ))
}

#' A running practice server
#'
#' @description
#' An OpenAI-compatible server on this machine, started by [local_server()].
#' @examples
#' server <- local_server()
#' server$reply(body = '{"id":"file-1","object":"file"}')
#' client <- openai$new("sk-demo", base_url = server$url)
#' client$files$retrieve("file-1")
#' server$stop()
LocalServer <- R6::R6Class(
  "LocalServer",
  cloneable = FALSE,
  public = list(
    #' @description Start a server; called by [local_server()].
    #' @param options The arguments of `local_server()`, a list.
    initialize = function(options) {
      is_number <- names(options) != "dialect"
      options[is_number] <- lapply(options[is_number], as.double)
      private$server <- unwrap(server_start(options))
      private$address <- unwrap(server_url(private$server))
    },

    #' @description Queue an exact response.
    #' @param status HTTP status code, a whole number.
    #' @param headers Named character vector. Without a `Content-Type`, the
    #'   server sends `text/event-stream` with `chunks` and `application/json`
    #'   otherwise.
    #' @param body The body: one string or a raw vector.
    #' @param chunks The body in chunks, each written to the socket separately:
    #'   a character vector, or a list of strings and raw vectors. Replaces
    #'   `body`.
    #' @param delay Delay before the first byte of the response, in seconds.
    #' @param abort How the response ends after its last byte: `"no"`, normally;
    #'   `"close"`, the connection is closed early; `"reset"`, the connection is
    #'   reset; `"stall"`, nothing more is sent.
    #' @param pause Delays before the chunks, in seconds; the last one is
    #'   repeated.
    #' @param framing How the end of the body is marked: `"length"` (the default
    #'   for `body`), `"chunked"` (for `chunks`), `"close"` by closing the
    #'   connection, or `"raw"`: the chunks are all bytes of the response,
    #'   including status line and headers.
    #' @param times How many requests receive this response.
    #' @param path Path of the requests that receive this response, such as
    #'   `"/v1/embeddings"`, one string; `NULL` for any path. Requests to other
    #'   paths leave it in the queue.
    #' @return The server, invisibly.
    reply = function(status = 200, headers = NULL, body = NULL, chunks = NULL,
                     delay = 0, abort = c("no", "close", "reset", "stall"),
                     pause = 0, framing = NULL, times = 1, path = NULL) {
      streamed <- !is.null(chunks)
      framing <- framing %||% if (streamed) "chunked" else "length"
      type <- if (streamed) "text/event-stream" else "application/json"
      fields <- list(
        status = check_number(status, "status", from = 100),
        headers = with_content_type(check_headers(headers), type),
        chunks = as_chunks(chunks %||% body),
        delay = check_number(delay, "delay"),
        pause = as.double(pause),
        framing = match.arg(framing, c("length", "chunked", "close", "raw")),
        ending = match.arg(abort), path = check_string(path, "path")
      )
      for (i in seq_len(check_number(times, "times", from = 1))) {
        unwrap(server_reply(private$server, fields))
      }
      invisible(self)
    },

    #' @description Queue the text of the model's next answer: a chat
    #'   completion, a response, or a round of a run. It is streamed if the
    #'   request asks for a stream.
    #' @param text The text, one string.
    #' @return The server, invisibly.
    reply_chat = function(text) {
      if (!is_string(text)) {
        abort_argument("`text` must be one string, not ", describe(text), ".")
      }
      unwrap(server_reply_chat(private$server, list(content = text)))
      invisible(self)
    },

    #' @description Queue an answer in which the model calls tools.
    #' @param name Name of the tool, one string; or the names of several.
    #' @param arguments Its arguments, a named list; for several tools a list of
    #'   such lists.
    #' @return The server, invisibly.
    #' @examples
    #' server <- local_server()
    #' client <- openai$new("sk-demo", base_url = server$url)
    #' add <- tool(
    #'   function(a, b) a + b, "Adds two numbers.", name = "add",
    #'   a = type_number(), b = type_number()
    #' )
    #' server$reply_tool("add", list(a = 1, b = 2))
    #' server$reply_chat("It is 3.")
    #' client$chat$run_tools("What is 1 + 2?", "gpt-6-luna", tools = add)$text
    #' server$stop()
    reply_tool = function(name, arguments = list()) {
      if (!is.character(name) || length(name) == 0L || anyNA(name)) {
        abort_argument(
          "`name` must be the name of a tool, or of several tools, not ",
          describe(name), "."
        )
      }
      each <- if (length(name) == 1L) list(arguments) else arguments
      is_object <- function(x) {
        is.list(x) && (length(x) == 0L || !is.null(names(x)))
      }
      if (length(each) != length(name) || !all(vapply(each, is_object, NA))) {
        abort_argument(
          "`arguments` must be a named list for one tool, and a list of as ",
          "many such lists for several."
        )
      }
      texts <- vapply(each, function(x) {
        if (length(x)) unwrap(json_write(x)) else "{}"
      }, "")
      unwrap(server_reply_chat(
        private$server, list(names = name, arguments = texts)
      ))
      invisible(self)
    },

    #' @description Interrupt the next stream that the server generates: it
    #'   closes the connection early. A background response continues on the
    #'   server.
    #' @param after After how many events, a whole number.
    #' @return The server, invisibly.
    break_stream = function(after) {
      after <- check_number(after, "after")
      unwrap(server_break_stream(private$server, as.double(after)))
      invisible(self)
    },

    #' @description Get the requests received.
    #' @return A list with one list for each request: `method`, `target` (path
    #'   and query), `headers` (named character vector, names in lower case),
    #'   `body` (one string, or a raw vector if it is not UTF-8 text),
    #'   `connection` (its number, counted from 1), `received_at` and
    #'   `written_at` (when the request was complete, and when each chunk of the
    #'   response was written, in seconds since 1970), `closed_at` (when the
    #'   client closed the connection before the response was complete, else
    #'   `NULL`).
    requests = function() {
      lapply(unwrap(server_requests(private$server)), function(request) {
        request$body <- as_text(request$body)
        request
      })
    },

    #' @description Get the number of accepted connections.
    #' @return One number.
    connections = function() {
      unwrap(server_connections(private$server))
    },

    #' @description Stop the server and close its connections.
    #' @return The server, invisibly.
    stop = function() {
      unwrap(server_stop(private$server))
      invisible(self)
    },

    #' @description Print the base URL.
    #' @param ... Not used.
    #' @return The server, invisibly.
    print = function(...) {
      cat("<LocalServer> ", private$address, "\n", sep = "")
      invisible(self)
    }
  ),
  active = list(
    #' @field url The base URL for clients.
    url = function(value) {
      check_read_only(value)
      private$address
    }
  ),
  private = list(
    server = NULL,
    address = NULL
  )
)

with_content_type <- function(headers, type) {
  if ("content-type" %in% tolower(names(headers))) {
    headers
  } else {
    c(headers, "Content-Type" = type)
  }
}

# Converts a body or its chunks to a list of raw vectors.
as_chunks <- function(x) {
  pieces <- if (is.raw(x)) list(x) else as.list(x)
  lapply(pieces, function(piece) {
    if (is.raw(piece)) {
      piece
    } else if (is_string(piece)) {
      charToRaw(enc2utf8(piece))
    } else {
      abort_argument(
        "`body` and `chunks` must be strings or raw vectors, not ",
        describe(piece), "."
      )
    }
  })
}

as_text <- function(bytes) {
  if (any(bytes == 0L)) {
    return(bytes)
  }
  text <- rawToChar(bytes)
  Encoding(text) <- "UTF-8"
  if (validUTF8(text)) text else bytes
}
