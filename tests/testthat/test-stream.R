test_that("events are returned before the answer is complete", {
  server <- test_server()
  events <- chat_events(c("one", "two"))
  server$reply(chunks = events[1:2], abort = "stall")

  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE, num = 1)

  expect_identical(stream$get_state(), "initialized")
  expect_identical(stream$next_value$vres[[1]]$content, "one")
  expect_identical(stream$next_value$vres[[1]]$content, "two")
  expect_identical(stream$get_state(), "httr2_open")
  expect_identical(stream$close(), "close success")
})

test_that("the request is sent when the stream is created", {
  server <- test_server()
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  wait_until(function() length(server$requests()) == 1)
  expect_identical(stream$get_state(), "initialized")
  stream$close()
})

test_that("a batch has at most num events, in order, and none is lost", {
  server <- test_server()
  contents <- as.character(1:100)
  server$reply(chunks = chat_events(contents))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE, num = 7)

  batches <- Filter(is.list, read_all(stream))

  expect_lte(max(lengths(lapply(batches, `[[`, "vres"))), 7)
  read <- unlist(lapply(batches, function(batch) {
    vapply(batch$vres, `[[`, "", "content")
  }))
  expect_identical(read, contents)
})

test_that("close() ends the stream and closes the connection", {
  server <- test_server()
  server$reply(chunks = chat_events("one")[1], abort = "stall")
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  stream$next_value

  expect_identical(stream$close(), "close success")

  expect_identical(stream$next_value, "close")
  expect_identical(stream$get_state(), "close")
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))
})

test_that("a dropped stream is cancelled by the garbage collector", {
  server <- test_server()
  server$reply(chunks = chat_events("one")[1], abort = "stall")
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  stream$next_value

  rm(stream)

  expect_no_error(wait_until(function() {
    gc()
    !is.null(server$requests()[[1]]$closed_at)
  }))
})

test_that("an HTTP error is returned once, as a condition, before the end", {
  server <- test_server()
  server$reply(
    status = 401,
    body = '{"error":{"message":"No such key.","code":"invalid_api_key"}}'
  )
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)

  values <- read_all(stream)

  expect_length(values, 2)
  expect_identical(tail(class(values[[1]]), 2), c("error", "condition"))
  expect_match(conditionMessage(values[[1]]), "401.*No such key")
  expect_identical(values[[1]]$status, 401L)
  expect_identical(values[[2]], "complete")
  expect_identical(stream$get_state(), "complete")
})

expect_lost_after_two_events <- function(values) {
  contents <- lapply(values[1:2], function(batch) batch$vres[[1]]$content)
  expect_identical(contents, list("one", "two"))
  expect_s3_class(values[[3]], "openai_connection_error")
  expect_identical(values[[4]], "complete")
}

test_that("events before a lost connection are returned before its error", {
  server <- test_server()
  server$reply(
    chunks = chat_events(c("one", "two"), done = FALSE), abort = "close"
  )
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE, num = 1)
  expect_lost_after_two_events(read_all(stream))
})

test_that("events before a reset are returned before its error", {
  listener <- listening_port()
  client <- openai$new(
    "sk-test",
    base_url = sprintf("http://127.0.0.1:%d/v1", listener$port),
    max_retries = 0
  )
  stream <- client$chat$create(hello, "m", stream = TRUE, num = 1)
  server <- socketAccept(listener$socket, blocking = TRUE, open = "r+b")
  # A response to no request is an error.
  socketSelect(list(server))
  head <- "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
  events <- chat_events(c("one", "two"), done = FALSE)
  writeBin(charToRaw(paste(c(head, events), collapse = "")), server)
  # The second event arrives together with the first.
  first <- stream$next_value
  # The request was not read, so the connection is reset.
  close(server)
  expect_lost_after_two_events(c(list(first), read_all(stream)))
})

