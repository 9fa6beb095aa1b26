# Methods to read a stream, other than $next_value.

scripted <- function(chunks, ..., env = parent.frame()) {
  server <- test_server(env = env)
  server$reply(chunks = chunks, ...)
  list(
    server = server,
    stream = test_client(server)$chat$create(hello, "m", stream = TRUE)
  )
}

closed_at <- function(server) server$requests()[[1]]$closed_at

test_that("$text() returns the whole text of any choice", {
  other <- 'data: {"choices":[{"index":1,"delta":{"content":"b"}}]}\n\n'
  case <- scripted(c(chat_events("a")[1], other, chat_events("c")), pause = 0.01)
  expect_identical(case$stream$text(), "ac")
  expect_identical(case$stream$text(choice = 2), "b")
  expect_error(case$stream$text(choice = 3), "no choice 3")
  expect_identical(case$stream$get_state(), "complete")
})

test_that("the error of $text() has the text received so far", {
  case <- scripted(chat_events("half", done = FALSE), abort = "reset")
  condition <- tryCatch(case$stream$text(), error = identity)
  expect_s3_class(condition, "openai_stream_error")
  expect_identical(condition$text, "half")
  expect_identical(case$stream$error, condition)
})

test_that("$each() passes on every event in order, with its text", {
  contents <- as.character(1:200)
  case <- scripted(chat_events(contents))
  texts <- contents_of_choices <- character()
  returned <- case$stream$each(function(event) {
    texts <<- c(texts, event$text)
    contents_of_choices <<- c(contents_of_choices, event$choices$delta$content)
  })
  expect_identical(texts, contents)
  expect_identical(contents_of_choices, contents)
  expect_identical(returned, case$stream)
})

test_that("$each() stops at FALSE and closes the connection", {
  case <- scripted(chat_events(c("a", "b", "c"))[1:3], abort = "stall")
  seen <- character()
  case$stream$each(function(event) {
    seen <<- c(seen, event$text)
    event$text != "b"
  })
  expect_identical(seen, c("a", "b"))
  expect_identical(case$stream$get_state(), "close")
  wait_until(function() !is.null(closed_at(case$server)))
  expect_identical(case$stream$next_value, "close")
})

test_that("an error in the function of $each() closes the connection", {
  case <- scripted(chat_events("a")[1], abort = "stall")
  expect_error(case$stream$each(function(event) stop("mine")), "mine")
  expect_no_error(wait_until(function() !is.null(closed_at(case$server))))
})

test_that("$close() inside $each() ends it", {
  case <- scripted(chat_events(c("a", "b", "c")))
  seen <- 0
  case$stream$each(function(event) {
    seen <<- seen + 1
    case$stream$close()
  })
  expect_identical(seen, 1)
  expect_identical(case$stream$get_state(), "close")
})

test_that("$each() signals the error of a stream that is interrupted", {
  case <- scripted(chat_events(c("a", "b"), done = FALSE), abort = "close")
  seen <- character()
  expect_error(
    case$stream$each(function(event) seen <<- c(seen, event$text)),
    class = "openai_stream_error"
  )
  expect_identical(seen, c("a", "b"))
})

test_that("$next_event() returns one event, then NULL", {
  case <- scripted(chat_events(c("a", "b")))
  expect_identical(case$stream$next_event()$text, "a")
  expect_identical(case$stream$next_event()$text, "b")
  expect_null(case$stream$next_event())
  expect_identical(case$stream$get_state(), "complete")
  expect_null(case$stream$next_event())
})

test_that("$next_event() returns NULL after its timeout and loses no event", {
  case <- scripted(chat_events("late"), pause = 0.3)
  expect_null(case$stream$next_event(timeout = 0.05))
  expect_identical(case$stream$get_state(), "initialized")
  expect_identical(case$stream$next_event()$text, "late")
  expect_error(case$stream$next_event(timeout = -1), "timeout")
})

test_that("$next_event() signals the error of an interrupted stream once", {
  case <- scripted(chat_events("a", done = FALSE), abort = "close")
  case$stream$next_event()
  expect_error(case$stream$next_event(), class = "openai_stream_error")
  expect_null(case$stream$next_event())
})

test_that("methods to read a stream can be mixed", {
  case <- scripted(chat_events(c("a", "b", "c", "d")))
  expect_identical(case$stream$next_event()$text, "a")
  expect_identical(case$stream$next_value$vres[[1]]$content, "b")
  expect_identical(case$stream$text(), "abcd")
  expect_identical(case$stream$next_value, "complete")
})

