#' A server on your own machine
#'
#' Starts a server that speaks the API, to try the package and to test scripts
#' and apps without a key, without a network and without costs. It listens on
#' `127.0.0.1` only, on a free port.
#'
#' By itself it answers every operation of the API, always the same for the same
#' requests. What is made is kept and can be read, changed, listed and deleted:
#' responses (also in the background), conversations, stored chats, files,
#' uploads, vector stores, which can be searched, and batches, whose lines are
#' run. The model repeats the question, calls the functions that the question
#' names or `tool_choice` demands, and fills a [json_schema()] with values that
#' fit it. Files are searched, and the other tools of OpenAI used where the
#' question names them: "write code" runs a program. Pictures are PNG and speech
#' is WAV, whatever format is asked for. Of every kind the newest 10,000 objects
#' and 128 MiB are kept, of files 512 MiB, until the server stops.
#'
#' `$reply_chat()` and `$reply_tool()` queue the text or the tool calls of the
#' next chat completion, response or run, `$reply()` exact answers and faults:
#' the next requests, or those to one path, take them in turn. `$break_stream()`
#' breaks off the next stream. `$requests()` tells what it saw.
#'
#' The [assistants], [threads], [messages] and [runs] are gone, as at OpenAI
#' since 2026-08-26: calls of them are answered with 404. With
#' `assistants = TRUE` the server has them as OpenAI had them before.
#'
#' `dialect` makes the server behave like another one, so that you can try the
#' recipes of `vignette("servers", package = "openaistream")` without an account.
#' It then uses the URLs, the model names, the error messages and the additional
#' fields of that server, rejects what that server rejects, and lacks the
#' operations that server lacks. `client$models$list()` returns the models it
#' accepts, except in the dialect of Databricks, which has no such list. In the
#' dialect of Azure the content filter rejects a question that contains the words
#' "filter this question", and removes an answer that contains "filter this
#' answer".
#'
#' The server runs in the background of the R process that started it. It is
#' stopped by `$stop()`, by the garbage collector, and at the end of the
#' session.
#'
#' @param token_delay Pause before each event of a stream, in seconds. A
#'   response in the background takes as long as its stream.
#' @param background_delay How long a response in the background waits in the
#'   queue, and a batch or a run before each of its steps, in seconds.
#' @param resume_limit How old a response in the background may be to be
#'   streamed again, in seconds; 5 minutes as at OpenAI.
#' @param assistants Whether the server has the Assistants API, which OpenAI
#'   shut on 2026-08-26: `TRUE` or `FALSE`.
#' @param run_limit How old a run of an assistant becomes before it expires, in
#'   seconds; 10 minutes as at OpenAI.
#' @param batch_limit How old a batch becomes before it expires, in seconds; a
#'   day as at OpenAI. It is validated for a `background_delay`, and its lines
#'   are answered during another one: of one that is over before, or cancelled,
#'   the first lines have results.
#' @param dialect The server to imitate: `"openai"`, `"azure"`, `"databricks"`,
#'   `"groq"`, `"lmstudio"`, `"ollama"`, `"openrouter"` or `"vllm"`.
#' @param port The port of `127.0.0.1` that it listens on; 0 for a free one.
#' @return A [LocalServer].
#' @seealso <https://platform.openai.com/docs/api-reference/chat>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' client$chat$create(list(list(role = "user", content = "Hi")), "gpt-6-luna")
#'
#' # What a script does when a call fails:
#' server$reply(status = 404, body = '{"error":{"message":"No such file."}}')
#' client$files$retrieve("file-1")
#'
#' server$requests()[[2]]$target
#' server$stop()
#'
#' # The recipe of another server:
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
    abort_argument("`port` must be a port, or 0, not ", describe(port), ".")
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

#' The server that local_server() starts
#'
#' @description
#' An OpenAI-compatible server on the own machine; see [local_server()], which
#' makes it.
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
    #' @description Start a server; use [local_server()].
    #' @param options The arguments of `local_server()`, a list.
    initialize = function(options) {
      is_number <- names(options) != "dialect"
      options[is_number] <- lapply(options[is_number], as.double)
      private$server <- unwrap(server_start(options))
      private$address <- unwrap(server_url(private$server))
    },

    #' @description Queue an exact answer.
    #' @param status HTTP status, a whole number.
    #' @param headers Named character vector. Without a `Content-Type` among
    #'   them, `text/event-stream` is sent with `chunks`, `application/json`
    #'   otherwise.
    #' @param body The body: one string or a raw vector.
    #' @param chunks The body in pieces, each written to the socket by itself: a
    #'   character vector, or a list of strings and raw vectors. Replaces
    #'   `body`.
    #' @param delay Pause before the first byte of the answer, in seconds.
    #' @param abort How the answer ends after its last byte: `"no"` in good
    #'   order; `"close"` too early, by closing the connection; `"reset"` too
    #'   early, by resetting it; `"stall"` not at all.
    #' @param pause Pauses before the chunks, in seconds; the last one is
    #'   repeated.
    #' @param framing How the client learns where the body ends: `"length"` (the
    #'   default of `body`), `"chunked"` (of `chunks`), `"close"` by the end of
    #'   the connection, or `"raw"`: the chunks are all bytes of the answer,
    #'   status line and headers included.
    #' @param times How many requests get this answer.
    #' @param path The path of the requests that get this answer, such as
    #'   `"/v1/embeddings"`, one string; `NULL` for whatever comes next.
    #'   Requests to other paths leave it in the queue.
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

    #' @description Queue the text of the next answer of a model: a chat
    #'   completion, a response, or a round of a run. It is streamed where the
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

    #' @description Queue an answer of a model that calls tools.
    #' @param name Name of the tool, one string; or the names of several.
    #' @param arguments Its arguments, a named list; of several tools a list of
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
          "`name` must be the name of a tool, or of several, not ",
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

    #' @description Break off the next stream that the server makes by itself:
    #'   it closes the connection too early. A response in the background goes
    #'   on at the server.
    #' @param after Behind how many events, a whole number.
    #' @return The server, invisibly.
    break_stream = function(after) {
      after <- check_number(after, "after")
      unwrap(server_break_stream(private$server, as.double(after)))
      invisible(self)
    },

    #' @description What the server saw.
    #' @return A list with one list for each request: `method`, `target` (path
    #'   and query), `headers` (named character vector, names in lower case),
    #'   `body` (one string, or a raw vector where it is no UTF-8 text),
    #'   `connection` (which one, counted from 1), `received_at` and
    #'   `written_at` (when the request was complete, and when each piece of the
    #'   answer was written, in seconds since 1970), `closed_at` (when the
    #'   client closed the connection before the answer was over, else `NULL`).
    requests = function() {
      lapply(unwrap(server_requests(private$server)), function(request) {
        request$body <- as_text(request$body)
        request
      })
    },

    #' @description How many connections were accepted.
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

    #' @description Show the address.
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

# A list of raw vectors of a body or of its pieces.
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
