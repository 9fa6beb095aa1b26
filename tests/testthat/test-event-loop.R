# Streams and calls in R's event loop: on_event(), promises, *_async().

skip_if_not_installed("later")
skip_if_not_installed("promises")

# A stream with these chunks.
open_stream_of <- function(server, chunks, ...) {
  server$reply(chunks = chunks, ...)
  test_client(server)$chat$create(hello, "m", stream = TRUE)
}

test_that("on_event() delivers the events in order, then the answer", {
  contents <- as.character(1:300)
  stream <- open_stream_of(test_server(), chat_events(contents))
  received <- character()
  answer <- NULL
  returned <- stream$on_event(
    function(event) received <<- c(received, event$text),
    on_done = function(value) answer <<- value
  )
  expect_identical(returned, stream)
  expect_identical(received, character())
  run_loop_until(function() !is.null(answer))
  expect_identical(received, contents)
  expect_identical(
    answer$vres$message$content, paste(contents, collapse = "")
  )
})

test_that("events are delivered before the answer is complete", {
  stream <- open_stream_of(
    test_server(), chat_events(c("a", "b"))[1:2],
    abort = "stall"
  )
  received <- character()
  stream$on_event(function(event) received <<- c(received, event$text))
  run_loop_until(function() length(received) == 2)
  expect_identical(stream$get_state(), "httr2_open")
  stream$close()
  run_loop_until(later::loop_empty)
})

test_that("all functions that were added get all events", {
  stream <- open_stream_of(test_server(), chat_events(c("a", "b")))
  log <- character()
  log_as <- function(name) {
    function(event) log <<- c(log, paste(name, event$text))
  }
  stream$on_event(log_as("first"), on_done = function(x) log <<- c(log, "done"))
  stream$on_event(log_as("second"))
  run_loop_until(function() "done" %in% log)
  expect_identical(
    log, c("first a", "second a", "first b", "second b", "done")
  )
})

test_that("a stream is a promise of its answer", {
  server <- test_server()
  stream <- open_stream_of(server, chat_events(c("Hel", "lo")))
  value <- settled(promises::as.promise(stream))$value
  expect_identical(value, stream$message())
  # A completed stream is a promise, too.
  expect_identical(settled(promises::as.promise(stream))$value, value)
})

test_that("a lost connection rejects the promise after the events", {
  stream <- open_stream_of(
    test_server(), chat_events("a", done = FALSE),
    abort = "reset"
  )
  received <- character()
  stream$on_event(function(event) received <<- c(received, event$text))
  error <- settled(promises::as.promise(stream))$error
  expect_s3_class(error, "openai_stream_error")
  expect_identical(error$text, "a")
  expect_identical(received, "a")
  expect_identical(stream$error, error)
})

test_that("an error in a function rejects the promise and closes the stream", {
  server <- test_server()
  stream <- open_stream_of(server, chat_events("a")[1], abort = "stall")
  stream$on_event(function(event) stop("mine"))
  error <- settled(promises::as.promise(stream))$error
  expect_identical(conditionMessage(error), "mine")
  expect_identical(stream$get_state(), "close")
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))
})

test_that("an error in a function of a stream without a promise is printed", {
  stream <- open_stream_of(test_server(), chat_events("a"))
  stream$on_event(function(event) stop("mine"))
  printed <- capture.output(run_loop_until(later::loop_empty), type = "message")
  expect_identical(printed, "Error in a stream: mine")
})

test_that("an error in `on_done` rejects later promises", {
  stream <- open_stream_of(test_server(), chat_events("a"))
  stream$on_event(on_done = function(answer) stop("mine"))
  error <- settled(promises::as.promise(stream))$error
  expect_identical(conditionMessage(error), "mine")
})

