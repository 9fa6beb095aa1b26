# The messages of each request, as "role: content".
sent_texts <- function(server, field = "messages") {
  lapply(server$requests(), function(request) {
    messages <- jsonlite::fromJSON(request$body)[[field]]
    paste0(messages$role, ": ", messages$content)
  })
}

is_closed <- function(server, request = 1) {
  !is.null(server$requests()[[request]]$closed_at)
}

test_that("tokens appear before the answer is complete", {
  chat <- chat_in_browser()
  chat$server$reply(
    chunks = chat_events(c("One ", "two ", "three ", "four.")),
    pause = c(0, 0, 2, 0)
  )

  ask_in_browser(chat$browser, "Count")

  wait_until(function() {
    chat$browser$shows(".assistant.streaming .text", "One two")
  })
  expect_identical(chat$browser$texts(".user .text"), "Count")
  expect_identical(chat$browser$texts(".send"), "Stop")
  wait_until(function() {
    chat$browser$shows(".assistant.complete .text", "One two three four.")
  })
  expect_identical(chat$browser$texts(".send"), "Send")
})

test_that("the conversation is sent with the next question", {
  chat <- chat_in_browser()
  chat$server$reply(chunks = chat_events(c("I am ", "fine.")))
  chat$server$reply(chunks = chat_events("I think so."))

  ask_in_browser(chat$browser, "How are you?")
  wait_until(function() chat$browser$shows(".complete .text", "I am fine."))
  ask_in_browser(chat$browser, "Are you sure?")
  wait_until(function() chat$browser$shows(".complete .text", "I think so."))

  expect_identical(sent_texts(chat$server), list(
    "user: How are you?",
    c("user: How are you?", "assistant: I am fine.", "user: Are you sure?")
  ))
})

test_that("Stop closes the stream and keeps the partial answer", {
  chat <- chat_in_browser()
  chat$server$reply(
    chunks = chat_events(c("So ", "far"), done = FALSE), abort = "stall"
  )
  chat$server$reply(chunks = chat_events("Yes."))

  ask_in_browser(chat$browser, "Go on")
  wait_until(function() chat$browser$shows(".streaming .text", "So far"))
  chat$browser$click(".send")

  wait_until(function() chat$browser$shows(".stopped .state", "Stopped"))
  wait_until(function() is_closed(chat$server))
  expect_identical(chat$browser$texts(".stopped .text"), "So far")
  expect_identical(chat$browser$texts(".send"), "Send")
  ask_in_browser(chat$browser, "More?")
  wait_until(function() chat$browser$shows(".complete .text", "Yes."))
  expect_identical(
    sent_texts(chat$server)[[2]],
    c("user: Go on", "assistant: So far", "user: More?")
  )
})

test_that("with responses, a stopped answer is part of the conversation", {
  chat <- chat_in_browser(api = "responses")
  chat$server$reply(
    chunks = response_chunks(c("So ", "far"), done = FALSE), abort = "stall"
  )
  chat$server$reply(chunks = response_chunks(c("Ye", "s.")))

  ask_in_browser(chat$browser, "Go on")
  wait_until(function() chat$browser$shows(".streaming .text", "So far"))
  chat$browser$click(".send")
  wait_until(function() chat$browser$shows(".stopped .text", "So far"))
  wait_until(function() is_closed(chat$server))
  ask_in_browser(chat$browser, "More?")
  wait_until(function() chat$browser$shows(".complete .text", "Yes."))

  expect_identical(
    sent_texts(chat$server, "input")[[2]],
    c("user: Go on", "assistant: So far", "user: More?")
  )
  targets <- vapply(chat$server$requests(), `[[`, "", "target")
  expect_identical(unique(targets), "/v1/responses")
})

