# The text of chat answers, their last element.

answer_to <- function(body, ...) {
  server <- test_server()
  server$reply(body = body)
  test_client(server)$chat$create(hello, "m", ...)
}

# The text of an answer with choices of these contents, in JSON.
text_of <- function(...) {
  choices <- sprintf(
    "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":%s}}",
    c(...)
  )
  choices <- paste(choices, collapse = ",")
  answer_to(paste0("{\"choices\":[", choices, "]}"))$text
}

test_that("an answer has the element `text` after those of 0.3.0", {
  answer <- answer_to("{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}")
  expect_identical(names(answer), c("all_resp", "vres", "text"))
  expect_identical(answer$text, "Hi")
})

test_that("the text has one string for each choice", {
  expect_identical(text_of('"a"'), "a")
  expect_identical(text_of('"a"', '""', "null"), c("a", "", NA))
  expect_identical(text_of("null"), NA_character_)
  expect_identical(text_of("null", "null"), c(NA_character_, NA))
})

test_that("text parts are joined, and reasoning is omitted", {
  parts <- '[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]'
  thinking <- paste0(
    '[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},',
    '{"type":"text","text":"Yes"}]'
  )
  expect_identical(text_of(parts), "Hello")
  expect_identical(text_of(thinking), "Yes")
  expect_identical(text_of(parts, '"b"', "null"), c("Hello", "b", NA))
  expect_identical(text_of(parts, thinking), c("Hello", "Yes"))
  expect_identical(text_of('[{"type":"thinking","text":"Hm."}]'), "")
  expect_identical(text_of('[{"text":"a"}]'), "a")
  expect_identical(text_of('["a","b"]'), "ab")
  expect_identical(text_of("[]"), NA_character_)
  expect_identical(text_of("{}"), NA_character_)
  expect_identical(text_of("4", "2.5"), c("4", "2.5"))
  expect_identical(text_of('["a",{"type":"text","text":"b"}]'), "ab")
})

test_that("a choice without a message has no text", {
  filtered <- answer_to(
    "{\"choices\":[{\"index\":0,\"finish_reason\":\"content_filter\"}]}"
  )
  expect_identical(filtered$text, NA_character_)
  expect_output(
    print(openai_answer(filtered)), "[finish_reason: content_filter]",
    fixed = TRUE
  )
})

test_that("the message of a stream has the text, too", {
  server <- test_server()
  server$reply(chunks = chat_events(c("Hel", "lo")))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  expect_identical(stream$message()$text, "Hello")
  expect_identical(stream$text(), "Hello")
})

test_that("echo prints the text", {
  body <- '{"choices":[{"message":{"content":[{"type":"text","text":"Hi"}]}}]}'
  expect_output(answer_to(body, echo = TRUE), "^Hi$")
  body <- '{"choices":[{"message":{"content":null}}]}'
  expect_silent(answer_to(body, echo = TRUE))
})

test_that("`system` is sent as the first message", {
  server <- test_server()
  client <- test_client(server)
  frame <- data.frame(role = "user", content = "Hello")
  for (messages in list(hello, frame)) {
    client$chat$create(messages, "m", system = "Be brief.")
  }
  client$chat$create(hello, "m", system = NULL)
  bodies <- sent_bodies(server)
  with_system <- c(list(list(role = "system", content = "Be brief.")), hello)
  expect_identical(
    lapply(bodies, `[[`, "messages"), list(with_system, with_system, hello)
  )
  expect_false("system" %in% unlist(lapply(bodies, names)))
  expect_error(
    client$chat$create(hello, "m", system = c("a", "b")), "`system`",
    class = "openai_argument_error"
  )
})
