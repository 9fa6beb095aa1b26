# Tool calls in the forms of different models and servers.

# The body of an answer with tool calls, each as JSON text.
calls_body <- function(...) {
  paste0(
    '{"choices":[{"index":0,"finish_reason":"tool_calls","message":',
    '{"role":"assistant","content":null,"tool_calls":[',
    paste(c(...), collapse = ","), "]}}]}"
  )
}

# What is sent back after an answer with these tool calls.
run_of <- function(fn, ..., arguments = list(), name = "f") {
  server <- test_server()
  server$reply(body = calls_body(...))
  server$reply_chat("Done.")
  test_client(server)$chat$run_tools(
    "Go.", "m", tool(fn, "F.", arguments, name = name)
  )
  list(
    message = sent_messages(server)[[2]][[2]],
    outputs = sent_messages(server)[[2]][-(1:2)],
    text = server$requests()[[2]]$body
  )
}

call_json <- function(arguments, id = '"1"', name = "f") {
  sprintf(
    '{"id":%s,"type":"function","function":{"name":"%s"%s}}', id, name,
    if (is.null(arguments)) "" else paste0(',"arguments":', arguments)
  )
}

test_that("arguments may be an object and are sent back as text", {
  got <- NULL
  run <- run_of(
    function(city, id) {
      got <<- list(city, id)
      "ok"
    },
    call_json('{"city": "Oslo","id":123456789012345678}'),
    arguments = list(city = "", id = "")
  )
  # All digits are kept if the type is a string.
  expect_identical(got, list("Oslo", "123456789012345678"))
  expect_identical(
    run$message$tool_calls[[1]]$`function`$arguments,
    '{"city": "Oslo","id":123456789012345678}'
  )
})

test_that("empty arguments are accepted in all forms", {
  for (none in list(NULL, "null", '""', '"  "', '"null"', "[]", '"[]"', '"{}"')) {
    run <- run_of(function() "called", call_json(none))
    expect_identical(run$outputs[[1]]$content, "called")
    expect_identical(run$message$tool_calls[[1]]$`function`$arguments, "{}")
  }
})

test_that("text around the JSON of arguments is ignored", {
  for (text in c(
    "```json\\n{\\\"x\\\": \\\"a\\\"}\\n```", "{\\\"x\\\": \\\"a\\\"}",
    "\\n {\\\"x\\\":\\n\\\"a\\\"}\\n"
  )) {
    run <- run_of(
      function(x) x, call_json(paste0('"', text, '"')),
      arguments = list(x = "")
    )
    expect_identical(run$outputs[[1]]$content, "a")
  }
  run <- run_of(
    function(x) x, call_json('"{\\"x\\": \\"a\\n\\tb \\\\\\"c\\\\\\"\\"}"'),
    arguments = list(x = "")
  )
  expect_identical(run$outputs[[1]]$content, "a\n\tb \"c\"")
})

test_that("calls without ids get ids, also in their results", {
  for (id in c("null", '""')) {
    run <- run_of(function() 1, call_json('"{}"', id), call_json('"{}"', id))
    ids <- vapply(run$message$tool_calls, `[[`, "", "id")
    expect_identical(ids, c("call_1_1", "call_1_2"))
    expect_identical(vapply(run$outputs, `[[`, "", "tool_call_id"), ids)
  }
})

test_that("errors name the calls that are not of a known function", {
  run <- run_of(
    function() 1,
    '{"id":"1","type":"custom","custom":{"name":"sql","input":"select 1"}}'
  )
  expect_match(run$outputs[[1]]$content, "type \"custom\" (\"sql\")", fixed = TRUE)

  run <- run_of(function() 1, call_json('"{}"', name = "functions.f"))
  expect_match(run$outputs[[1]]$content, "no tool \"functions.f\".*tools are `f`")
})

test_that("an invalid tool call is an error that keeps the messages", {
  one <- tool(function() 1, "F.", name = "f")
  body <- function(calls) {
    sprintf(
      '{"choices":[{"index":0,"message":{"content":"a","tool_calls":%s}}]}',
      calls
    )
  }
  for (calls in c('["x"]', "[5]", '[{"id":"1","function":"f"}]', '"f"')) {
    server <- test_server()
    server$reply(body = body(calls), times = 2)
    client <- test_client(server)
    error <- expect_error(
      client$chat$run_tools("Go.", "m", one), "not a call with a function",
      class = "openai_response_error"
    )
    expect_length(error$messages, 1)
    answer <- client$chat$create("Go.", "m")
    expect_output(print(openai_answer(answer)), "<chat answer>")
  }
  # A single call without an array is accepted.
  server <- test_server()
  server$reply(body = body(call_json('"{}"')))
  server$reply_chat("Done.")
  run <- test_client(server)$chat$run_tools("Go.", "m", one)
  expect_identical(run$messages[[3]]$content, "1")
})

test_that("a function_call of the old API is answered in the old form", {
  server <- test_server()
  server$reply(body = paste0(
    '{"choices":[{"index":0,"finish_reason":"function_call","message":{"role":',
    '"assistant","content":null,"function_call":{"name":"f","arguments":',
    '"{\\"x\\":2}"}}}]}'
  ))
  server$reply_chat("4")
  double <- tool(function(x) x * 2, "Doubles.", x = type_number(), name = "f")
  answer <- test_client(server)$chat$run_tools("Go.", "m", double)
  expect_identical(answer$text, "4")
  expect_identical(
    sent_messages(server)[[2]][[3]],
    list(role = "function", name = "f", content = "4")
  )
})

