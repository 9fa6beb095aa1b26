# Tools in the conversations of the chat app.

test_that("tools run between answers, and the page receives their calls", {
  for (api in chat_apis) {
    server <- test_server()
    server$reply_tool("add", list(x = 1, y = 2))
    server$reply_tool("add", list(x = "one"))
    server$reply_chat("It is 3.")
    window <- chat_window(server, api, tools = add_tool)
    end <- ask_window(window, "What is 1 + 2?")

    calls <- window$events("tool")
    results <- window$events("tool_result")
    expect_identical(calls[[1]]$tool, "add")
    expect_match(calls[[1]]$arguments, "\"x\": ?1")
    expect_identical(calls[[1]]$call, results[[1]]$call)
    expect_identical(results[[1]]$result, "3")
    expect_false(results[[1]]$failed)
    expect_true(results[[2]]$failed)
    expect_match(results[[2]]$result, "^Error: ")
    expect_identical(end$state, "complete")
    expect_identical(window$text(), "It is 3.")
    expect_length(server$requests(), 3)
  }
})

test_that("R answers other questions while it awaits a tool's promise", {
  for (api in chat_apis) {
    server <- test_server()
    slow <- slow_tool()
    server$reply_tool("slow")
    server$reply_chat("Other.")
    server$reply_chat("Done.")
    window <- chat_window(server, api, tools = slow$tool)
    window$act("ask", text = "Do it.", answer = 1)
    run_loop_until(slow$is_called)
    expect_length(window$events("tool"), 1)
    ask_window(window, "Hello", 2, conversation = "b")
    expect_identical(window$text(), "Other.")
    slow$finish("Fine.")
    run_loop_until(function() length(window$ends()) == 2)
    expect_identical(window$events("tool_result")[[1]]$result, "Fine.")
    expect_identical(window$text(), "Other.Done.")
  }
})

test_that("the result of a tool is not sent after its answer was stopped", {
  server <- test_server()
  slow <- slow_tool()
  server$reply_tool("slow")
  window <- chat_window(server, tools = slow$tool)
  window$act("ask", text = "Do it.", answer = 1)
  run_loop_until(slow$is_called)
  window$act("stop", answer = 1)
  count <- length(window$sent())
  slow$finish("Fine.")
  while (!later::loop_empty()) later::run_now(0.05)
  expect_length(window$sent(), count)
  expect_length(server$requests(), 1)
})

test_that("the text before a call is sent before the call", {
  sent <- list()
  answer <- ChatAnswer$new(1, function(message) sent <<- c(sent, list(message)))
  for (text in c("Let me ", "see.")) answer$handle(list(text = text))
  answer$handle(list(
    event = "tool_call", call = "c1", tool = "add", arguments = "{}"
  ))
  expect_identical(sent, list(
    list(event = "text", text = "Let me see."),
    list(event = "tool", call = "c1", tool = "add", arguments = "{}")
  ))
})

test_that("a call is sent to the page before its function runs", {
  server <- test_server()
  server$reply_tool("look")
  window <- NULL
  seen <- NULL
  look <- tool(function() {
    seen <<- length(window$events("tool"))
    "Done."
  }, "Looks.", name = "look")
  window <- chat_window(server, tools = look)
  ask_window(window, "Look.")
  expect_identical(seen, 1L)
})

test_that("an endless loop of tool calls is reported in plain words", {
  server <- test_server()
  for (round in 1:10) server$reply_tool("add", list(x = 1))
  window <- chat_window(server, tools = add_tool)
  end <- ask_window(window, "Add.")
  expect_identical(end$state, "failed")
  expect_match(end$error, "still calls tools after 10 rounds. Try again")
})

test_that("pictures from tools and from the model are sent as data URLs", {
  skip_if_not(capabilities("png"))
  look <- tool(
    function() picture(unwrap(base64_read(pixel_png))), "Looks.",
    name = "look"
  )
  for (api in chat_apis) {
    server <- test_server()
    server$reply_tool("look")
    server$reply_chat("A dot.")
    window <- chat_window(server, api, tools = look)
    ask_window(window, "Look.")
    picture <- window$events("picture")[[1]]
    expect_identical(picture$url, paste0("data:image/png;base64,", pixel_png))
    expect_identical(picture$alt, "Picture of look")
    expect_identical(window$events("tool_result")[[1]]$result, "[picture]")
  }

  server <- test_server()
  window <- chat_window(
    server, "responses",
    tools = list(list(type = "image_generation"))
  )
  ask_window(window, "Use image_generation.")
  picture <- window$events("picture")[[1]]
  expect_match(picture$url, "^data:image/png;base64,iVBOR")
  expect_identical(picture$alt, "Use image_generation.")
  calls <- window$events("tool")
  expect_identical(unique(vapply(calls, `[[`, "", "tool")), "image_generation")
  expect_length(window$events("tool_result"), 1)
})

test_that("tools that the server runs are sent with their results", {
  server <- test_server()
  window <- chat_window(
    server, "responses",
    tools = list(list(type = "code_interpreter", container = list(type = "auto"))),
    include = I("code_interpreter_call.outputs")
  )
  ask_window(window, "Use code_interpreter.")
  calls <- window$events("tool")
  expect_identical(calls[[1]]$tool, "code_interpreter")
  expect_match(calls[[length(calls)]]$arguments, "print(", fixed = TRUE)
  result <- window$events("tool_result")[[1]]
  expect_identical(result$call, calls[[1]]$call)
  expect_match(result$result, "Use code_interpreter.", fixed = TRUE)
})
