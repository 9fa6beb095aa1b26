# $message() of a stream is what the same call without a stream returns.

completion <- function(choices, ..., usage = NULL) {
  json(
    id = "chatcmpl-1", object = "chat.completion", created = 1700000000,
    model = "gpt-6-luna", choices = choices, usage = usage, ...,
    service_tier = "default"
  )
}

chunk <- function(choices, usage = NULL) {
  json(
    id = "chatcmpl-1", object = "chat.completion.chunk", created = 1700000000,
    model = "gpt-6-luna", service_tier = "default", choices = choices,
    usage = usage, obfuscation = "Xk3"
  )
}

json <- function(...) {
  fields <- Filter(Negate(is.null), list(...))
  jsonlite::toJSON(fields, auto_unbox = TRUE, null = "null", digits = NA)
}

delta <- function(..., index = 0, logprobs = NULL, finish_reason = NULL) {
  delta <- list(...)
  if (length(delta) == 0) names(delta) <- character()
  c(
    list(index = index, delta = delta), list(logprobs = logprobs),
    list(finish_reason = finish_reason)
  )
}

call_part <- function(index, ..., arguments) {
  list(index = index, ..., "function" = list(arguments = arguments))
}

call_start <- function(index, id, name) {
  list(
    index = index, id = id, type = "function",
    "function" = list(name = name, arguments = "")
  )
}

tool_call <- function(id, name, arguments) {
  list(
    id = id, type = "function",
    "function" = list(name = name, arguments = arguments)
  )
}

# The messages of one answer, without and with a stream.
both <- function(whole, chunks) {
  server <- local_server()
  on.exit(server$stop())
  events <- c(paste0("data: ", chunks, "\n\n"), "data: [DONE]\n\n")
  server$reply(body = whole)$reply(chunks = events)
  client <- test_client(server)
  plain <- client$chat$create(hello, "m")
  stream <- client$chat$create(hello, "m", stream = TRUE)
  list(plain = plain, streamed = stream$message())
}

first <- list(role = "assistant", content = "", refusal = NULL)

test_that("a text and its usage are those of a plain call", {
  usage <- list(prompt_tokens = 3, completion_tokens = 2, total_tokens = 5)
  message <- c(first, list(annotations = list()))
  message$content <- "Hel\u00fc lo"
  answers <- both(
    completion(
      list(list(
        index = 0, message = message, logprobs = NULL, finish_reason = "stop"
      )),
      usage = usage
    ),
    c(
      chunk(list(do.call(delta, first))),
      chunk(list(delta(content = "Hel\u00fc"))),
      chunk(list(delta(content = " lo"))),
      chunk(list(delta(finish_reason = "stop"))),
      chunk(list(), usage = usage)
    )
  )
  expect_identical(answers$streamed, answers$plain)
  expect_identical(answers$streamed$vres$message$content, "Hel\u00fc lo")
})

test_that("tool calls are joined by their index", {
  call <- function(...) list(tool_calls = list(list(...)))
  answers <- both(
    completion(list(list(
      index = 0, message = list(
        role = "assistant", content = NULL, tool_calls = list(
          tool_call("call_1", "weather", "{\"city\":\"Rome\"}"),
          tool_call("call_2", "time", "{}")
        )
      ),
      logprobs = NULL, finish_reason = "tool_calls"
    ))),
    c(
      chunk(list(delta(
        role = "assistant", content = NULL,
        tool_calls = list(call_start(0, "call_1", "weather"))
      ))),
      chunk(list(delta(
        tool_calls = list(call_part(0, arguments = "{\"city\":"))
      ))),
      chunk(list(delta(tool_calls = list(call_start(1, "call_2", "time"))))),
      chunk(list(delta(tool_calls = list(call_part(1, arguments = "{}"))))),
      chunk(list(delta(
        tool_calls = list(call_part(0, arguments = "\"Rome\"}"))
      ))),
      chunk(list(delta(finish_reason = "tool_calls")))
    )
  )
  expect_identical(answers$streamed, answers$plain)
})

