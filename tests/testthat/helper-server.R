# A server for one test, stopped when the test ends.
test_server <- function(..., env = parent.frame()) {
  server <- local_server(...)
  withr::defer(server$stop(), envir = env)
  server
}

# A client of that server. Tests neither need nor use a real key. Only tests of
# retries retry, so that failures are not hidden.
test_client <- function(server, api_key = "sk-test", ..., max_retries = 0) {
  openai$new(api_key, base_url = server$url, max_retries = max_retries, ...)
}

# The value of a call that fails with `on_error = "return"`. The call must give
# one warning with the message of the error.
failed_call <- function(call) {
  warnings <- list()
  value <- withCallingHandlers(call, openai_failed_call_warning = function(w) {
    warnings <<- c(warnings, list(w))
    tryInvokeRestart("muffleWarning")
  })
  testthat::expect_length(warnings, 1)
  if (!is.null(value$message)) {
    testthat::expect_identical(conditionMessage(warnings[[1]]), value$message)
  }
  value
}

# The JSON bodies of the requests that a server received, and the messages in
# those of chats.
sent_bodies <- function(server) {
  lapply(server$requests(), function(request) {
    jsonlite::fromJSON(request$body, simplifyVector = FALSE)
  })
}

sent_messages <- function(server) lapply(sent_bodies(server), `[[`, "messages")

# The input of each response, or the last message of each chat, one string.
sent_prompts <- function(server) {
  vapply(sent_bodies(server), function(body) {
    body$input %||% body$messages[[length(body$messages)]]$content
  }, "")
}

hello <- list(list(role = "user", content = "Hello"))

# An answer that most calls accept, for tests in which only the request matters.
any_answer <- paste0(
  '{"id":"1","text":"Hi","results":[{}],"data":[{"url":"https://a.test/b"}],',
  '"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},',
  '"finish_reason":"stop"}]}'
)

# The events of a chat stream with these deltas, as a server sends them.
chat_events <- function(contents, done = TRUE) {
  data <- sprintf(
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n",
    contents
  )
  c(data, if (done) "data: [DONE]\n\n")
}

# The bytes of a whole response for `framing = "raw"`. Without a length or a
# transfer coding in the headers the connection's end is that of the response.
raw_answer <- function(body, headers = character(), status = "200 OK") {
  head <- c(paste("HTTP/1.1", status), headers, "", "")
  c(
    charToRaw(paste(head, collapse = "\r\n")),
    if (is.raw(body)) body else charToRaw(enc2utf8(body))
  )
}

# The values of a chat stream that the server answers with `reply(...)`, the
# contents of its events and the error that ended it, if any.
answered_stream <- function(..., options = list()) {
  server <- local_server()
  on.exit(server$stop())
  server$reply(...)
  client <- do.call(test_client, c(list(server), options))
  stream <- client$chat$create(hello, "m", stream = TRUE, num = 1)
  values <- read_all(stream)
  batches <- Filter(function(value) is.list(value$vres), head(values, -1))
  list(
    values = values,
    texts = unlist(lapply(batches, `[[`, "all_resp")),
    contents = unlist(lapply(batches, function(x) x$vres[[1]]$content)),
    error = stream$error,
    requests = server$requests()
  )
}

# All values of a stream.
read_all <- function(stream) {
  values <- list()
  repeat {
    value <- stream$next_value
    values <- c(values, list(value))
    if (is.character(value)) {
      return(values)
    }
  }
}

# Waits for an effect of another thread or process.
wait_until <- function(condition, seconds = 10) {
  deadline <- Sys.time() + seconds
  while (!condition()) {
    if (Sys.time() > deadline) {
      stop("The condition was not met within ", seconds, " seconds.")
    }
    Sys.sleep(0.005)
  }
}

# A local port on which R listens until the test ends.
listening_port <- function(env = parent.frame()) {
  # Systems assign higher ports to outgoing connections.
  for (port in sample(20000:32000, 50)) {
    socket <- tryCatch(serverSocket(port), error = function(e) NULL)
    if (!is.null(socket)) {
      withr::defer(close(socket), envir = env)
      return(list(socket = socket, port = port))
    }
  }
  stop("No port of 50 is free.")
}