test_that("provider fields are sent back byte for byte", {
  fields <- paste0(
    '"reasoning_details":[{"id":null,"parts":[null,1],"empty":{},"none":[]}],',
    '"extra_content":{"google":{"thought_signature":"abc=="}}'
  )
  for (is_streamed in c(FALSE, TRUE)) {
    server <- test_server()
    call <- call_json('"{}"')
    if (is_streamed) {
      server$reply(chunks = c(
        paste0(
          'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":',
          'null,"tool_calls":[', call, "],", fields,
          '},"finish_reason":"tool_calls"}]}\n\n'
        ), "data: [DONE]\n\n"
      ))
    } else {
      body <- calls_body(call)
      server$reply(body = sub('"content":null', paste0(
        '"content":null,', fields
      ), body, fixed = TRUE))
    }
    server$reply_chat("Done.")
    test_client(server)$chat$run_tools(
      "Go.", "m", tool(function() 1, "F.", name = "f"),
      stream = is_streamed
    )
    sent <- server$requests()[[2]]$body
    for (field in strsplit(fields, "(?<=\\]),", perl = TRUE)[[1]]) {
      expect_match(sent, field, fixed = TRUE)
    }
  }
})

test_that("numbers that R cannot represent are refused, not rounded", {
  got <- NULL
  take <- function(id) {
    got <<- id
    "ok"
  }
  number <- list(id = type_integer())
  run <- run_of(
    take, call_json('"{\\"id\\":123456789012345679}"'),
    arguments = number
  )
  expect_null(got)
  expect_match(run$outputs[[1]]$content, "123456789012345679.*more digits")
  run_of(take, call_json('"{\\"id\\":9007199254740994}"'), arguments = number)
  expect_identical(got, 9007199254740994)
})

test_that("named results of tools are sent as objects", {
  sent <- function(value) {
    run_of(function() value, call_json('"{}"'))$outputs[[1]]$content
  }
  numbers <- data.frame(a = c(1, 3), b = c(2, 4))
  expect_identical(sent(colMeans(numbers)), '{"a":2,"b":3}')
  expect_identical(
    sent(stats::quantile(0:4)),
    '{"0%":0,"25%":1,"50%":2,"75%":3,"100%":4}'
  )
  expect_identical(sent(table(c("x", "y", "x"))), '{"x":2,"y":1}')
  expect_identical(
    sent(table(c("x", "y"), c("k", "l"))),
    '{"x":{"k":1,"l":0},"y":{"k":0,"l":1}}'
  )
  named <- matrix(1:4, 2, dimnames = list(NULL, c("a", "b")))
  expect_identical(sent(named), '[{"a":1,"b":3},{"a":2,"b":4}]')
  rows <- matrix(1:4, 2, dimnames = list(c("r", "s"), NULL))
  expect_identical(sent(rows), '{"r":[1,3],"s":[2,4]}')
  expect_identical(sent(matrix(1:4, 2)), "[[1,3],[2,4]]")
  expect_identical(
    sent(list(mean = c(a = 1), all = c(1, 2))), '{"mean":{"a":1},"all":[1,2]}'
  )
  expect_identical(sent(c(a = 1, 2)), "[1,2]")
  expect_identical(sent(c(a = "x", b = NA)), '{"a":"x","b":null}')
})

test_that("results without a JSON form are sent as printed, with a warning", {
  fit <- stats::lm(dist ~ speed, datasets::cars)
  for (value in list(
    fit, y ~ x, as.difftime(3, units = "days"), mean, quote(a + b),
    list(model = fit)
  )) {
    expect_warning(
      run <- run_of(function() value, call_json('"{}"')),
      "cannot be converted to JSON",
      class = "openai_tool_warning"
    )
    expect_identical(
      run$outputs[[1]]$content,
      paste(utils::capture.output(print(value)), collapse = "\n")
    )
  }
})

test_that("promises of tools are awaited, but only by run_tools_async()", {
  skip_if_not_installed("promises")
  late <- tool(
    function(x) {
      promises::promise(function(resolve, reject) {
        later::later(function() {
          if (x > 0) resolve(c(a = x)) else reject("not positive")
        }, 0.01)
      })
    }, "F.",
    x = type_number(), name = "f"
  )
  model <- function() {
    server <- test_server(env = parent.frame())
    server$reply(body = calls_body(
      call_json('"{\\"x\\":2}"'), call_json('"{\\"x\\":0}"', '"2"')
    ))
    server$reply_chat("Done.")
    server
  }
  server <- model()
  promise <- test_client(server)$chat$run_tools_async("Go.", "m", late)
  expect_identical(value_of(promise)$text, "Done.")
  outputs <- vapply(sent_messages(server)[[2]][3:4], `[[`, "", "content")
  expect_identical(outputs, c('{"a":2}', "Error: not positive"))
  expect_error(
    test_client(model())$chat$run_tools("Go.", "m", late), "run_tools_async",
    class = "openai_argument_error"
  )
})
