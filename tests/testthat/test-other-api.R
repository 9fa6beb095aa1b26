# Input of the other API is refused with what to do, before anything is sent.

refused <- function(code, pattern) {
  expect_error(code, pattern, class = "openai_argument_error")
}

test_that("chats refuse the items of responses", {
  server <- test_server()
  client <- test_client(server)
  talk <- client$conversation("m")
  server$reply_chat("Good day.")
  talk$say("Hello.", echo = FALSE)
  seen <- length(server$requests())

  refused(
    client$chat$create(talk$messages, "m"),
    "messages\\[\\[2\\]\\].*\"output_text\".*responses.*\"text\""
  )
  call <- list(type = "function_call", call_id = "c", name = "f", arguments = "")
  refused(
    client$chat$create(list(list(role = "user", content = "x"), call), "m"),
    "messages\\[\\[2\\]\\]` is an item of responses .*function_call"
  )
  part <- list(type = "input_image", image_url = "https://host/a.png")
  refused(
    client$chat$create(list(role = "user", content = list(part)), "m"),
    "\"input_image\".*\"image_url\""
  )
  refused(client$chat$create(talk, "m"), "pass its `\\$messages`")
  refused(
    client$chat$map(list(list(list(role = "user", content = list(part)))), "m"),
    "prompts\\[\\[1\\]\\].*input_image"
  )
  expect_length(server$requests(), seen)
})

test_that("responses refuse the messages of chats", {
  server <- test_server()
  client <- test_client(server)
  user <- list(role = "user", content = "x")
  call <- list(role = "assistant", content = NULL, tool_calls = list(list(
    id = "c", type = "function",
    `function` = list(name = "f", arguments = "{}")
  )))
  result <- list(role = "tool", tool_call_id = "c", content = "1")
  refused(
    client$responses$create(list(user, call), "m"),
    "input\\[\\[2\\]\\]` is a message of a chat \\(it has `tool_calls`\\)"
  )
  refused(client$responses$create(list(user, result), "m"), "tool_call_id")
  part <- list(type = "text", text = "What is it?")
  refused(
    client$responses$create(list(role = "user", content = list(part)), "m"),
    "\"text\".*chats.*\"input_text\""
  )
  talk <- client$conversation("m", api = "chat")
  refused(client$responses$create(talk, "m"), "pass its `\\$messages`")
  refused(talk$say(list(user)), "must consist of strings")
  refused(talk$say(talk), "must consist of strings")
  expect_length(server$requests(), 0)
})

test_that("a conversation refuses the messages of the other API", {
  server <- test_server()
  client <- test_client(server)
  messages <- list()
  for (api in c("chat", "responses")) {
    talk <- client$conversation("m", api = api)
    talk$say("Hello.", picture("https://host/a.png"), echo = FALSE)
    messages[[api]] <- talk$messages
  }
  talk <- client$conversation("m", api = "chat")
  refused(talk$messages <- messages$responses, "messages\\[\\[1\\]\\].*input_")
  talk$messages <- messages$chat
  expect_identical(talk$messages, messages$chat)
  talk <- client$conversation("m", api = "responses")
  refused(talk$messages <- messages$chat, "messages\\[\\[1\\]\\].*\"text\"")
  talk$messages <- messages$responses
  expect_length(server$requests(), 2)
})

test_that("messages that both APIs accept are sent", {
  server <- test_server()
  client <- test_client(server)
  for (api in c("chat", "responses")) {
    talk <- client$conversation("m", api = api)
    server$reply_chat("Good day.")
    talk$say("Hello.", picture("https://host/a.png"), echo = FALSE)
    create <- client[[api]]$create
    sent <- c(talk$messages, list(list(role = "user", content = "And now?")))
    answer <- create(sent, "m")
    expect_null(answer$success)
  }
})
