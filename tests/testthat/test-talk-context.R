# Conversations that exceed the context window of their model.

too_long <- paste0(
  '{"error":{"message":"Your input exceeds the context window of this ',
  'model.","type":"invalid_request_error","code":"context_length_exceeded"}}'
)

# Queues a rejection of the next request, for any path.
reject_as_too_long <- function(server, times = 1) {
  server$reply(400, body = too_long, times = times)
}

# Queues the summary of a chat; responses are shortened by the server.
queue_summary <- function(server, api, text) {
  if (api == "chat") server$reply_chat(text)
}

long_talk <- function(server, api, ..., turns = 4) {
  talk <- test_client(server)$conversation("m", api = api, ...)
  for (turn in seq_len(turns)) {
    server$reply_chat(paste("Answer", turn))
    talk$say(paste("Question", turn), echo = FALSE)
  }
  talk
}

latest_body <- function(server) {
  requests <- server$requests()
  requests[[length(requests)]]$body
}

test_that("exceeding the context window is an error that says what to do", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    talk <- long_talk(server, api, turns = 1)
    before <- talk$messages
    reject_as_too_long(server)
    error <- expect_error(
      talk$say("More.", echo = FALSE), class = "openai_context_error"
    )
    expect_s3_class(error, "openai_bad_request_error")
    expect_match(conditionMessage(error), "Model \"m\" takes no input of this")
    expect_match(conditionMessage(error), "`$compact()` shortens", fixed = TRUE)
    expect_identical(talk$messages, before)
  }
})

test_that("outside a conversation, the error says what to shorten", {
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  reject_as_too_long(server, times = 2)
  expect_error(
    client$chat$create("x", "m"), "leave out earlier messages, shorten",
    class = "openai_context_error"
  )
  expect_error(
    client$responses$create("x", "m"), "leave out earlier messages, shorten",
    class = "openai_context_error"
  )
})

test_that("compact = TRUE shortens the conversation and continues", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    talk <- long_talk(server, api, compact = TRUE)
    reject_as_too_long(server)
    queue_summary(server, api, "We counted.")
    server$reply_chat("Five.")

    expect_message(
      answer <- talk$say("And now?", echo = FALSE), "context.*shorten"
    )

    text <- if (api == "chat") answer$text else answer$output_text
    expect_identical(text, "Five.")
    expect_lt(length(talk$messages), 8)
    expect_match(latest_body(server), "And now?", fixed = TRUE)
    expect_no_match(latest_body(server), "Answer 2", fixed = TRUE)
    expect_identical(nrow(suppressWarnings(talk$usage())), 6L)
    talk$undo()
    expect_error(talk$undo(), "nothing to undo")
  }
})

test_that("$compact() shortens the older half if the whole is too long", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    talk <- long_talk(server, api)
    path <- if (api == "chat") "/v1/chat/completions" else "/v1/responses/compact"
    server$reply(400, body = too_long, path = path)
    queue_summary(server, api, "We counted.")
    kept <- talk$messages[5:8]

    talk$compact()

    expect_identical(tail(talk$messages, 4), kept)
    expect_lt(length(talk$messages), 8)
    talk$undo()
    expect_identical(tail(talk$messages, 2), kept[1:2])
    talk$undo()
    expect_error(talk$undo(), "nothing to undo")
  }
})

test_that("compact = TRUE continues between tool calls", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    calls <- 0
    count <- tool(function() calls <<- calls + 1, "Counts.", name = "count")
    talk <- long_talk(server, api, tools = count, compact = TRUE, turns = 2)
    server$reply_tool("count")
    reject_as_too_long(server)
    queue_summary(server, api, "We counted.")
    server$reply_chat("Once.")
    suppressMessages(answer <- talk$say("Count.", echo = FALSE))
    expect_identical(calls, 1)
    expect_identical(answer$rounds, 2)
    expect_match(latest_body(server), "call_id|tool_call_id")
  }
})

test_that("compact = TRUE fails when nothing is left to shorten", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    talk <- long_talk(server, api, compact = TRUE, turns = 2)
    reject_as_too_long(server)
    queue_summary(server, api, "We counted.")
    if (api == "responses") {
      server$reply(
        body = '{"object":"response.compaction","output":[{"type":"compaction"}]}',
        path = "/v1/responses/compact"
      )
    }
    reject_as_too_long(server)
    suppressMessages(expect_error(
      talk$say("Too much.", echo = FALSE), class = "openai_context_error"
    ))
    expect_gt(length(talk$messages), 0)
  }
})

test_that("compact = TRUE also applies to $say_async()", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    talk <- long_talk(server, api, compact = TRUE)
    reject_as_too_long(server)
    queue_summary(server, api, "We counted.")
    server$reply_chat("Five.")
    answer <- value_of(talk$say_async("And now?"))
    expect_identical(answer$rounds, 1)
    expect_lt(length(talk$messages), 8)
  }
})

