# Conversations in which a model calls R functions.

test_that("tool calls are answered in order until the model's answer", {
  first <- model_calls(add = '{"x":1,"y":2}', add = '{"x":3,"y":null}')
  second <- model_calls(add = '{"x":10}')
  server <- scripted_model(first, second, model_says("It is 11."))
  answer <- test_client(server)$chat$run_tools(
    hello, "m", list(add_tool), temperature = 0
  )
  output <- function(id, content) {
    list(role = "tool", tool_call_id = id, content = content)
  }
  conversation <- list(
    hello[[1]], first, output("call_1", "3"), output("call_2", "4"),
    second, output("call_1", "11"), model_says("It is 11.")
  )
  sent <- sent_messages(server)
  expect_identical(sent[[1]], conversation[1])
  expect_identical(sent[[2]], conversation[1:4])
  expect_identical(sent[[3]], conversation[1:6])
  expect_identical(answer$messages, conversation)
  expect_identical(answer$rounds, 3)
  expect_identical(answer$vres$message$content, "It is 11.")
  expect_identical(
    names(answer),
    c("all_resp", "vres", "text", "messages", "rounds", "total_usage")
  )
  body <- jsonlite::fromJSON(server$requests()[[3]]$body)
  expect_identical(body$temperature, 0L)
  expect_identical(body$tools$`function`$name, "add")
})

test_that("a conversation can start as a data frame and be continued", {
  server <- scripted_model(model_says("Hello."), model_says("Bye."))
  chat <- test_client(server)$chat
  start <- data.frame(role = c("system", "user"), content = c("Be nice.", "Hi"))
  answer <- chat$run_tools(start, "m", add_tool)
  expect_length(answer$messages, 3)
  chat$run_tools(
    c(answer$messages, list(list(role = "user", content = "Go."))), "m", add_tool
  )
  expect_identical(
    vapply(sent_messages(server)[[2]], `[[`, "", "content"),
    c("Be nice.", "Hi", "Hello.", "Go.")
  )
})

test_that("other fields of the model's message are sent back unchanged", {
  message <- c(model_calls(add = '{"x":1}'), list(
    reasoning_content = "Hm.", annotations = list(), marks = list("one"),
    details = list(list(type = "text", id = NULL, parts = list(1L, NULL))),
    marked = structure(list(), names = character())
  ))
  server <- scripted_model(message, model_says("2"))
  test_client(server)$chat$run_tools(hello, "m", add_tool)
  expect_mapequal(sent_messages(server)[[2]][[2]], message)
})

test_that("arguments have the R types of their schema", {
  got <- NULL
  take <- function(...) {
    got <<- list(...)
    "ok"
  }
  tool_output_of(take,
    '{"i":2.0,"s":["a"],"o":{"k":null,"n":[]},"f":"y","d":[{"u":1}]}',
    list(
      i = integer(), s = list(""), f = factor(levels = c("x", "y")),
      o = list(k = type_string(required = FALSE), n = list(numeric())),
      d = list(list(u = numeric())), z = type_string(required = FALSE)
    )
  )
  expect_identical(got, list(
    i = 2L, s = "a", f = factor("y", levels = c("x", "y")),
    o = list(k = NULL, n = numeric()), d = data.frame(u = 1)
  )[names(got)])
  expect_setequal(names(got), c("i", "s", "o", "f", "d"))
})

test_that("strings are sent as text, other results as JSON", {
  expect_identical(tool_output_of(function() "a \"b\"", "{}"), "a \"b\"")
  expect_identical(tool_output_of(function() c("a", "b"), ""), "[\"a\",\"b\"]")
  expect_identical(tool_output_of(function() 1.5, "{}"), "1.5")
  expect_identical(tool_output_of(function() TRUE, "{}"), "true")
  expect_identical(tool_output_of(function() NULL, "{}"), "null")
  expect_identical(
    tool_output_of(function() data.frame(a = 1:2), "{}"), '[{"a":1},{"a":2}]'
  )
  expect_identical(tool_output_of(function() list(a = NA), "{}"), '{"a":null}')
  expect_identical(
    tool_output_of(function() list(tags = "a", x = c(1, NA, Inf)), "{}"),
    '{"tags":"a","x":[1,null,"Inf"]}'
  )
  json <- structure("{\"a\":1}", class = "json")
  expect_identical(tool_output_of(function() json, "{}"), "{\"a\":1}")
})

