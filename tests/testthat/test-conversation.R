# The forms of messages that `$chat$create()` and similar functions accept.

sent_conversation <- function(messages, ...) {
  server <- test_server()
  test_client(server)$chat$create(messages, "m", ...)
  sent_messages(server)[[1]]
}

user <- function(content) list(role = "user", content = content)

test_that("a string is a user message, a message is a conversation", {
  expect_identical(sent_conversation("Hello"), list(user("Hello")))
  expect_identical(sent_conversation(factor("Hello")), list(user("Hello")))
  expect_identical(sent_conversation(user("Hello")), list(user("Hello")))
  expect_identical(
    sent_conversation(c(role = "user", content = "Hello")), list(user("Hello"))
  )
  named <- list(first = user("a"), second = user("b"))
  expect_identical(sent_conversation(named), list(user("a"), user("b")))
  parts <- user(list(list(type = "text", text = "a")))
  expect_identical(sent_conversation(parts), list(parts))
})

test_that("the message of an answer can be sent back", {
  server <- test_server()
  server$reply(body = paste0(
    '{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi.",',
    '"refusal":null,"annotations":[]}}]}'
  ))
  client <- test_client(server)
  answer <- client$chat$create(hello, "m")
  again <- c(hello, list(answer$vres$message), list(user("And?")))
  expect_identical(
    sent_conversation(again),
    list(hello[[1]], list(role = "assistant", content = "Hi."), user("And?"))
  )
})

test_that("a message with tool calls is sent back unchanged", {
  server <- test_server()
  calls <- list(list(id = "1", type = "function", `function` = list(
    name = "f", arguments = "{}"
  )))
  server$reply(body = as.character(jsonlite::toJSON(
    list(choices = list(list(index = 0, message = list(
      role = "assistant", content = NULL, tool_calls = calls
    )))),
    auto_unbox = TRUE, null = "null"
  )))
  answer <- test_client(server)$chat$create(hello, "m")
  output <- list(role = "tool", tool_call_id = "1", content = "2")
  expect_identical(
    sent_conversation(c(hello, list(answer$vres$message, output))),
    list(
      hello[[1]],
      list(role = "assistant", content = NULL, tool_calls = calls), output
    )
  )
})

test_that("each row of a data frame is a message, without missing values", {
  frame <- data.frame(
    role = c("system", "user"), content = c("Be brief.", "Hello"),
    name = c(NA, "me")
  )
  rows <- list(
    list(role = "system", content = "Be brief."), c(user("Hello"), name = "me")
  )
  expect_identical(sent_conversation(frame), rows)
  expect_identical(
    sent_conversation(list(frame, user("b"))), c(rows, list(user("b")))
  )
  parts <- list(list(type = "text", text = "a"))
  mixed <- data.frame(role = c("system", "user"))
  mixed$content <- list("Be brief.", parts)
  expect_identical(
    sent_conversation(mixed),
    list(list(role = "system", content = "Be brief."), user(parts))
  )
})

test_that("all functions with messages accept these forms", {
  server <- test_server()
  events <- chat_events("a")
  server$reply(chunks = events)
  server$reply(times = 7, body = any_answer)
  client <- test_client(server)
  client$chat$create("a", "m", stream = TRUE)$text()
  client$chat$run_tools("a", "m", tool(function() 1, "One.", name = "one"))
  client$chat$map(list(user("a"), data.frame(user("b"))), "m")
  client$threads$create(messages = "a")
  client$runs$create("t", "as", additional_messages = user("a"))
  thread <- list(messages = data.frame(user("a")))
  client$runs$create_tread("as", thread = thread)
  client$parallel(list(
    api_request("POST", "chat/completions", list(messages = "a"))
  ))
  sent <- vapply(server$requests(), `[[`, "", "body")
  expect_length(sent, 8)
  expect_match(
    sent, 'messages":[{"role":"user","content":"', fixed = TRUE
  )
})

test_that("an invalid message is rejected with its position", {
  server <- test_server()
  client <- test_client(server)
  expect_rejected <- function(messages, message) {
    expect_error(
      client$chat$create(messages, "m"), message,
      class = "openai_argument_error", fixed = TRUE
    )
  }
  expect_rejected(c("a", "b"), "`messages` must be one string")
  expect_rejected(7, "not 7")
  expect_rejected(NULL, "not NULL")
  expect_rejected(c(hello, "b"), "`messages[[2]]` must be a list with `role`")
  expect_rejected(c(hello, user("b")), "put one message into list() before you append")
  expect_error(client$threads$create(messages = 7), "`messages` must be")
  expect_error(
    client$runs$create("t", "as", additional_messages = 7),
    "`additional_messages` must be"
  )
  expect_length(server$requests(), 0)
})
