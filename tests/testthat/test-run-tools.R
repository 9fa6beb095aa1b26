# Conversations in which a model calls R functions.

# An answer that calls tools: for each its name and the JSON of its arguments.
calling <- function(...) {
  calls <- list(...)
  list(role = "assistant", content = NULL, tool_calls = unname(Map(
    function(name, arguments, place) {
      list(
        id = paste0("call_", place), type = "function",
        `function` = list(name = name, arguments = arguments)
      )
    },
    names(calls), calls, seq_along(calls)
  )))
}

saying <- function(text) list(role = "assistant", content = text)

# A server whose model answers so, message by message.
scripted <- function(..., env = parent.frame()) {
  server <- test_server(env = env)
  for (message in list(...)) {
    finish <- if (is.null(message$tool_calls)) "stop" else "tool_calls"
    choice <- list(index = 0, finish_reason = finish, message = message)
    server$reply(body = as.character(jsonlite::toJSON(
      list(id = "x", choices = list(choice)), auto_unbox = TRUE, null = "null"
    )))
  }
  server
}

# Queues a message as a stream, its text and arguments in two pieces.
reply_streamed <- function(server, message) {
  event <- function(delta, finish_reason = NULL) {
    paste0("data: ", jsonlite::toJSON(
      list(id = "x", choices = list(list(
        index = 0, delta = delta, finish_reason = finish_reason
      ))),
      auto_unbox = TRUE, null = "null"
    ), "\n\n")
  }
  halves <- function(text) {
    middle <- nchar(text) %/% 2
    c(substr(text, 1, middle), substr(text, middle + 1, nchar(text)))
  }
  called <- function(place) {
    call <- message$tool_calls[[place]]
    halves <- halves(call$`function`$arguments)
    call$`function`$arguments <- halves[[1]]
    rest <- list(
      index = place - 1, `function` = list(arguments = halves[[2]])
    )
    c(
      event(list(tool_calls = list(c(list(index = place - 1), call)))),
      event(list(tool_calls = list(rest)))
    )
  }
  calls <- length(message$tool_calls)
  server$reply(chunks = c(
    event(list(role = "assistant", content = if (calls) NULL else "")),
    if (!calls) lapply(halves(message$content), function(text) {
      event(list(content = text))
    }),
    unlist(lapply(seq_len(calls), called)),
    event(
      structure(list(), names = character()),
      if (calls) "tool_calls" else "stop"
    ),
    "data: [DONE]\n\n"
  ))
}

sent_messages <- function(server) {
  lapply(server$requests(), function(request) {
    jsonlite::fromJSON(request$body, simplifyVector = FALSE)$messages
  })
}

# Runs one call of `fn` with these arguments: the output that the model gets.
output_of <- function(fn, json, arguments = list(), strict = TRUE, name = "f") {
  server <- scripted(do.call(calling, structure(list(json), names = name)),
    saying("Done.")
  )
  tools <- list(tool(fn, "A tool.", arguments, name = "f", strict = strict))
  test_client(server)$chat$run_tools(hello, "m", tools)
  sent_messages(server)[[2]][[3]]$content
}

add <- tool(
  function(x, y = 1L) x + y, "Adds.",
  list(x = integer(), y = type_integer(required = FALSE)),
  name = "add"
)

