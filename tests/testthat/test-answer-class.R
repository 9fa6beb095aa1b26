# The class `openai_answer` of answers, for print() and plot().

chat_of <- function(body, env = parent.frame()) {
  server <- test_server(env = env)
  server$reply(body = body)
  test_client(server)$chat$create(hello, "m")
}

printed <- function(answer) {
  capture.output(print(openai_answer(answer)))
}

test_that("answers are plain lists, and a class keeps their elements", {
  server <- test_server()
  reply_images(server, list(file_signatures$png), times = 2)
  client <- test_client(server)
  create <- list(
    openai_images = function() client$images$create("a bird"),
    openai_chat = function() client$chat$create(hello, "m")
  )
  for (class in names(create)) {
    plain <- create[[class]]()
    expect_null(attr(plain, "class"))
    expect_s3_class(
      openai_answer(plain), c(class, "openai_answer"),
      exact = TRUE
    )
    expect_identical(unclass(openai_answer(plain)), plain)
    withr::with_options(list(openaistream.classes = TRUE), {
      expect_identical(
        setdiff(class(create[[class]]()), "list"), c(class, "openai_answer")
      )
    })
  }
})

test_that("a failed call gets no class", {
  withr::local_options(openaistream.classes = TRUE)
  server <- test_server()
  server$reply(status = 400, body = "{\"error\":{\"message\":\"No.\"}}")
  failed <- failed_call(test_client(server)$chat$create(hello, "m"))
  expect_null(attr(failed, "class"))
  expect_error(openai_answer(failed), "No.", class = "openai_argument_error")
  expect_error(openai_answer(1), class = "openai_argument_error")
})

test_that("an answer of another shape is a failed call without a class", {
  withr::local_options(openaistream.classes = TRUE)
  server <- test_server()
  server$reply(body = "{\"data\":[]}", times = 2)
  client <- test_client(server)
  for (failed in list(
    failed_call(client$images$create("a bird")),
    failed_call(client$chat$create(hello, "m"))
  )) {
    expect_false(failed$success)
    expect_null(attr(failed, "class"))
  }
})

test_that("print() of a chat shows the text and the usage", {
  answer <- chat_of("{\"model\":\"m-1\",\"choices\":[{\"index\":0,
    \"message\":{\"role\":\"assistant\",\"content\":\"Hi\\nthere\"},
    \"finish_reason\":\"stop\"}],
    \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,
    \"total_tokens\":7}}")
  expect_identical(
    printed(answer),
    c("<chat answer> m-1", "Hi", "there", "[7 tokens: 3 in, 4 out]")
  )
})

test_that("print() of a chat shows tool calls, refusals and finish reasons", {
  answer <- chat_of("{\"choices\":[
    {\"message\":{\"content\":null,\"tool_calls\":[
      {\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}},
      {\"function\":{\"name\":\"time\",\"arguments\":\"{\\\"in\\\":1}\"}}]},
     \"finish_reason\":\"tool_calls\"},
    {\"message\":{\"content\":null,\"refusal\":\"I cannot.\"},
     \"finish_reason\":\"stop\"},
    {\"message\":{\"content\":\"Yes\"},\"finish_reason\":\"length\"}]}")
  expect_identical(printed(answer), c(
    "<chat answer>",
    "-- choice 1 --",
    "[tool call: weather({})]",
    "[tool call: time({\"in\":1})]",
    "[finish_reason: tool_calls]",
    "-- choice 2 --",
    "[refusal: I cannot.]",
    "-- choice 3 --",
    "Yes",
    "[finish_reason: length]"
  ))
})

test_that("print() of a chat omits reasoning", {
  answer <- chat_of(paste0(
    "{\"choices\":[{\"message\":{\"content\":[",
    "{\"type\":\"thinking\",\"text\":\"Hm.\"},",
    "{\"type\":\"text\",\"text\":\"Yes\"}]},\"finish_reason\":\"stop\"}]}"
  ))
  expect_identical(printed(answer), c("<chat answer>", "Yes"))
})

test_that("print() of images shows format and size, not the base64", {
  server <- test_server()
  reply_images(server, file_signatures[c("png", "webp")])
  answer <- test_client(server)$images$create("a bird")
  expect_identical(
    printed(answer),
    c("<images answer> 2 images", "1: PNG, 8 bytes", "2: WebP, 16 bytes")
  )
})