test_that("close() in a function closes the socket and rejects the promise", {
  server <- test_server()
  stream <- open_stream_of(
    server, chat_events(rep("a", 1000)),
    pause = 0.01
  )
  received <- 0
  closed <- NULL
  stream$on_event(function(event) {
    received <<- received + 1
    if (received == 5) {
      closed <<- as.numeric(Sys.time())
      stream$close()
    }
  })
  error <- settled(promises::as.promise(stream))$error
  expect_s3_class(error, "openai_cancelled_error")
  expect_identical(received, 5)
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))
  expect_lt(server$requests()[[1]]$closed_at - closed, 0.2)
})

test_that("no more events of a batch are delivered after close()", {
  stream <- open_stream_of(
    test_server(), paste(chat_events(c("a", "b", "c")), collapse = "")
  )
  received <- character()
  stream$on_event(function(event) {
    received <<- c(received, event$text)
    stream$close()
  })
  error <- settled(promises::as.promise(stream))$error
  expect_s3_class(error, "openai_cancelled_error")
  expect_identical(received, "a")
})

test_that("close() before the response rejects the promise", {
  stream <- open_stream_of(test_server(), chat_events("a"), delay = 30)
  promise <- promises::as.promise(stream)
  stream$close()
  expect_s3_class(settled(promise)$error, "openai_cancelled_error")
})

test_that("the event loop is not empty while a stream or a call is active", {
  server <- test_server()
  stream <- open_stream_of(server, chat_events("a"), pause = 0.1)
  # The server uses the queued response for the stream, not for the call.
  wait_until(function() length(server$requests()) == 1)
  done <- 0
  stream$on_event(on_done = function(answer) done <<- done + 1)
  promises::then(
    test_client(server)$models$list_async(),
    function(value) done <<- done + 1
  )
  while (!later::loop_empty()) later::run_now(10)
  expect_identical(done, 2)
})

test_that("the events of a stream without a reference are delivered", {
  server <- test_server()
  done <- FALSE
  local({
    open_stream_of(server, chat_events(c("a", "b")), pause = 0.02)$
      on_event(on_done = function(answer) done <<- TRUE)
  })
  gc()
  expect_no_error(run_loop_until(function() done))
})

test_that("twenty streams are read concurrently", {
  server <- test_server()
  server$reply(
    chunks = chat_events(as.character(1:20)), pause = 0.02, times = 20
  )
  client <- test_client(server)
  promises <- lapply(1:20, function(i) {
    promises::as.promise(client$chat$create(hello, "m", stream = TRUE))
  })
  answers <- settled(promises::promise_all(.list = promises))$value
  texts <- vapply(answers, function(x) x$vres$message$content, "")
  expect_identical(texts, rep(paste(1:20, collapse = ""), 20))
  written <- lapply(server$requests(), `[[`, "written_at")
  # All streams started before the first one was complete.
  expect_lt(max(vapply(written, min, 0)), min(vapply(written, max, 0)))
})

test_that("the event loop runs while a request waits, retries and streams", {
  server <- test_server()
  server$reply(
    status = 429, headers = c("Retry-After" = "1"), body = "{}", delay = 2
  )
  server$reply(chunks = chat_events(rep("x", 200)), pause = 0.005)
  done <- FALSE
  ticks <- as.numeric(Sys.time())
  tick <- function() {
    ticks <<- c(ticks, as.numeric(Sys.time()))
    if (!done) later::later(tick, 0.05)
  }
  tick()
  stream <- test_client(server, max_retries = 2)$
    chat$create(hello, "m", stream = TRUE)
  stream$on_event(on_done = function(answer) done <<- TRUE)
  run_loop_until(function() done)
  # A blocking wait would delay them for seconds; bench/event_loop.R measures
  # the delays.
  expect_lt(max(diff(ticks)), 0.5)
})