test_that("errors are sent to the model", {
  fails <- function(x) stop("no such city")
  typed <- list(x = integer())
  expect_identical(
    tool_output_of(fails, '{"x":1}', typed), "Error: no such city"
  )
  expect_match(
    tool_output_of(fails, '{"x":', typed), "^Error: invalid JSON at byte"
  )
  expect_identical(tool_output_of(fails, "{}", typed), "Error: `x` is missing.")
  expect_identical(
    tool_output_of(fails, '{"x":"1"}', typed),
    "Error: `x` must be an integer, not \"1\"."
  )
  expect_identical(
    tool_output_of(fails, '{"x":1,"y":2}', typed),
    "Error: `y` is not an argument of f(); its arguments are `x`."
  )
  expect_identical(
    tool_output_of(function() 1, '{"y":2}'),
    "Error: `y` is not an argument of f(); it has no arguments."
  )
  expect_identical(
    tool_output_of(fails, "{}", typed, name = "g"),
    "Error: There is no tool \"g\"; the tools are `f`."
  )
})

test_that("plain lists among the tools are sent, but not called", {
  raw <- list(type = "function", `function` = list(name = "raw"))
  server <- scripted_model(model_calls(raw = "{}"), model_says("Well."))
  answer <- test_client(server)$chat$run_tools(hello, "m", list(raw, add_tool))
  expect_identical(
    answer$messages[[3]]$content,
    "Error: There is no tool \"raw\"; the tools are `add`."
  )
})

test_that("max_rounds ends a run and keeps its messages", {
  server <- scripted_model(
    model_calls(add = '{"x":1}'), model_calls(add = '{"x":2}')
  )
  client <- test_client(server)
  condition <- expect_error(
    client$chat$run_tools(hello, "m", add_tool, max_rounds = 2),
    "still calls tools after 2 rounds", class = "openai_rounds_error"
  )
  expect_s3_class(condition, "openai_error")
  expect_identical(condition$rounds, 2)
  expect_identical(
    vapply(condition$messages, `[[`, "", "role"),
    c("user", "assistant", "tool", "assistant", "tool")
  )
  expect_identical(condition$messages[[5]]$content, "3")
  expect_identical(condition$all_resp$id, "x")
  expect_length(server$requests(), 2)
})

test_that("the usage of all rounds is summed", {
  usage <- function(total, cached) list(
    total_tokens = total, prompt_tokens_details = list(cached_tokens = cached)
  )
  reply <- function(server, message, usage = NULL) {
    server$reply(body = as.character(jsonlite::toJSON(c(
      list(choices = list(list(index = 0, message = message))),
      if (!is.null(usage)) list(usage = usage)
    ), auto_unbox = TRUE, null = "null")))
  }
  server <- test_server()
  reply(server, model_calls(add = '{"x":1}'), usage(10, 0))
  reply(server, model_calls(add = '{"x":1}'))
  reply(server, model_says("2"), usage(7, 5))
  client <- test_client(server)
  answer <- client$chat$run_tools(hello, "m", add_tool)
  expect_identical(answer$total_usage, usage(17L, 5L))
  expect_identical(answer$all_resp$usage, usage(7L, 5L))

  reply(server, model_calls(add = '{"x":1}'), usage(10, 0))
  server$reply(status = 400, body = "{}")
  error <- expect_error(
    client$chat$run_tools(hello, "m", add_tool),
    class = "openai_bad_request_error"
  )
  expect_identical(error$total_usage, usage(10L, 0L))

  reply(server, model_calls(add = '{"x":1}'), usage(10, 0))
  error <- expect_error(
    client$chat$run_tools(hello, "m", add_tool, max_rounds = 1),
    class = "openai_rounds_error"
  )
  expect_identical(error$total_usage, usage(10L, 0L))
})