test_that("an answer that ends too early is an error", {
  server <- test_server()
  server$reply(chunks = chat_events("one", done = FALSE))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)

  values <- read_all(stream)

  expect_identical(values[[1]]$vres[[1]]$content, "one")
  expect_s3_class(values[[2]], "openai_stream_error")
  expect_match(conditionMessage(values[[2]]), "ended before")
})

test_that("tool calls of a delta are a column", {
  server <- test_server()
  server$reply(chunks = c(paste0(
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":null,",
    "\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"function\":",
    "{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n"
  ), "data: [DONE]\n\n"))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)

  delta <- stream$next_value$vres[[1]]

  expect_identical(names(delta), c("index", "content", "tool_calls"))
  expect_identical(delta$content, NA)
  expect_identical(delta$tool_calls[[1]]$id, "call_1")
})

test_that("a run returns the texts and the parsed data with event names", {
  server <- test_server()
  server$reply(chunks = c(
    "event: thread.run.created\ndata: {\"id\":\"run_1\",\"status\":\"queued\"}\n\n",
    paste0(
      "event: thread.message.delta\n",
      "data: {\"id\":\"msg_1\",\"delta\":{\"content\":[{\"index\":0}]}}\n\n"
    ),
    "event: thread.run.completed\ndata: {\"id\":\"run_1\"}\n\n",
    "event: done\ndata: [DONE]\n\n"
  ))
  stream <- test_client(server)$runs$create(
    "thread_1", "asst_1", stream = TRUE, num = 10
  )

  batches <- Filter(is.list, read_all(stream))
  texts <- unlist(lapply(batches, `[[`, "all_resp"))
  values <- unlist(lapply(batches, `[[`, "vres"), recursive = FALSE)

  expect_identical(texts[[1]], "{\"id\":\"run_1\",\"status\":\"queued\"}")
  expect_identical(
    values[[1]],
    list(event = "thread.run.created", id = "run_1", status = "queued")
  )
  expect_identical(
    vapply(values, `[[`, "", "event"),
    c("thread.run.created", "thread.message.delta", "thread.run.completed")
  )
  expect_identical(stream$get_state(), "complete")
})

test_that("speech is returned in pieces of 2 * num bytes", {
  server <- test_server()
  bytes <- as.raw(seq_len(250) %% 256)
  server$reply(
    headers = c("Content-Type" = "audio/mpeg"),
    chunks = list(bytes[1:3], bytes[4:150], bytes[151:250])
  )
  stream <- test_client(server)$audio$speech(
    input = "hi", stream = TRUE, num = 50
  )

  pieces <- Filter(is.raw, read_all(stream))

  expect_identical(lengths(pieces), c(100L, 100L, 50L, 0L))
  expect_identical(do.call(c, pieces), bytes)
})

test_that("an invalid `num` is refused before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  for (num in list(0, -1, NA_real_, Inf, c(1, 2))) {
    expect_error(
      client$chat$create(hello, "m", stream = TRUE, num = num), "`num`"
    )
  }
  expect_length(server$requests(), 0)
})

test_that("20 successive streams use one connection", {
  server <- test_server()
  client <- test_client(server)
  for (i in 1:20) {
    read_all(client$chat$create(hello, "m", stream = TRUE))
  }
  expect_identical(server$connections(), 1)
  # Also if the body ends a moment after the last event.
  server$reply(
    chunks = c(chat_events("one"), ""), pause = c(0, 0, 0.01), times = 5
  )
  for (i in 1:5) {
    read_all(client$chat$create(hello, "m", stream = TRUE))
  }
  expect_identical(server$connections(), 1)
})

test_that("next_value cannot be assigned", {
  server <- test_server()
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  expect_error(stream$next_value <- 1, "read-only")
  stream$close()
})

