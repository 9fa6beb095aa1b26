test_that("an answer is sent in pieces, and its end once", {
  for (api in chat_apis) {
    server <- test_server()
    server$reply_chat("One two three")
    window <- chat_window(server, api)

    window$act("ask", text = "Count", answer = 7)
    expect_length(window$sent(), 0L)
    run_loop_until(function() length(window$ends()))

    expect_identical(window$text(), "One two three")
    expect_identical(window$states(), "complete")
    expect_identical(unique(lapply(window$sent(), `[[`, "answer")), list(7))
    expect_identical(unique(lapply(window$sent(), `[[`, "conversation")), list("a"))
    expect_match(window$ends()[[1]]$usage, "^[0-9]+ tokens$")
  }
})

test_that("the cost is shown if the price is known", {
  withr::local_options(openaistream.prices = data.frame(
    model = "m", input = 0, output = 1000
  ))
  server <- test_server()
  window <- chat_window(server)
  expect_match(ask_window(window, "Hello")$usage, "^[0-9]+ tokens, \\$0\\.0[0-9]+$")
})

# The text that a page stores after an event "end".
kept_after <- function(kept, end) {
  if (is.null(end$kept_end)) {
    end$kept
  } else {
    paste0(substr(kept, 1, nchar(kept) - 2), end$kept_end)
  }
}

test_that("a picture stored in the page is not sent to it again", {
  picture <- paste0(substr(pixel_png, 1, 64), strrep("QUJD", 333333))
  for (api in chat_apis) {
    server <- test_server()
    window <- chat_window(server, api)
    kept <- ""
    for (number in 1:10) {
      files <- if (number == 1) {
        list(list(name = "a.png", type = "image/png", data = picture))
      }
      end <- ask_window(
        window, paste("Question \u00fc\U1F600", number), number,
        files = files, kept_bytes = nchar(kept, type = "bytes")
      )
      kept <- kept_after(kept, end)
      expect_identical(kept, write_stored(window$session$messages(), api))
    }
    sent <- sum(nchar(vapply(window$sent(), as_json, "")))
    expect_lt(sent, nchar(picture) + 1e5)

    # A page that stored another text receives the whole text.
    end <- ask_window(window, "Next", 11, kept_bytes = 3)
    expect_identical(end$kept, write_stored(window$session$messages(), api))
    # A failed question does not change the stored text.
    kept <- end$kept
    server$reply(status = 400, body = "{\"error\":{\"message\":\"no\"}}")
    end <- ask_window(window, "x", 12, kept_bytes = nchar(kept, type = "bytes"))
    expect_identical(window$states()[[12]], "failed")
    expect_identical(kept_after(kept, end), kept)
  }
})

test_that("the conversation is sent with the next question", {
  for (api in chat_apis) {
    server <- test_server()
    server$reply_chat("I am fine.")
    window <- chat_window(server, api, system = "Be kind.")
    ask_window(window, "How are you?")
    ask_window(window, "Are you sure?", 2)

    texts <- vapply(last_sent(server), function(item) {
      if (is.character(item$content)) item$content else item$content[[1]]$text
    }, "")
    expect_identical(
      texts[texts != "Be kind."],
      c("How are you?", "I am fine.", "Are you sure?")
    )
    expect_match(server$requests()[[2]]$body, "Be kind.", fixed = TRUE)
  }
})

test_that("a question is ignored while an answer to its conversation streams", {
  server <- test_server()
  server$reply(chunks = chat_events("x", done = FALSE), abort = "stall")
  window <- chat_window(server)
  window$act("ask", text = "One", answer = 1)
  window$act("ask", text = "Two", answer = 2)
  run_loop_until(function() nzchar(window$text()))
  expect_length(server$requests(), 1L)
  expect_length(window$ends(), 0)
  window$session$close()
})

test_that("conversations stream at the same time and are independent", {
  for (api in chat_apis) {
    server <- test_server()
    for (text in c("First", "Second")) {
      server$reply(chunks = stalled_chunks(api, text), abort = "stall")
    }
    server$reply_chat("Third")
    window <- chat_window(server, api)
    window$act("ask", text = "One", answer = 1)
    run_loop_until(function() window$text() == "First")
    window$act("ask", text = "Two", answer = 2, conversation = "b")
    run_loop_until(function() window$text() == "FirstSecond")

    texts <- window$events("text")
    expect_identical(
      lapply(texts, `[`, c("conversation", "answer", "text")),
      list(
        list(conversation = "a", answer = 1, text = "First"),
        list(conversation = "b", answer = 2, text = "Second")
      )
    )
    window$act("stop", answer = 2, conversation = "b")
    expect_identical(window$ends()[[1]]$conversation, "b")
    ask_window(window, "Three", 3, conversation = "b")
    said <- vapply(last_sent(server), `[[`, "", "content")
    expect_identical(said, c("Two", "Second", "Three"))
    window$session$close()
    wait_until(function() !is.null(server$requests()[[1]]$closed_at))
  }
})

test_that("Stop keeps the partial answer, closes the stream and ends once", {
  for (api in chat_apis) {
    server <- test_server()
    server$reply(chunks = stalled_chunks(api, c("So ", "far")), abort = "stall")
    window <- chat_window(server, api)
    window$act("ask", text = "Go on", answer = 1)
    run_loop_until(function() window$text() == "So far")
    window$act("stop", answer = 99)
    expect_length(window$ends(), 0)
    window$act("stop", answer = 1)

    expect_identical(window$states(), "stopped")
    expect_null(window$ends()[[1]]$error)
    wait_until(function() !is.null(server$requests()[[1]]$closed_at))
    ask_window(window, "More?", 2)
    expect_identical(
      vapply(last_sent(server), `[[`, "", "content"),
      c("Go on", "So far", "More?")
    )
    expect_identical(window$states(), c("stopped", "complete"))
  }
})