test_that("calls are answered in order until the model has its answer", {
  first <- calling(add = '{"x":1,"y":2}', add = '{"x":3,"y":null}')
  second <- calling(add = '{"x":10}')
  server <- scripted(first, second, saying("It is 11."))
  answer <- test_client(server)$chat$run_tools(
    hello, "m", list(add), temperature = 0
  )
  output <- function(id, content) {
    list(role = "tool", tool_call_id = id, content = content)
  }
  conversation <- list(
    hello[[1]], first, output("call_1", "3"), output("call_2", "4"),
    second, output("call_1", "11"), saying("It is 11.")
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

test_that("a conversation can be continued, and begin as a data frame", {
  server <- scripted(saying("Hello."), saying("Bye."))
  chat <- test_client(server)$chat
  start <- data.frame(role = c("system", "user"), content = c("Be nice.", "Hi"))
  answer <- chat$run_tools(start, "m", add)
  expect_length(answer$messages, 3)
  chat$run_tools(
    c(answer$messages, list(list(role = "user", content = "Go."))), "m", add
  )
  expect_identical(
    vapply(sent_messages(server)[[2]], `[[`, "", "content"),
    c("Be nice.", "Hi", "Hello.", "Go.")
  )
})

test_that("other fields of the model's message go back as they came", {
  message <- c(calling(add = '{"x":1}'), list(
    reasoning_content = "Hm.", annotations = list(), marks = list("one"),
    details = list(list(type = "text", parts = list(1L)))
  ))
  server <- scripted(message, saying("2"))
  test_client(server)$chat$run_tools(hello, "m", add)
  expect_mapequal(sent_messages(server)[[2]][[2]], message[-5])
})

test_that("arguments arrive in the shapes of their types", {
  got <- NULL
  take <- function(...) {
    got <<- list(...)
    "ok"
  }
  output_of(take,
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

test_that("results are sent as text where they are, else as JSON", {
  expect_identical(output_of(function() "a \"b\"", "{}"), "a \"b\"")
  expect_identical(output_of(function() c("a", "b"), ""), "[\"a\",\"b\"]")
  expect_identical(output_of(function() 1.5, "{}"), "1.5")
  expect_identical(output_of(function() TRUE, "{}"), "true")
  expect_identical(output_of(function() NULL, "{}"), "null")
  expect_identical(
    output_of(function() data.frame(a = 1:2), "{}"), '[{"a":1},{"a":2}]'
  )
  expect_identical(output_of(function() list(a = NA), "{}"), '{"a":null}')
  expect_identical(
    output_of(function() list(tags = "a", x = c(1, NA, Inf)), "{}"),
    '{"tags":"a","x":[1,null,"Inf"]}'
  )
  json <- structure("{\"a\":1}", class = "json")
  expect_identical(output_of(function() json, "{}"), "{\"a\":1}")
})

test_that("the model is told what went wrong", {
  fails <- function(x) stop("no such city")
  typed <- list(x = integer())
  expect_identical(output_of(fails, '{"x":1}', typed), "Error: no such city")
  expect_match(output_of(fails, '{"x":', typed), "^Error: invalid JSON at byte")
  expect_identical(output_of(fails, "{}", typed), "Error: `x` is missing.")
  expect_identical(
    output_of(fails, '{"x":"1"}', typed),
    "Error: `x` must be an integer, not \"1\"."
  )
  expect_identical(
    output_of(fails, '{"x":1,"y":2}', typed),
    "Error: `y` is not an argument of f(); its arguments are `x`."
  )
  expect_identical(
    output_of(function() 1, '{"y":2}'),
    "Error: `y` is not an argument of f(); it has no arguments."
  )
  expect_identical(
    output_of(fails, "{}", typed, name = "g"),
    "Error: There is no tool \"g\" to call."
  )
  expect_identical(
    output_of(function() mean, "{}"),
    "Error: The value has no JSON: it is a function."
  )
})

test_that("plain lists among the tools are sent, but not called", {
  raw <- list(type = "function", `function` = list(name = "raw"))
  server <- scripted(calling(raw = "{}"), saying("Well."))
  answer <- test_client(server)$chat$run_tools(hello, "m", list(raw, add))
  expect_identical(
    answer$messages[[3]]$content, "Error: There is no tool \"raw\" to call."
  )
})

test_that("max_rounds ends a run with all that came", {
  server <- scripted(calling(add = '{"x":1}'), calling(add = '{"x":2}'))
  client <- test_client(server)
  condition <- expect_error(
    client$chat$run_tools(hello, "m", add, max_rounds = 2),
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
  reply(server, calling(add = '{"x":1}'), usage(10, 0))
  reply(server, calling(add = '{"x":1}'))
  reply(server, saying("2"), usage(7, 5))
  client <- test_client(server)
  answer <- client$chat$run_tools(hello, "m", add)
  expect_identical(answer$total_usage, usage(17L, 5L))
  expect_identical(answer$all_resp$usage, usage(7L, 5L))

  reply(server, calling(add = '{"x":1}'), usage(10, 0))
  server$reply(status = 400, body = "{}")
  error <- expect_error(
    client$chat$run_tools(hello, "m", add),
    class = "openai_bad_request_error"
  )
  expect_identical(error$total_usage, usage(10L, 0L))

  reply(server, calling(add = '{"x":1}'), usage(10, 0))
  error <- expect_error(
    client$chat$run_tools(hello, "m", add, max_rounds = 1),
    class = "openai_rounds_error"
  )
  expect_identical(error$total_usage, usage(10L, 0L))
})

test_that("`system` stands before the conversation, once", {
  server <- scripted(calling(add = '{"x":1}'), saying("2"))
  answer <- test_client(server)$chat$run_tools(
    hello, "m", add, system = "Be brief."
  )
  roles <- c("system", "user", "assistant", "tool", "assistant")
  expect_identical(vapply(answer$messages, `[[`, "", "role"), roles)
  sent <- sent_messages(server)[[2]]
  expect_identical(vapply(sent, `[[`, "", "role"), roles[1:4])
  expect_identical(sent[[1]]$content, "Be brief.")
})

test_that("a failed call keeps the conversation", {
  fail <- '{"error":{"message":"Too long."}}'
  server <- scripted(calling(add = '{"x":1}'))
  server$reply(status = 400, body = fail)
  client <- test_client(server, on_error = "return")
  answer <- failing(client$chat$run_tools(hello, "m", add))
  expect_false(answer$success)
  expect_identical(answer$status, 400L)
  expect_length(answer$messages, 3)
  expect_identical(answer$rounds, 1)

  server <- scripted(calling(add = '{"x":1}'))
  server$reply(status = 400, body = fail)
  client <- test_client(server)
  condition <- expect_error(
    client$chat$run_tools(hello, "m", add), "Too long",
    class = "openai_bad_request_error"
  )
  expect_identical(condition$messages, answer$messages)
  expect_identical(
    conditionCall(condition), quote(client$chat$run_tools(hello, "m", add))
  )
})

test_that("the last answer of a run is parsed", {
  server <- scripted(calling(add = '{"x":1}'), saying('{"sum":2}'))
  client <- test_client(server)
  expect_silent(answer <- client$chat$run_tools(
    hello, "m", add, response_format = json_schema(list(sum = integer()))
  ))
  expect_identical(answer$parsed, list(sum = 2L))
})

test_that("echo shows calls, results and the text", {
  server <- scripted(calling(add = '{"x":1}'), saying("It is 2."))
  client <- test_client(server)
  shown <- capture.output(
    client$chat$run_tools(hello, "m", add, echo = TRUE) -> answer
  )
  expect_identical(shown, c('> add({"x":1})', "< 2", "It is 2."))
  server <- scripted(calling(add = '{"x":1}'), saying("It is 2."))
  client <- test_client(server)
  expect_silent(client$chat$run_tools(hello, "m", add))
})

test_that("a streamed run gives and shows the same", {
  messages <- list(
    calling(add = '{"x":1,"y":2}', add = '{"x":3}'), saying('{"sum":7}')
  )
  run <- function(server, ...) {
    client <- test_client(server)
    answer <- NULL
    shown <- capture.output(answer <- client$chat$run_tools(
      hello, "m", add,
      echo = TRUE, response_format = json_schema(list(sum = integer())), ...
    ))
    list(shown = shown, answer = answer, sent = sent_messages(server))
  }
  server <- test_server()
  for (message in messages) reply_streamed(server, message)
  result <- run(server, stream = TRUE)
  expected <- run(do.call(scripted, messages))
  expect_identical(result$shown, expected$shown)
  expect_identical(result$answer$messages, expected$answer$messages)
  expect_identical(result$answer$parsed, list(sum = 7L))
  expect_identical(result$answer$rounds, 2)
  expect_identical(result$sent, expected$sent)
})

test_that("a streamed run that breaks off keeps the conversation", {
  broken <- function(...) {
    server <- test_server(env = parent.frame())
    reply_streamed(server, calling(add = '{"x":1}'))
    server$reply(chunks = chat_events("Hal", done = FALSE), abort = "reset")
    test_client(server, ...)
  }
  client <- broken(on_error = "return")
  answer <- failing(client$chat$run_tools(hello, "m", add, stream = TRUE))
  expect_false(answer$success)
  expect_identical(answer$text, "Hal")
  expect_identical(
    vapply(answer$messages, `[[`, "", "role"), c("user", "assistant", "tool")
  )
  client <- broken()
  condition <- expect_error(
    client$chat$run_tools(hello, "m", add, stream = TRUE),
    class = "openai_stream_error"
  )
  expect_identical(condition$messages, answer$messages)
})

test_that("run_tools_async() is a promise of the same", {
  skip_if_not_installed("promises")
  skip_if_not_installed("later")
  # What a promise came to: its value, or the condition.
  settled <- function(promise) {
    outcome <- NULL
    promises::then(
      promise, function(value) outcome <<- value, function(e) outcome <<- e
    )
    wait_until(function() {
      later::run_now(0.1)
      !is.null(outcome)
    })
    outcome
  }
  script <- list(
    calling(add = '{"x":1}'), calling(add = '{"x":2}'), saying("It is 3.")
  )
  client <- test_client(do.call(scripted, script))
  expected <- client$chat$run_tools(hello, "m", add)
  client <- test_client(do.call(scripted, script))
  expect_identical(
    settled(client$chat$run_tools_async(hello, "m", add)), expected
  )
  server <- test_server()
  for (message in script) reply_streamed(server, message)
  run <- test_client(server)$chat$run_tools_async
  answer <- settled(run(hello, "m", add, stream = TRUE))
  expect_identical(answer$messages, expected$messages)

  server <- scripted(script[[1]])
  server$reply(status = 400, body = '{"error":{"message":"Too long."}}')
  run <- test_client(server)$chat$run_tools_async
  condition <- settled(run(hello, "m", add))
  expect_s3_class(condition, "openai_bad_request_error")
  expect_identical(condition$messages, expected$messages[1:3])

  client <- test_client(do.call(scripted, script))
  run <- client$chat$run_tools_async
  condition <- settled(run(hello, "m", add, max_rounds = 2))
  expect_s3_class(condition, "openai_rounds_error")
  expect_identical(condition$messages, expected$messages[1:5])
  refused <- settled(run(hello, "m", list()))
  expect_s3_class(refused, "openai_argument_error")
})

test_that("an interrupt in a tool ends the run", {
  server <- scripted(calling(halt = "{}"), saying("Never."))
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

test_that("what cannot be run is refused before anything is sent", {
  server <- test_server()
  run <- test_client(server)$chat$run_tools
  refused <- function(code, message) {
    expect_error(code, message, class = "openai_argument_error", fixed = TRUE)
  }
  refused(run(hello, "m", list()), "at least one tool")
  refused(run(hello, "m", list(list(type = "function"))), "at least one tool")
  refused(run(hello, "m", "add"), "at least one tool")
  refused(run(hello, "m", sum), "`tools` is a function: wrap it in tool()")
  refused(run(hello, "m", list(add, sum)), "`tools[[2]]` is a function: wrap")
  refused(
    test_client(server)$chat$create(hello, "m", tools = list(sum)),
    "`tools[[1]]` is a function: wrap"
  )
  refused(run(hello, "m", add, system = 1), "`system`")
  refused(run(hello, "m", list(add, add)), "Two tools")
  refused(run(hello, "m", add, n = 2), "`n` must be 1")
  refused(run(hello, "m", add, 0.5), "Value 1 of `...` (0.5) has no name")
  refused(run(hello, "m", add, max_rounds = 0), "`max_rounds`")
  refused(run(hello, "m", add, stream = NA), "`stream`")
  refused(run(hello, "m", add, echo = "yes"), "`echo`")
  refused(run(7, "m", add), "`messages` must be one string, a list")
  expect_length(server$requests(), 0)
})