test_that("echo prints the text, and the stream can still be read", {
  server <- test_server()
  server$reply(chunks = chat_events(c("Hel", "lo")), times = 2)
  client <- test_client(server)
  printed <- capture.output(
    stream <- client$chat$create(hello, "m", stream = TRUE, echo = TRUE)
  )
  expect_identical(printed, "Hello")
  expect_identical(stream$text(), "Hello")
  expect_error(client$chat$create(hello, "m", echo = NA), "`echo`")
})

test_that("echo of an interrupted stream signals an error or a warning", {
  server <- test_server()
  server$reply(
    chunks = chat_events("Hel", done = FALSE), abort = "close", times = 2
  )
  client <- test_client(server)
  printed <- capture.output(expect_error(
    client$chat$create(hello, "m", stream = TRUE, echo = TRUE),
    class = "openai_stream_error"
  ))
  expect_identical(printed, "Hel")
  client <- test_client(server, on_error = "return")
  printed <- capture.output(expect_warning(
    stream <- client$chat$create(hello, "m", stream = TRUE, echo = TRUE),
    "connection", class = "openai_failed_call_warning"
  ))
  expect_identical(printed, "Hel")
  expect_s3_class(stream$error, "openai_stream_error")
})

test_that("on_error = \"stop\" applies to all methods that read a stream", {
  readers <- list(
    echo = function(chat) chat$create(hello, "m", stream = TRUE, echo = TRUE),
    each = function(chat) {
      chat$create(hello, "m", stream = TRUE)$each(function(event) NULL)
    },
    text = function(chat) chat$create(hello, "m", stream = TRUE)$text(),
    message = function(chat) chat$create(hello, "m", stream = TRUE)$message(),
    event = function(chat) chat$create(hello, "m", stream = TRUE)$next_event()
  )
  server <- test_server()
  server$reply(status = 429, body = "{}", times = 2 * length(readers))
  for (on_error in list("stop", NULL)) {
    client <- test_client(server)$with_options(on_error = on_error)
    for (read in readers) {
      expect_error(read(client$chat), class = "openai_rate_limit_error")
    }
  }
})

test_that("echo without a stream prints the answer", {
  client <- test_client(test_server())
  printed <- capture.output(
    answer <- client$chat$create(hello, "gpt-6-luna", echo = TRUE)
  )
  expect_identical(printed, answer$vres$message$content)
})

test_that("a value that `echo` printed is returned invisibly", {
  client <- test_client(test_server())
  one <- tool(function() 1, "One.", name = "one")
  for (call in expression(
    client$chat$create(hello, "m", echo = TRUE),
    client$chat$create(hello, "m", stream = TRUE, echo = TRUE),
    client$chat$run_tools(hello, "m", one, echo = TRUE),
    client$responses$create("Hi", "m", echo = TRUE),
    client$responses$create("Hi", "m", stream = TRUE, echo = TRUE),
    client$responses$run_tools("Hi", "m", one, echo = TRUE)
  )) {
    capture.output(seen <- withVisible(eval(call)))
    expect_false(seen$visible, info = deparse(call))
  }
  expect_visible(client$chat$create(hello, "m"))
  expect_visible(client$responses$create("Hi", "m"))
})

test_that("a stream has its usage, request id and timings", {
  server <- test_server(token_delay = 0.002)
  stream <- test_client(server)$chat$create(
    hello, "gpt-6-luna",
    stream = TRUE, stream_options = list(include_usage = TRUE)
  )
  expect_null(stream$usage)
  expect_identical(unname(stream$timings[["total"]]), NA_real_)
  text <- stream$text()
  expect_identical(
    stream$usage$total_tokens,
    stream$usage$prompt_tokens + stream$usage$completion_tokens
  )
  expect_match(stream$request_id, "^req_")
  timings <- stream$timings
  expect_named(
    timings, c("first_byte", "first_token", "total", "tokens_per_second")
  )
  expect_false(anyNA(timings))
  # On a busy machine several events arrive together.
  expect_false(is.unsorted(timings[1:3]))
  printed <- capture.output(print(stream))
  expect_match(printed, "<DataStream> complete", all = FALSE)
  expect_match(printed, "model: gpt-6-luna", all = FALSE)
  expect_match(printed, paste("characters:", nchar(text)), all = FALSE)
  expect_error(stream$usage <- 1, "read-only")
})

test_that("as.data.frame() has a row for each piece of text", {
  other <- 'data: {"choices":[{"index":1,"delta":{"content":"\u00fc"}}]}\n\n'
  case <- scripted(
    c(chat_events("a")[1], other, chat_events("\u00e9c")),
    pause = 0.01
  )
  expect_identical(nrow(as.data.frame(case$stream)), 0L)
  case$stream$message()
  frame <- as.data.frame(case$stream)
  expect_identical(frame$text, c("a", "\u00fc", "\u00e9c"))
  expect_identical(frame$choice, c(1L, 2L, 1L))
  expect_false(is.unsorted(frame$time))
})