test_that("the `_async` version of a method returns a promise of its value", {
  server <- test_server()
  client <- test_client(server)
  expect_identical(
    settled(client$models$list_async())$value, client$models$list()
  )
  expect_identical(
    settled(client$chat$create_async(hello, model = "gpt-6-luna"))$value,
    client$chat$create(hello, "gpt-6-luna")
  )
  path <- withr::local_tempfile(lines = "{}")
  server$reply(body = '{"id":"file-1"}')
  uploaded <- settled(client$files$upload_async(path, purpose = "batch"))$value
  expect_identical(uploaded, list(id = "file-1"))
  server$reply(body = "sound")
  audio <- settled(client$audio$speech_async(input = "x"))$value
  expect_identical(audio, charToRaw("sound"))

  for (name in c("files", "vector_stores", "runs", "assistants")) {
    resource <- client[[name]]
    calls <- method_names(resource)
    for (call in calls) {
      async <- resource[[paste0(call, "_async")]]
      expect_identical(formals(async), formals(resource[[call]]), label = call)
    }
  }
})

test_that("the promise of a streamed call resolves to the answer", {
  client <- test_client(test_server())
  promise <- client$chat$create_async(hello, "gpt-6-luna", stream = TRUE)
  text <- settled(promise)$value$vres$message$content
  expect_identical(
    text, client$chat$create(hello, "gpt-6-luna")$vres$message$content
  )
})

test_that("failures reject the promise, whatever `on_error` is", {
  server <- test_server()
  client <- test_client(server)
  server$reply(status = 404, body = '{"error":{"message":"No such file."}}')
  error <- settled(client$files$retrieve_async("file-1"))$error
  expect_s3_class(error, "openai_not_found_error")
  expect_match(conditionMessage(error), "No such file.", fixed = TRUE)

  errors <- list(
    settled(client$files$retrieve_async(""))$error,
    settled(client$files$upload_async("nowhere"))$error,
    settled(client$models$list_async(verbosity = 9))$error
  )
  for (error in errors) expect_s3_class(error, "openai_argument_error")
  expect_match(
    conditionMessage(settled(client$files$delete_async())$error), "file_id"
  )
  expect_length(server$requests(), 1)
})

test_that("asynchronous calls are active at the same time", {
  server <- test_server()
  server$reply(body = '{"id":"a"}', delay = 0.5, times = 5)
  client <- test_client(server)
  promises <- lapply(1:5, function(i) client$files$retrieve_async("f"))
  all <- settled(promises::promise_all(.list = promises))$value
  expect_identical(all, rep(list(list(id = "a")), 5))
  times <- vapply(server$requests(), `[[`, 0, "received_at")
  expect_lt(diff(range(times)), 0.5)
})

test_that("an invalid upload rejects the promise", {
  client <- test_client(test_server())
  error <- settled(client$audio$transcription_async(tempdir()))$error
  expect_match(conditionMessage(error), "directory")
})

test_that("errors name missing packages and how to install them", {
  library <- bare_library(c("openaistream", "R6"))
  result <- callr::r(function(library) {
    .libPaths(library, include.site = FALSE)
    server <- openaistream::local_server()
    on.exit(server$stop())
    client <- openaistream::openai$new("sk-test", base_url = server$url)
    hello <- list(list(role = "user", content = "Hello"))
    stream <- client$chat$create(hello, "gpt-6-luna", stream = TRUE)
    message_of <- function(code) tryCatch(code, error = conditionMessage)
    list(
      loop = message_of(stream$on_event(print)),
      promise = message_of(client$models$list_async()),
      text = stream$text()
    )
  }, list(library))
  expect_match(result$loop, "later.*install.packages")
  expect_match(result$promise, "later, promises.*install.packages")
  expect_match(result$text, "practice")
})

test_that("promises work after the package was unloaded and loaded again", {
  result <- callr::r(function() {
    promised <- function() {
      server <- openaistream::local_server()
      on.exit(server$stop())
      client <- openaistream::openai$new("sk-test", base_url = server$url)
      ids <- NULL
      promises::then(
        client$models$list_async(), function(models) ids <<- models$id
      )
      while (!later::loop_empty()) later::run_now(10)
      ids
    }
    first <- promised()
    unloadNamespace("openaistream")
    list(first = first, second = promised())
  }, libpath = .libPaths(), timeout = 60)
  expect_true("gpt-6-luna" %in% result$first)
  expect_identical(result$second, result$first)
})