test_that("a promise rejected for the context window says what to do", {
  server <- test_server()
  talk <- long_talk(server, "chat", turns = 1)
  reject_as_too_long(server)
  expect_error(
    value_of(talk$say_async("More.")), "`\\$compact\\(\\)` shortens",
    class = "openai_context_error"
  )
})

test_that("an empty summary leaves the conversation unchanged", {
  server <- test_server()
  talk <- long_talk(server, "chat")
  before <- talk$messages
  server$reply_chat("")
  expect_error(talk$compact(), "unchanged", class = "openai_error")
  expect_identical(talk$messages, before)
})

test_that("compact = TRUE also applies to $stream(), however it is read", {
  ways <- list(
    function(stream) stream$text(),
    function(stream) {
      text <- ""
      stream$each(function(event) text <<- paste0(text, event$text))
      text
    },
    function(stream) {
      while (is.list(stream$next_value)) NULL
      stream$text()
    },
    function(stream) {
      done <- FALSE
      stream$on_event(on_done = function(value) done <<- TRUE)
      run_loop_until(function() done)
      stream$text()
    }
  )
  for (api in c("responses", "chat")) {
    for (way in ways) {
      server <- test_server()
      talk <- long_talk(server, api, compact = TRUE)
      reject_as_too_long(server)
      queue_summary(server, api, "We counted.")
      server$reply_chat("Five.")
      # Handlers do not reach the event loop.
      messages <- utils::capture.output(
        text <- way(talk$stream("And now?")),
        type = "message"
      )
      expect_match(messages, "context.*shorten", all = FALSE)
      expect_identical(text, "Five.")
      expect_null(talk$stream())
      expect_lt(length(talk$messages), 8)
      expect_no_match(latest_body(server), "Answer 2", fixed = TRUE)
      expect_identical(nrow(suppressWarnings(talk$usage())), 6L)
      last <- talk$messages[length(talk$messages) - 1]
      expect_match(jsonlite::toJSON(last), "And now?", fixed = TRUE)
    }
  }
})

test_that("compact = TRUE applies to a stream after tool calls", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    count <- tool(function() 1, "Counts.", name = "count")
    talk <- long_talk(server, api, tools = count, compact = TRUE, turns = 2)
    server$reply_tool("count")
    reject_as_too_long(server)
    queue_summary(server, api, "We counted.")
    server$reply_chat("Once.")
    talk$stream("Count.")$text()
    stream <- talk$stream()
    expect_identical(suppressMessages(stream$text()), "Once.")
    expect_null(talk$stream())
    expect_match(latest_body(server), "call_id|tool_call_id")
    talk$undo()
    expect_error(talk$undo(), "nothing to undo")
  }
})

test_that("a stream fails if the conversation cannot be shortened", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    talk <- long_talk(server, api, compact = TRUE, turns = 1)
    before <- talk$messages
    reject_as_too_long(server, times = 2)
    stream <- talk$stream("More.")
    expect_message(
      expect_error(stream$text(), class = "openai_context_error"), "failed"
    )
    expect_null(talk$stream())
    expect_identical(talk$messages, before)
  }
})

test_that("$cancel() while the conversation is shortened loses nothing", {
  for (api in c("responses", "chat")) {
    server <- test_server()
    talk <- long_talk(server, api, compact = TRUE)
    before <- talk$messages
    reject_as_too_long(server)
    summary <- if (api == "chat") {
      '{"choices":[{"index":0,"message":{"role":"assistant","content":"Old."}}]}'
    } else {
      '{"object":"response.compaction","output":[{"type":"compaction"}]}'
    }
    path <- if (api == "responses") "/v1/responses/compact"
    server$reply(body = summary, delay = 1, path = path)
    server$reply_chat("Yes.")

    count <- length(server$requests())
    promise <- talk$say_async("And now?")
    utils::capture.output(
      run_loop_until(function() length(server$requests()) == count + 2),
      type = "message"
    )
    talk$cancel()
    expect_error(value_of(promise), class = "openai_cancelled_error")
    expect_identical(talk$messages, before)

    answer <- value_of(talk$say_async("Another."))
    expect_length(server$requests(), count + 3)
    shortening <- function() server$requests()[[count + 2]]
    expect_length(shortening()$written_at, 0)
    run_loop_until(function() length(shortening()$written_at) > 0)
    for (i in 1:20) later::run_now(0.02)
    expect_identical(talk$messages[seq_along(before)], before)
    expect_length(talk$messages, length(before) + 2)
    talk$undo()
    expect_identical(talk$messages, before)
  }
})