test_that("choices are separate and keep their log probabilities", {
  token <- function(text) {
    list(
      token = text, logprob = -0.31725305, bytes = list(72, 105),
      top_logprobs = list()
    )
  }
  logprobs <- function(...) list(content = list(...), refusal = NULL)
  choice <- function(index, text, ...) {
    list(
      index = index, message = list(role = "assistant", content = text),
      logprobs = logprobs(...), finish_reason = "length"
    )
  }
  part <- function(index, text) {
    chunk(list(delta(
      content = text, index = index, logprobs = logprobs(token(text))
    )))
  }
  answers <- both(
    completion(list(
      choice(0, "ab", token("a"), token("b")), choice(1, "x", token("x"))
    )),
    c(
      chunk(list(delta(role = "assistant", content = "", index = 1))),
      chunk(list(delta(role = "assistant", content = "", index = 0))),
      part(0, "a"), part(1, "x"), part(0, "b"),
      chunk(list(delta(index = 1, finish_reason = "length"))),
      chunk(list(delta(index = 0, finish_reason = "length")))
    )
  )
  expect_identical(answers$streamed, answers$plain)
})

test_that("a refusal is that of a plain call", {
  message <- first
  message["content"] <- list(NULL)
  message$refusal <- "I cannot."
  answers <- both(
    completion(list(list(
      index = 0, message = c(message, list(annotations = list())),
      logprobs = NULL, finish_reason = "stop"
    ))),
    c(
      chunk(list(delta(role = "assistant", content = NULL, refusal = ""))),
      chunk(list(delta(refusal = "I can"))),
      chunk(list(delta(refusal = "not."))),
      chunk(list(delta(finish_reason = "stop")))
    )
  )
  expect_identical(answers$streamed, answers$plain)
})

test_that("a plain response to a stream request gives the same message", {
  whole <- completion(list(list(
    index = 0, message = list(role = "assistant", content = "whole"),
    finish_reason = "stop"
  )))
  server <- test_server()
  server$reply(body = whole, times = 2)
  client <- test_client(server)
  plain <- client$chat$create(hello, "m")
  streamed <- client$chat$create(hello, "m", stream = TRUE)$message()
  expect_identical(streamed, plain)
})

test_that("the message of speech has all bytes, also if some were read", {
  server <- test_server()
  bytes <- as.raw(rep(0:255, 40))
  server$reply(chunks = list(bytes[1:5000], bytes[5001:10240]))
  stream <- test_client(server)$audio$speech(
    input = "x", stream = TRUE, num = 100
  )
  expect_identical(stream$next_value, bytes[1:200])
  expect_identical(stream$message(), bytes)
})

test_that("the message of a run is the run of its last event", {
  events <- c(
    'event: thread.run.created\ndata: {"id":"run_1","status":"queued"}\n\n',
    paste0(
      "event: thread.message.delta\n",
      'data: {"delta":{"content":[{"index":0,"text":{"value":"Hi"}}]}}\n\n'
    ),
    'event: thread.run.step.completed\ndata: {"id":"step_1"}\n\n',
    'event: thread.run.completed\ndata: {"id":"run_1","status":"completed"}\n\n',
    "event: done\ndata: [DONE]\n\n"
  )
  server <- test_server()
  server$reply(chunks = events)
  server$reply(body = '{"id":"run_1","status":"completed"}')
  client <- test_client(server)
  stream <- client$runs$create("thread_1", "asst_1", stream = TRUE)
  expect_identical(stream$text(), "Hi")
  expect_identical(stream$message(), client$runs$retrieve("thread_1", "run_1"))
})

test_that("a failed stream returns a failed call or the partial message", {
  server <- test_server()
  server$reply(
    chunks = chat_events("par", done = FALSE), abort = "close", times = 2
  )
  client <- test_client(server, on_error = "return")
  stream <- client$chat$create(hello, "m", stream = TRUE)
  failed <- failed_call(stream$message())
  expect_no_warning(stream$message())
  expect_false(failed$success)
  expect_identical(failed$type, "general")
  expect_identical(failed$text, "par")
  expect_identical(stream$message(partial = TRUE)$vres$message$content, "par")

  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  expect_error(stream$message(), class = "openai_stream_error")
})

test_that("a closed stream returns the events that were read", {
  server <- test_server()
  server$reply(chunks = chat_events(c("one", "two"))[1:2], abort = "stall")
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  stream$next_event()
  stream$close()
  expect_identical(stream$text(), "one")
  expect_identical(stream$message()$vres$message$content, "one")
})