test_that("nothing more is sent about a deleted conversation", {
  server <- test_server()
  server$reply(chunks = chat_events("x", done = FALSE), abort = "stall")
  server$reply(chunks = chat_events("New"))
  window <- chat_window(server)
  window$act("ask", text = "One", answer = 1)
  run_loop_until(function() nzchar(window$text()))
  window$act("forget")
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))
  ask_window(window, "Two", 2)

  expect_identical(lapply(window$ends(), `[[`, "answer"), list(2))
  expect_identical(window$text(), "xNew")
  expect_identical(vapply(last_sent(server), `[[`, "", "content"), "Two")
})

test_that("errors say what to do and leave the conversation unchanged", {
  body <- function(message, code = "x") {
    sprintf('{"error":{"message":"%s","type":"t","code":"%s"}}', message, code)
  }
  cases <- list(
    list(401, body("Wrong key."), "Wrong key.*must set a valid API key"),
    list(429, body("Slow down."), "Slow down.*Wait a minute"),
    list(429, body("No money.", "insufficient_quota"), "quota of this app"),
    list(500, body("Out of order."), "Out of order.*Try again in a moment"),
    list(
      400, body("Too long.", "context_length_exceeded"),
      "too long for the model: start a new chat"
    )
  )
  for (api in chat_apis) {
    for (case in cases) {
      server <- test_server()
      server$reply(
        case[[1]],
        headers = c("x-should-retry" = "false"), body = case[[2]]
      )
      window <- chat_window(server, api)
      kept <- kept_of("Before", "Yes.", api)
      window$act("open", kept = kept)
      end <- ask_window(window, "Hello")
      expect_identical(end$state, "failed")
      expect_identical(end$kept, kept)
      expect_match(end$error, case[[3]])
      expect_no_match(end$error, "$", fixed = TRUE)
      ask_window(window, "Again", 2)
      expect_identical(
        vapply(last_sent(server), `[[`, "", "content"),
        c("Before", "Yes.", "Again")
      )
    }
  }
})

test_that("a lost connection ends the partial answer with an error", {
  for (api in chat_apis) {
    server <- test_server()
    server$reply(chunks = stalled_chunks(api, c("Half ", "an")), abort = "reset")
    window <- chat_window(server, api)
    end <- ask_window(window, "Hello")
    expect_identical(end$state, "failed")
    expect_match(end$error, "Try again")
    expect_identical(window$text(), "Half an")
  }
})

test_that("a request that cannot be created is reported like a failed one", {
  client <- openai$new(function() stop("No key today."))
  window <- chat_window(client = client)
  end <- ask_window(window, "Hello")
  expect_identical(end$state, "failed")
  expect_match(end$error, "No key today", fixed = TRUE)
})

test_that("reasoning and text are sent as separate events", {
  server <- test_server()
  server$reply(chunks = c(
    'data: {"choices":[{"index":0,"delta":{"reasoning_content":"Well"}}]}\n\n',
    'data: {"choices":[{"index":0,"delta":{"reasoning_content":" then."}}]}\n\n',
    chat_events("Yes.")
  ))
  window <- chat_window(server)
  ask_window(window, "Really?")
  thoughts <- vapply(window$events("reasoning"), `[[`, "", "text")
  expect_identical(paste(thoughts, collapse = ""), "Well then.")
  expect_identical(window$text(), "Yes.")

  server <- test_server()
  window <- chat_window(server, "responses", reasoning = list(summary = "auto"))
  ask_window(window, "Think about it.")
  expect_true(length(window$events("reasoning")) > 0)
})

test_that("a refusal is the text of an answer", {
  server <- test_server()
  server$reply(chunks = c(
    'data: {"choices":[{"index":0,"delta":{"role":"assistant","refusal":"No"}}]}\n\n',
    'data: {"choices":[{"index":0,"delta":{"refusal":", never."}}]}\n\n',
    "data: [DONE]\n\n"
  ))
  window <- chat_window(server)
  ask_window(window, "Do evil.")
  expect_identical(window$text(), "No, never.")
})

test_that("a client for Azure can be used", {
  for (api in chat_apis) {
    server <- test_server()
    server$reply(chunks = if (api == "chat") {
      chat_events("Good day.")
    } else {
      response_chunks("Good day.")
    })
    client <- openai$new(
      "azure-key",
      azure = sub("/v1$", "", server$url), max_retries = 0
    )
    window <- chat_window(client = client, api = api)
    expect_identical(ask_window(window, "Hello")$state, "complete")
    expect_identical(window$text(), "Good day.")
    headers <- server$requests()[[1]]$headers
    expect_identical(headers[["api-key"]], "azure-key")
  }
})

test_that("URLs of other hosts, SVG and HTML are not sent as pictures", {
  messages <- function(url) {
    chat_messages(list(text = "", choices = data.frame(index = 0, delta = I(
      data.frame(images = I(list(data.frame(image_url = I(data.frame(url = url))))))
    ))))
  }
  png <- paste0("data:image/png;base64,", pixel_png)
  expect_identical(messages(png)[[1]]$url, png)
  expect_null(messages("https://evil.example/a.png"))
  expect_null(messages("data:image/svg+xml;base64,PHN2Zz4="))
  expect_null(messages("data:text/html;base64,PGI+"))
})