test_that("errors are shown, and the question can be asked again", {
  chat <- chat_in_browser()
  chat$server$reply(
    status = 401, body = '{"error":{"message":"The key is wrong."}}'
  )
  chat$server$reply(
    status = 500, headers = c("x-should-retry" = "false"),
    body = '{"error":{"message":"Out of order."}}'
  )
  chat$server$reply(chunks = chat_events("Here I am."))

  ask_in_browser(chat$browser, "Hello")
  wait_until(function() chat$browser$shows("[role=alert] .reason"))
  reason <- chat$browser$texts("[role=alert] .reason")
  expect_match(reason, "The key is wrong.", fixed = TRUE)

  chat$browser$click(".retry")
  wait_until(function() {
    any(grepl("Out of order", chat$browser$texts(".reason"), fixed = TRUE))
  })
  expect_length(chat$browser$texts(".assistant"), 1L)

  ask_in_browser(chat$browser, "Are you there?")
  wait_until(function() chat$browser$shows(".complete .text", "Here I am."))
  expect_identical(
    sent_texts(chat$server),
    list("user: Hello", "user: Hello", "user: Are you there?")
  )
})

test_that("a lost connection keeps the partial answer and shows the error", {
  chat <- chat_in_browser()
  chat$server$reply(
    chunks = chat_events(c("Half ", "an"), done = FALSE), abort = "reset"
  )
  ask_in_browser(chat$browser, "Hello")
  wait_until(function() chat$browser$shows(".failed .reason"))
  expect_identical(chat$browser$texts(".failed .text"), "Half an")
})

test_that("answers of two windows stream at the same time", {
  chat <- chat_in_browser()
  other <- app_in_browser(chat$app)
  for (text in c("First", "Second")) {
    chat$server$reply(
      chunks = chat_events(c(text, " an"), done = FALSE), abort = "stall"
    )
  }

  ask_in_browser(chat$browser, "One")
  wait_until(function() chat$browser$shows(".streaming .text", "First an"))
  ask_in_browser(other, "Two")
  wait_until(function() other$shows(".streaming .text", "Second an"))

  expect_identical(chat$browser$texts(".streaming .text"), "First an")
  expect_false(is_closed(chat$server, 1) || is_closed(chat$server, 2))
})

test_that("closing a window closes only its own stream", {
  chat <- chat_in_browser()
  other <- app_in_browser(chat$app)
  endless <- chat_events("x", done = FALSE)
  chat$server$reply(chunks = endless, abort = "stall", times = 2)
  ask_in_browser(chat$browser, "One")
  wait_until(function() chat$browser$shows(".streaming .text", "x"))
  ask_in_browser(other, "Two")
  wait_until(function() other$shows(".streaming .text", "x"))

  chat$browser$close()

  wait_until(function() is_closed(chat$server, 1))
  expect_false(is_closed(chat$server, 2))
  expect_identical(other$texts(".streaming .text"), "x")
})

test_that("a new chat is empty, and the previous answer keeps streaming", {
  chat <- chat_in_browser()
  chat$server$reply(chunks = chat_events("x", done = FALSE), abort = "stall")
  chat$server$reply(chunks = chat_events("New."))
  ask_in_browser(chat$browser, "Old")
  wait_until(function() chat$browser$shows(".streaming .text", "x"))

  chat$browser$click(".new")
  ask_in_browser(chat$browser, "Fresh")

  wait_until(function() chat$browser$shows(".complete .text", "New."))
  expect_length(chat$browser$texts(".message"), 2L)
  expect_identical(sent_texts(chat$server)[[2]], "user: Fresh")
  expect_false(is_closed(chat$server))
})

test_that("Enter sends, except with Shift or during composition", {
  chat <- chat_in_browser()
  chat$server$reply(chunks = chat_events("Fine."))

  chat$browser$type("textarea", "one\uE008\uE007\uE008two")
  chat$browser$run(
    "document.querySelector('textarea').dispatchEvent(new KeyboardEvent(
       'keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
  )
  expect_length(chat$browser$texts(".message"), 0L)
  chat$browser$type("textarea", "\uE007")

  wait_until(function() chat$browser$shows(".complete .text", "Fine."))
  expect_identical(chat$browser$texts(".user .text"), "one\ntwo")
})

