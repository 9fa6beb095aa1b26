# Streams and calls that go on while R does: on_event(), promises, *_async().

skip_if_not_installed("later")
skip_if_not_installed("promises")

open_scripted <- function(server, chunks, ...) {
  server$reply(chunks = chunks, ...)
  test_client(server)$chat$create(hello, "m", stream = TRUE)
}

test_that("functions get events in order, then the answer", {
  contents <- as.character(1:300)
  stream <- open_scripted(test_server(), chat_events(contents))
  seen <- character()
  answer <- NULL
  returned <- stream$on_event(
    function(event) seen <<- c(seen, event$text),
    on_done = function(value) answer <<- value
  )
  expect_identical(returned, stream)
  expect_identical(seen, character())
  run_loop_until(function() !is.null(answer))
  expect_identical(seen, contents)
  expect_identical(
    answer$vres$message$content, paste(contents, collapse = "")
  )
})

test_that("events come while the answer is not over", {
  stream <- open_scripted(
    test_server(), chat_events(c("a", "b"))[1:2],
    abort = "stall"
  )
  seen <- character()
  stream$on_event(function(event) seen <<- c(seen, event$text))
  run_loop_until(function() length(seen) == 2)
  expect_identical(stream$get_state(), "httr2_open")
  stream$close()
  run_loop_until(later::loop_empty)
})

test_that("all functions that were added hear all", {
  stream <- open_scripted(test_server(), chat_events(c("a", "b")))
  log <- character()
  note <- function(name) function(event) log <<- c(log, paste(name, event$text))
  stream$on_event(note("first"), on_done = function(x) log <<- c(log, "done"))
  stream$on_event(note("second"))
  run_loop_until(function() "done" %in% log)
  expect_identical(
    log, c("first a", "second a", "first b", "second b", "done")
  )
})

test_that("a stream is a promise of its answer", {
  server <- test_server()
  stream <- open_scripted(server, chat_events(c("Hel", "lo")))
  value <- settled(promises::as.promise(stream))$value
  expect_identical(value, stream$message())
  # A stream that ended long ago, too.
  expect_identical(settled(promises::as.promise(stream))$value, value)
})

test_that("a stream that breaks rejects, after its events", {
  stream <- open_scripted(
    test_server(), chat_events("a", done = FALSE),
    abort = "reset"
  )
  seen <- character()
  stream$on_event(function(event) seen <<- c(seen, event$text))
  error <- settled(promises::as.promise(stream))$error
  expect_s3_class(error, "openai_stream_error")
  expect_identical(error$text, "a")
  expect_identical(seen, "a")
  expect_identical(stream$error, error)
})

test_that("an error in a function rejects, closes, and is thrown nowhere", {
  server <- test_server()
  stream <- open_scripted(server, chat_events("a")[1], abort = "stall")
  stream$on_event(function(event) stop("mine"))
  error <- settled(promises::as.promise(stream))$error
  expect_identical(conditionMessage(error), "mine")
  expect_identical(stream$get_state(), "close")
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))
})

test_that("an error that nobody hears is printed, and thrown nowhere", {
  stream <- open_scripted(test_server(), chat_events("a"))
  stream$on_event(function(event) stop("mine"))
  printed <- capture.output(run_loop_until(later::loop_empty), type = "message")
  expect_identical(printed, "Error in a stream: mine")
})

test_that("an error in on_done rejects what was asked for later", {
  stream <- open_scripted(test_server(), chat_events("a"))
  stream$on_event(on_done = function(answer) stop("mine"))
  error <- settled(promises::as.promise(stream))$error
  expect_identical(conditionMessage(error), "mine")
})

test_that("close() in a function ends it; the server sees it, all settles", {
  server <- test_server()
  stream <- open_scripted(
    server, chat_events(rep("a", 1000)),
    pause = 0.01
  )
  seen <- 0
  closed <- NULL
  stream$on_event(function(event) {
    seen <<- seen + 1
    if (seen == 5) {
      closed <<- as.numeric(Sys.time())
      stream$close()
    }
  })
  error <- settled(promises::as.promise(stream))$error
  expect_s3_class(error, "openai_cancelled_error")
  expect_identical(seen, 5)
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))
  expect_lt(server$requests()[[1]]$closed_at - closed, 0.2)
})

test_that("a batch that holds the end is not delivered after close()", {
  stream <- open_scripted(
    test_server(), paste(chat_events(c("a", "b", "c")), collapse = "")
  )
  seen <- character()
  stream$on_event(function(event) {
    seen <<- c(seen, event$text)
    stream$close()
  })
  error <- settled(promises::as.promise(stream))$error
  expect_s3_class(error, "openai_cancelled_error")
  expect_identical(seen, "a")
})