test_that("speech arrives in pieces and has no text", {
  server <- test_server()
  server$reply(chunks = list(as.raw(1:3), as.raw(4:6)), times = 2)
  client <- test_client(server)
  stream <- client$audio$speech(input = "x", stream = TRUE)
  bytes <- raw()
  stream$each(function(piece) bytes <<- c(bytes, piece))
  expect_identical(bytes, as.raw(1:6))
  expect_error(stream$text(), "no text")
})

test_that("iterators read a stream", {
  skip_if_not_installed("iterators")
  case <- scripted(chat_events(c("a", "b")))
  iterator <- iterators::iter(case$stream)
  expect_identical(iterators::nextElem(iterator)$text, "a")
  expect_identical(iterators::nextElem(iterator)$text, "b")
  expect_error(iterators::nextElem(iterator), "StopIteration")
})

test_that("coro loops and generators read a stream", {
  skip_if_not_installed("coro")
  case <- scripted(chat_events(c("a", "b", "c")))
  texts <- coro::generator(function() {
    for (event in case$stream) coro::yield(event$text)
  })
  expect_identical(coro::collect(texts()), list("a", "b", "c"))
})

test_that("the text of an answer has its text parts, but no thinking", {
  part <- function(...) {
    json <- jsonlite::toJSON(list(...), auto_unbox = TRUE)
    paste0('data: {"choices":[{"index":0,"delta":{"content":', json, "}}]}\n\n")
  }
  text <- function(text) list(type = "text", text = text)
  thinking <- function(...) list(type = "thinking", thinking = list(...))
  chunks <- c(
    part(thinking(text("Let me "))), part(thinking(text("see."))),
    part(text("Hel")), part(thinking(text("!")), text("l"), text("o")),
    chat_events(c(" ", "there"))
  )
  texts <- c("", "", "Hel", "lo", " ", "there")

  expect_identical(scripted(chunks)$stream$text(), "Hello there")
  expect_output(scripted(chunks)$stream$echo(), "^Hello there$")
  seen <- character()
  stream <- scripted(chunks)$stream
  stream$each(function(event) seen <<- c(seen, event$text))
  expect_identical(seen, texts)
  expect_identical(paste(as.data.frame(stream)$text, collapse = ""),
    "Hello there"
  )
  content <- stream$message()$vres$message$content[[1]]
  expect_identical(content$type, c("thinking", "text", "thinking", "text"))
  expect_identical(content$text, c(NA, "Hel", NA, "lo there"))
  expect_identical(content$thinking[[1]]$text, "Let me see.")
})

test_that("$tool_calls() assembles the calls of different servers", {
  chunk <- function(...) {
    json <- jsonlite::toJSON(list(...), auto_unbox = TRUE)
    paste0(
      'data: {"choices":[{"index":0,"delta":{"tool_calls":', json, "}}]}\n\n"
    )
  }
  call <- function(..., name = NULL, arguments) {
    c(list(...), list("function" = c(
      if (!is.null(name)) list(name = name), list(arguments = arguments)
    )))
  }
  expected <- data.frame(id = c("a", "b"))
  expected$`function` <- data.frame(
    name = c("read", "list"), arguments = c('{"path":"x"}', "{}")
  )
  servers <- list(
    one_index = c(
      chunk(call(index = 0, id = "a", name = "read", arguments = '{"path":')),
      chunk(call(index = 0, arguments = '"x"}')),
      chunk(call(index = 0, id = "b", name = "list", arguments = "{}"))
    ),
    two_in_a_chunk = c(
      chunk(
        call(index = 0, id = "a", name = "read", arguments = ""),
        call(index = 0, arguments = '{"pa')
      ),
      chunk(call(index = 0, arguments = 'th":"x"}')),
      chunk(call(index = 1, id = "b", name = "list", arguments = "{}"))
    ),
    no_labels = c(
      chunk(call(id = "a", name = "read", arguments = "")),
      chunk(call(arguments = '{"path":"x"')), chunk(call(arguments = "}")),
      chunk(call(id = "b", name = "list", arguments = "{}"))
    ),
    objects = chunk(
      call(index = 0, id = "a", name = "read", arguments = list(path = "x")),
      call(
        index = 0, id = "b", name = "list",
        arguments = structure(list(), names = character())
      )
    )
  )
  for (server in names(servers)) {
    stream <- scripted(c(servers[[server]], "data: [DONE]\n\n"))$stream
    message <- stream$message()$vres$message
    expect_identical(message$tool_calls[[1]], expected, info = server)
    expect_identical(stream$tool_calls(), expected, info = server)
    expect_identical(message$role, "assistant")
    expect_identical(message$content, NA)
  }
  expect_null(scripted(chat_events("a"))$stream$tool_calls())
})