test_that("HTML in questions and answers is shown as text", {
  chat <- chat_in_browser()
  html <- "<img src=x onerror=alert(1)> & <b>bold</b>"
  chat$server$reply(chunks = chat_events(html))
  ask_in_browser(chat$browser, html)
  wait_until(function() chat$browser$shows(".complete .text", html))
  expect_identical(chat$browser$texts(".user .text"), html)
  expect_false(chat$browser$shows("img, b"))
})

test_that("the page shows an error when R ends", {
  chat <- chat_in_browser()
  chat$app$stop()
  wait_until(function() chat$browser$shows(".error"))
  alert <- chat$browser$texts(".error[role=alert]")
  expect_match(alert, "lost", fixed = TRUE)
  expect_true(chat$browser$shows(".send:disabled"))
})

test_that("the key is read from the environment", {
  chat <- chat_in_browser(api_key = "sk-of-environment")
  chat$server$reply(chunks = chat_events("Fine."))
  ask_in_browser(chat$browser, "Hello")
  wait_until(function() chat$browser$shows(".complete .text", "Fine."))
  headers <- chat$server$requests()[[1]]$headers
  expect_identical(headers[["authorization"]], "Bearer sk-of-environment")
  expect_false(chat$browser$shows(".note"))
})

test_that("without a key, a demo server answers, and a note says so", {
  skip_without_browser()
  app <- start_chat_app(base_url = "", api_key = "")
  withr::defer(app$stop())
  browser <- app_in_browser(app)

  note <- browser$texts(".note")
  expect_match(note, "demo server", fixed = TRUE)
  ask_in_browser(browser, "Hello")
  wait_until(function() browser$shows(".complete .text"), seconds = 30)
  answer <- browser$texts(".complete .text")
  expect_match(answer, "Hello", fixed = TRUE)
})

test_that("the system prompt and additional fields are sent", {
  skip_if_not_installed("shiny")
  skip_if_not_installed("later")
  server <- test_server()
  server$reply(chunks = chat_events("Oui."))
  app <- chat_app(
    test_client(server), model = "m", system = "Speak French.", temperature = 0
  )
  shiny::testServer(app, {
    session$setInputs(
      `app-chat_action` = list(
        name = "ask", conversation = "a", text = "Yes?", answer = 1
      )
    )
    wait_until(function() length(server$requests()) == 1L)
  })
  body <- jsonlite::fromJSON(server$requests()[[1]]$body)
  expect_identical(body$messages$content, c("Speak French.", "Yes?"))
  expect_identical(body$messages$role, c("system", "user"))
  expect_identical(body$model, "m")
  expect_identical(body$temperature, 0L)
})

test_that("responses receive the system prompt as instructions", {
  skip_if_not_installed("shiny")
  skip_if_not_installed("later")
  server <- test_server()
  app <- chat_app(
    test_client(server),
    model = "m", system = "Speak French.", store = FALSE, api = "responses"
  )
  shiny::testServer(app, {
    session$setInputs(
      `app-chat_action` = list(
        name = "ask", conversation = "a", text = "Yes?", answer = 1
      )
    )
    wait_until(function() length(server$requests()) == 1L)
  })
  body <- sent_bodies(server)[[1]]
  expect_identical(body$instructions, "Speak French.")
  expect_identical(body$input, list(list(role = "user", content = "Yes?")))
  expect_false(body$store)
})

test_that("invalid arguments are rejected", {
  skip_if_not_installed("shiny")
  skip_if_not_installed("later")
  client <- openai$new("sk-test")
  expect_error(chat_app("sk-test"), "`client`", class = "openai_argument_error")
  expect_error(chat_app(client, model = ""), "`model`")
  expect_error(chat_app(client, system = 1), "`system`")
  expect_error(chat_app(client, title = NULL), "`title`")
  expect_error(chat_app(client, "m", NULL, "Chat", 0), "has no name")
  expect_error(chat_app(client, stream = FALSE), "`stream`")
  expect_error(
    chat_app(client, api = "completions"), "`api` must be",
    class = "openai_argument_error"
  )
  expect_error(
    chat_app(client, api = "responses", conversation = "conv_1"),
    "sets `conversation` itself",
    class = "openai_argument_error"
  )
})
