# Runs of tools that are streamed, asynchronous or interrupted.

test_that("a streamed run returns and prints the same", {
  messages <- list(
    model_calls(add = '{"x":1,"y":2}', add = '{"x":3}'), model_says('{"sum":7}')
  )
  run <- function(server, ...) {
    client <- test_client(server)
    answer <- NULL
    shown <- capture.output(answer <- client$chat$run_tools(
      hello, "m", add_tool,
      echo = TRUE, response_format = json_schema(list(sum = integer())), ...
    ))
    list(shown = shown, answer = answer, sent = sent_messages(server))
  }
  server <- test_server()
  for (message in messages) reply_streamed(server, message)
  result <- run(server, stream = TRUE)
  expected <- run(do.call(scripted_model, messages))
  expect_identical(result$shown, expected$shown)
  expect_identical(result$answer$messages, expected$answer$messages)
  expect_identical(result$answer$parsed, list(sum = 7L))
  expect_identical(result$answer$rounds, 2)
  expect_identical(result$sent, expected$sent)
})

test_that("a streamed run that fails keeps the conversation", {
  broken <- function(...) {
    server <- test_server(env = parent.frame())
    reply_streamed(server, model_calls(add = '{"x":1}'))
    server$reply(chunks = chat_events("Hal", done = FALSE), abort = "reset")
    test_client(server, ...)
  }
  client <- broken(on_error = "return")
  answer <- failed_call(
    client$chat$run_tools(hello, "m", add_tool, stream = TRUE)
  )
  expect_false(answer$success)
  expect_identical(answer$text, "Hal")
  expect_identical(
    vapply(answer$messages, `[[`, "", "role"), c("user", "assistant", "tool")
  )
  client <- broken()
  condition <- expect_error(
    client$chat$run_tools(hello, "m", add_tool, stream = TRUE),
    class = "openai_stream_error"
  )
  expect_identical(condition$messages, answer$messages)
})

test_that("run_tools_async() resolves to the same", {
  skip_if_not_installed("promises")
  skip_if_not_installed("later")
  script <- list(
    model_calls(add = '{"x":1}'), model_calls(add = '{"x":2}'),
    model_says("It is 3.")
  )
  client <- test_client(do.call(scripted_model, script))
  expected <- client$chat$run_tools(hello, "m", add_tool)
  client <- test_client(do.call(scripted_model, script))
  expect_identical(
    value_of(client$chat$run_tools_async(hello, "m", add_tool)), expected
  )
  server <- test_server()
  for (message in script) reply_streamed(server, message)
  run <- test_client(server)$chat$run_tools_async
  answer <- value_of(run(hello, "m", add_tool, stream = TRUE))
  expect_identical(answer$messages, expected$messages)

  server <- scripted_model(script[[1]])
  server$reply(status = 400, body = '{"error":{"message":"Too long."}}')
  run <- test_client(server)$chat$run_tools_async
  condition <- settled(run(hello, "m", add_tool))$error
  expect_s3_class(condition, "openai_bad_request_error")
  expect_identical(condition$messages, expected$messages[1:3])

  client <- test_client(do.call(scripted_model, script))
  run <- client$chat$run_tools_async
  condition <- settled(run(hello, "m", add_tool, max_rounds = 2))$error
  expect_s3_class(condition, "openai_rounds_error")
  expect_identical(condition$messages, expected$messages[1:5])
  refused <- settled(run(hello, "m", list()))$error
  expect_s3_class(refused, "openai_argument_error")
})

test_that("an interrupt in a tool ends the run", {
  server <- scripted_model(model_calls(halt = "{}"), model_says("Never."))
  halt <- tool(
    function() stop(structure(
      class = c("interrupt", "condition"), list(message = "", call = NULL)
    )), "Halts.", name = "halt"
  )
  client <- test_client(server)
  caught <- tryCatch(
    client$chat$run_tools(hello, "m", halt), interrupt = function(e) "caught"
  )
  expect_identical(caught, "caught")
  expect_length(server$requests(), 1)
})