test_that("`system` is sent once, before the conversation", {
  server <- scripted_model(model_calls(add = '{"x":1}'), model_says("2"))
  answer <- test_client(server)$chat$run_tools(
    hello, "m", add_tool, system = "Be brief."
  )
  roles <- c("system", "user", "assistant", "tool", "assistant")
  expect_identical(vapply(answer$messages, `[[`, "", "role"), roles)
  sent <- sent_messages(server)[[2]]
  expect_identical(vapply(sent, `[[`, "", "role"), roles[1:4])
  expect_identical(sent[[1]]$content, "Be brief.")
})

test_that("a failed call keeps the conversation", {
  fail <- '{"error":{"message":"Too long."}}'
  server <- scripted_model(model_calls(add = '{"x":1}'))
  server$reply(status = 400, body = fail)
  client <- test_client(server, on_error = "return")
  answer <- failed_call(client$chat$run_tools(hello, "m", add_tool))
  expect_false(answer$success)
  expect_identical(answer$status, 400L)
  expect_length(answer$messages, 3)
  expect_identical(answer$rounds, 1)

  server <- scripted_model(model_calls(add = '{"x":1}'))
  server$reply(status = 400, body = fail)
  client <- test_client(server)
  condition <- expect_error(
    client$chat$run_tools(hello, "m", add_tool), "Too long",
    class = "openai_bad_request_error"
  )
  expect_identical(condition$messages, answer$messages)
  expect_identical(
    conditionCall(condition), quote(client$chat$run_tools(hello, "m", add_tool))
  )
})

test_that("the last answer of a run is parsed", {
  server <- scripted_model(
    model_calls(add = '{"x":1}'), model_says('{"sum":2}')
  )
  client <- test_client(server)
  expect_silent(answer <- client$chat$run_tools(
    hello, "m", add_tool, response_format = json_schema(list(sum = integer()))
  ))
  expect_identical(answer$parsed, list(sum = 2L))
})

test_that("echo shows calls, results and the text", {
  server <- scripted_model(model_calls(add = '{"x":1}'), model_says("It is 2."))
  client <- test_client(server)
  shown <- capture.output(
    client$chat$run_tools(hello, "m", add_tool, echo = TRUE) -> answer
  )
  expect_identical(shown, c('> add({"x":1})', "< 2", "It is 2."))
  server <- scripted_model(model_calls(add = '{"x":1}'), model_says("It is 2."))
  client <- test_client(server)
  expect_silent(client$chat$run_tools(hello, "m", add_tool))
})

test_that("invalid arguments are refused before anything is sent", {
  server <- test_server()
  run <- test_client(server)$chat$run_tools
  refused <- function(code, message) {
    expect_error(code, message, class = "openai_argument_error", fixed = TRUE)
  }
  refused(run(hello, "m", list()), "at least one tool")
  refused(run(hello, "m", list(list(type = "function"))), "at least one tool")
  refused(run(hello, "m", "add"), "at least one tool")
  refused(run(hello, "m", sum), "`tools` is a function: wrap it in tool()")
  refused(run(hello, "m", list(add_tool, sum)), "`tools[[2]]` is a function: wrap")
  refused(
    test_client(server)$chat$create(hello, "m", tools = list(sum)),
    "`tools[[1]]` is a function: wrap"
  )
  refused(run(hello, "m", add_tool, system = 1), "`system`")
  refused(run(hello, "m", list(add_tool, add_tool)), "Two tools")
  refused(run(hello, "m", add_tool, n = 2), "`n` must be 1")
  refused(run(hello, "m", add_tool, 0.5), "Value 1 of `...` (0.5) has no name")
  refused(run(hello, "m", add_tool, max_rounds = 0), "`max_rounds`")
  refused(run(hello, "m", add_tool, stream = NA), "`stream`")
  refused(run(hello, "m", add_tool, echo = "yes"), "`echo`")
  refused(run(7, "m", add_tool), "`messages` must be one string, a list")
  expect_length(server$requests(), 0)
})