test_that("close() from elsewhere settles, also before anything came", {
  stream <- open_scripted(test_server(), chat_events("a"), delay = 30)
  promise <- promises::as.promise(stream)
  stream$close()
  expect_s3_class(settled(promise)$error, "openai_cancelled_error")
})

test_that("the event loop is not empty while something is under way", {
  server <- test_server()
  stream <- open_scripted(server, chat_events("a"), pause = 0.1)
  # The next request gets the server's own answer.
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

test_that("a stream that nobody holds any more is delivered", {
  server <- test_server()
  done <- FALSE
  local({
    open_scripted(server, chat_events(c("a", "b")), pause = 0.02)$
      on_event(on_done = function(answer) done <<- TRUE)
  })
  gc()
  expect_no_error(run_loop_until(function() done))
})

test_that("twenty streams run side by side", {
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
  # All had begun before the first was over.
  expect_lt(max(vapply(written, min, 0)), min(vapply(written, max, 0)))
})

test_that("R's loop goes on while a request waits, comes again and streams", {
  server <- test_server()
  server$reply(
    status = 429, headers = c("Retry-After" = "1"), body = "{}", delay = 2
  )
  server$reply(chunks = chat_events(rep("x", 200)), pause = 0.005)
  done <- FALSE
  beats <- as.numeric(Sys.time())
  beat <- function() {
    beats <<- c(beats, as.numeric(Sys.time()))
    if (!done) later::later(beat, 0.05)
  }
  beat()
  stream <- test_client(server, max_retries = 2)$
    chat$create(hello, "m", stream = TRUE)
  stream$on_event(on_done = function(answer) done <<- TRUE)
  run_loop_until(function() done)
  # Waiting would stop them for seconds; bench/event_loop.R tells how even they
  # are.
  expect_lt(max(diff(beats)), 0.5)
})

test_that("every call has a twin that promises its value", {
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
  sound <- settled(client$audio$speech_async(input = "x"))$value
  expect_identical(sound, charToRaw("sound"))

  for (name in c("files", "vector_stores", "runs", "assistants")) {
    resource <- client[[name]]
    calls <- method_names(resource)
    for (call in calls) {
      twin <- resource[[paste0(call, "_async")]]
      expect_identical(formals(twin), formals(resource[[call]]), label = call)
    }
  }
})

test_that("a streamed call promises the answer too", {
  client <- test_client(test_server())
  promise <- client$chat$create_async(hello, "gpt-6-luna", stream = TRUE)
  text <- settled(promise)$value$vres$message$content
  expect_identical(
    text, client$chat$create(hello, "gpt-6-luna")$vres$message$content
  )
})

test_that("failures reject, whatever the client does with failed calls", {
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

test_that("calls go on while R waits for none of them", {
  server <- test_server()
  server$reply(body = '{"id":"a"}', delay = 0.5, times = 5)
  client <- test_client(server)
  promises <- lapply(1:5, function(i) client$files$retrieve_async("f"))
  all <- settled(promises::promise_all(.list = promises))$value
  expect_identical(all, rep(list(list(id = "a")), 5))
  times <- vapply(server$requests(), `[[`, 0, "received_at")
  expect_lt(diff(range(times)), 0.5)
})

test_that("a broken file of an upload is refused by the promise", {
  client <- test_client(test_server())
  error <- settled(client$audio$transcription_async(tempdir()))$error
  expect_match(conditionMessage(error), "directory")
})

test_that("what is missing is named with the way to get it", {
  library <- bare_library(c("openaistream", "R6"))
  result <- callr::r(function(library) {
    .libPaths(library, include.site = FALSE)
    server <- openaistream::local_server()
    on.exit(server$stop())
    client <- openaistream::openai$new("sk-test", base_url = server$url)
    hello <- list(list(role = "user", content = "Hello"))
    stream <- client$chat$create(hello, "gpt-6-luna", stream = TRUE)
    said <- function(code) tryCatch(code, error = conditionMessage)
    list(
      loop = said(stream$on_event(print)),
      promise = said(client$models$list_async()),
      text = stream$text()
    )
  }, list(library))
  expect_match(result$loop, "later.*install.packages")
  expect_match(result$promise, "later, promises.*install.packages")
  expect_match(result$text, "practice")
})

test_that("the event loop is found again when the package is loaded again", {
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