test_that("each of 200 events is returned before the server sends the next", {
  listener <- listening_port()
  base_url <- sprintf("http://127.0.0.1:%d/v1", listener$port)
  client <- openai$new(
    "sk-test",
    base_url = base_url, max_retries = 0, on_error = "stop",
    timeouts = c(idle = 30)
  )
  stream <- client$chat$create(hello, "m", stream = TRUE, num = 5)
  server <- socketAccept(listener$socket, blocking = TRUE, open = "r+b")
  withr::defer(close(server))
  while (nzchar(readLines(server, 1))) NULL
  send <- function(text) writeBin(charToRaw(text), server)
  send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
  for (content in as.character(1:200)) {
    send(chat_events(content, done = FALSE))
    # Both methods must return the event without waiting for another.
    received <- if (as.integer(content) %% 2 == 0) {
      stream$next_event()$text
    } else {
      stream$next_value$vres[[1]]$content
    }
    expect_identical(received, content)
    if (is.null(received)) break
  }
  stream$close()
})

test_that("the values of events do not depend on how they are read", {
  deltas <- c(
    '"role":"assistant","content":""', '"content":" x"', '"content":"NA"',
    '"content":"-Inf"', '"content":"\\u00fc\\ud83d\\ude00"', '"content":null',
    '"content":"a","index":3', '"content":["a"]', "", '"refusal":"no"',
    '"content":"b"', '"tool_calls":[{"index":0,"id":"call_1"}]'
  )
  index <- c(0, 1, 0, 2147483647, 2147483648, 0, 0, 0, 0, 0, 1.5, 0)
  events <- c(sprintf(
    'data: {"choices":[{"index":%s,"delta":{%s}}]}\n\n',
    format(index, digits = 15, trim = TRUE), deltas
  ), 'data: {"choices":[],"usage":{"total_tokens":7}}\n\n')
  read <- function(num, ...) {
    server <- test_server()
    done <- "data: [DONE]\n\n"
    server$reply(chunks = paste(c(events, done), collapse = ""))
    stream <- test_client(server)$
      chat$create(hello, "m", stream = TRUE, num = num, ...)
    wait_until(function() {
      seen <- server$requests()
      length(seen) == 1 && length(seen[[1]]$written_at) == 1
    })
    batches <- Filter(function(x) is.list(x$vres), head(read_all(stream), -1))
    list(
      do.call(c, lapply(batches, `[[`, "all_resp")),
      do.call(c, lapply(batches, `[[`, "vres"))
    )
  }
  for (num in c(1, 2, 3L)) {
    # A verbose call prints before it returns values, in other code.
    capture.output(verbose <- read(num, verbosity = 1))
    expect_identical(read(num), verbose)
  }
})

test_that("a change of one event does not change the next", {
  server <- test_server()
  server$reply(chunks = paste(chat_events(c("a", "b")), collapse = ""))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  batch <- stream$next_value
  names(batch$vres[[1]])[[2]] <- "text"
  attr(batch$vres[[1]], "row.names")[[1]] <- 7L
  expect_named(batch$vres[[2]], c("index", "content"))
  expect_identical(batch$vres[[2]], data.frame(index = 0L, content = "b"))
})

test_that("an event with several choices has a row for each", {
  value_of <- function(choices, num = 1) {
    server <- test_server()
    server$reply(chunks = c(
      paste0('data: {"choices":[', choices, "]}\n\n"), "data: [DONE]\n\n"
    ))
    client <- test_client(server)
    client$chat$create(hello, "m", stream = TRUE)$next_value$vres[[1]]
  }
  expect_identical(
    value_of(paste0(
      '{"index":0,"delta":{"content":"a"}},',
      '{"index":1,"delta":{"content":"b"}}'
    )),
    data.frame(index = 0:1, content = c("a", "b"))
  )
  expect_identical(
    value_of(paste0(
      '{"index":2,"delta":{"role":"assistant","content":null}},',
      '{"index":0,"delta":{}},{"index":1,"delta":{"content":"b"}}'
    )),
    data.frame(
      index = c(2L, 0L, 1L), role = c("assistant", NA, NA),
      content = c(NA, NA, "b")
    )
  )
})
