# client$responses with the practice server's answers and with scripted ones.

add <- tool(
  function(a, b) a + b, "Adds two numbers.",
  name = "add",
  a = type_number(), b = type_number()
)

# The body of a response with this output, JSON text.
response_body <- function(output, status = "completed", ...) {
  paste0(
    '{"id":"resp_1","object":"response","status":"', status, '","model":"m",',
    '"output":[', paste(output, collapse = ","), "],", ...,
    '"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}'
  )
}

message_item <- function(text) {
  paste0(
    '{"type":"message","id":"msg_1","role":"assistant","status":"completed",',
    '"content":[{"type":"output_text","text":', jsonlite::toJSON(text,
      auto_unbox = TRUE
    ), ',"annotations":[]}]}'
  )
}

call_item <- function(arguments, call_id = "call_1", name = "add") {
  paste0(
    '{"type":"function_call","id":"fc_', call_id, '","call_id":"', call_id,
    '","name":"', name, '","arguments":',
    jsonlite::toJSON(arguments, auto_unbox = TRUE), ',"status":"completed"}'
  )
}

test_that("a response has its text and continues an earlier response", {
  client <- test_client(test_server())
  first <- client$responses$create("Hello", "gpt-6-luna")
  expect_match(first$output_text, "You wrote: \"Hello\"", fixed = TRUE)
  expect_identical(first$output_text, first$output[[1]]$content[[1]]$text)
  expect_null(first$tool_calls)
  second <- client$responses$create(
    "More", "gpt-6-luna",
    previous_response_id = first$id
  )
  expect_gt(second$usage$input_tokens, first$usage$input_tokens)
  expect_identical(
    client$responses$retrieve(second$id)$output_text, second$output_text
  )
  expect_true(client$responses$delete(second$id)$deleted)
  expect_error(
    client$responses$retrieve(second$id),
    class = "openai_not_found_error"
  )
  printed <- capture.output(print(first))
  expect_match(printed, "You wrote", all = FALSE)
  expect_match(printed, "[0-9]+ tokens: ", all = FALSE)
})

test_that("input may be a string, messages, a data frame or items", {
  server <- test_server()
  client <- test_client(server)
  message <- list(role = "user", content = "Hi")
  item <- list(type = "item_reference", id = "msg_1")
  for (input in list(
    "Hi", factor("Hi"), message, list(message),
    data.frame(role = "user", content = "Hi"), c(role = "user", content = "Hi"),
    list(message, item), list(data.frame(role = "user", content = "Hi"), item)
  )) {
    server$reply(body = response_body(message_item("a")))
    client$responses$create(input, "m")
  }
  sent <- lapply(sent_bodies(server), `[[`, "input")
  expect_identical(sent[[1]], "Hi")
  expect_identical(sent[[2]], "Hi")
  for (place in 3:6) expect_identical(sent[[!!place]], list(message))
  for (place in 7:8) expect_identical(sent[[!!place]], list(message, item))
  for (bad in list(1, list(1), list("Hi"), c("a", "b"), list(list(a = 1)))) {
    expect_error(
      client$responses$create(bad, "m"), "`input",
      class = "openai_argument_error"
    )
  }
  expect_length(server$requests(), 8)
})

# Items of all types of the API, with null, empty and unknown fields, and of an
# unknown type.
items_of_all_types <- c(
  message_item("Hi \u00fc \"quoted\""),
  '{"type":"message","role":"user","content":"plain"}',
  '{"type":"message","id":"m","role":"assistant","phase":"final_answer","content":[{"type":"refusal","refusal":"No."}]}',
  '{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":null}',
  '{"type":"reasoning","id":"rs_2","summary":[{"type":"summary_text","text":"so"}],"content":[]}',
  call_item('{"a":1}'),
  '{"type":"function_call_output","call_id":"call_1","output":[{"type":"input_text","text":"x"}]}',
  '{"type":"custom_tool_call","id":"ct","call_id":"c","name":"n","input":""}',
  '{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q","sources":[]}}',
  '{"type":"file_search_call","id":"fs","queries":["a"],"results":null}',
  '{"type":"code_interpreter_call","id":"ci","code":"1+1","container_id":"c","outputs":[{"type":"logs","logs":"2\\n"}]}',
  '{"type":"image_generation_call","id":"ig","status":"completed","result":"aGk="}',
  '{"type":"mcp_call","id":"mcp","name":"n","arguments":"{}","server_label":"s","error":null,"output":"o"}',
  '{"type":"mcp_list_tools","id":"ml","server_label":"s","tools":[{"name":"n","input_schema":{},"annotations":null}]}',
  '{"type":"mcp_approval_request","id":"ma","name":"n","arguments":"{}","server_label":"s"}',
  '{"type":"shell_call","id":"sh","call_id":"c","action":{"commands":["ls"],"timeout_ms":null},"status":"completed"}',
  '{"type":"computer_call","id":"cc","call_id":"c","action":{"type":"click","x":1.5,"y":2},"pending_safety_checks":[]}',
  '{"type":"local_shell_call","id":"ls","call_id":"c","action":{"type":"exec","command":["ls","-l"],"env":{}}}',
  '{"type":"compaction","id":"cmp","encrypted_content":"abc"}',
  '{"type":"not_there_yet","deep":[[1,[2,[]]],{}],"big":9007199254740991,"small":1e-7,"flag":false}'
)

test_that("items are sent back as the same JSON values", {
  server <- test_server()
  client <- test_client(server)
  server$reply(body = response_body(items_of_all_types), times = 2)
  response <- client$responses$create("x", "m")
  expect_length(response$output, length(items_of_all_types))
  client$responses$create(response$output, "m")
  sent <- sent_bodies(server)[[2]]$input
  expected <- lapply(
    items_of_all_types, jsonlite::fromJSON,
    simplifyVector = FALSE
  )
  for (place in seq_along(expected)) {
    expect_identical(sent[[place]], expected[[place]])
  }
  # The same for the items of a conversation.
  server$reply(body = paste0(
    '{"object":"list","data":[', paste(items_of_all_types, collapse = ","),
    '],"has_more":false}'
  ))
  kept <- client$conversations$items$list("conv_1")$data
  server$reply(body = '{"object":"list","data":[]}')
  client$conversations$items$create("conv_1", items = kept)
  sent <- jsonlite::fromJSON(
    server$requests()[[4]]$body,
    simplifyVector = FALSE
  )
  expect_identical(sent$items, expected)
})

test_that("a schema in any of its fields gives a parsed answer", {
  client <- test_client(test_server())
  schema <- json_schema(type_object(name = type_string(), n = type_integer()))
  for (fields in list(
    list(text = schema), list(response_format = schema),
    list(text = list(format = schema, verbosity = "low"))
  )) {
    answer <- do.call(
      client$responses$create, c(list("Who?", "gpt-6-luna"), fields)
    )
    expect_type(answer$parsed$name, "character")
    expect_type(answer$parsed$n, "integer")
    expect_identical(answer$parsed_problem, NA_character_)
  }
  expect_error(
    client$responses$create(
      "x", "m",
      text = list(format = schema), response_format = schema
    ),
    "remove one of them",
    class = "openai_argument_error"
  )
})

test_that("an answer that cannot be parsed gives a warning with the reason", {
  server <- test_server()
  client <- test_client(server)
  schema <- json_schema(type_object(a = type_integer()))
  warned <- function(body, problem) {
    server$reply(body = body)
    expect_warning(
      answer <- client$responses$create("x", "m", text = schema), problem,
      fixed = TRUE, class = "openai_parsed_warning"
    )
    expect_null(answer$parsed)
    expect_match(answer$parsed_problem, problem, fixed = TRUE)
  }
  warned(response_body(message_item("no json")), "invalid JSON")
  warned(
    response_body(
      message_item('{"a":1}'), "incomplete",
      '"incomplete_details":{"reason":"max_output_tokens"},'
    ),
    "it was truncated (incomplete: \"max_output_tokens\")"
  )
  refusal <- sub(
    '"type":"output_text","text"', '"type":"refusal","refusal"',
    message_item("I will not."),
    fixed = TRUE
  )
  warned(response_body(refusal), "the model refused: I will not.")
})

test_that("rounds of tool calls are chained by id, conversation or input", {
  server <- test_server()
  client <- test_client(server)
  calls <- c(call_item('{"a":1,"b":2}'), call_item('{"a":"x"}', "call_2"))
  chain <- function(...) {
    before <- length(server$requests())
    server$reply(body = response_body(
      c('{"type":"reasoning","id":"rs_1","summary":[]}', calls)
    ))
    server$reply(body = response_body(message_item("It is 3.")))
    answer <- client$responses$run_tools("1 + 2?", "m", add, ...)
    expect_identical(answer$output_text, "It is 3.")
    expect_identical(answer$rounds, 2)
    expect_equal(answer$total_usage$total_tokens, 6)
    expect_length(answer$items, 7)
    expect_s3_class(answer, "openai_response")
    sent_bodies(server)[[before + 2]]
  }
  outputs <- list(
    list(type = "function_call_output", call_id = "call_1", output = "3"),
    list(
      type = "function_call_output", call_id = "call_2",
      output = "Error: `a` must be a number, not \"x\"."
    )
  )
  sent <- chain()
  expect_identical(sent$previous_response_id, "resp_1")
  expect_identical(sent$input, outputs)
  sent <- chain(conversation = "conv_1")
  expect_null(sent$previous_response_id)
  expect_identical(sent$conversation, "conv_1")
  expect_identical(sent$input, outputs)
  sent <- chain(store = FALSE)
  expect_null(sent$previous_response_id)
  expect_identical(sent$include, list("reasoning.encrypted_content"))
  expect_identical(
    vapply(sent$input, function(item) item$type %||% "message", ""),
    c(
      "message", "reasoning", "function_call", "function_call",
      "function_call_output", "function_call_output"
    )
  )
  expect_identical(sent$tools[[1]]$name, "add")
})

test_that("`max_rounds` limits the rounds, and errors keep the items", {
  server <- test_server()
  client <- test_client(server)
  server$reply(body = response_body(call_item('{"a":1,"b":2}')), times = 2)
  condition <- expect_error(
    client$responses$run_tools("x", "m", add, max_rounds = 2),
    class = "openai_rounds_error"
  )
  expect_identical(condition$rounds, 2)
  expect_length(condition$items, 5)
  server$reply(body = response_body(call_item('{"a":1,"b":2}')))
  server$reply(status = 500, body = "{}")
  condition <- expect_error(
    client$responses$run_tools("x", "m", add),
    class = "openai_server_error"
  )
  expect_identical(condition$rounds, 1)
})

test_that("the practice server calls a tool, also with `_async`", {
  client <- test_client(test_server())
  answer <- client$responses$run_tools("Please add 1 and 2", "gpt-6-luna", add)
  expect_identical(answer$rounds, 2)
  expect_match(answer$output_text, "The tools returned")
  promise <- client$responses$run_tools_async(
    "Please add 1 and 2", "gpt-6-luna", add
  )
  expect_identical(
    settled(promise)$value$output_text, answer$output_text
  )
})

test_that("many responses keep order, names and missing prompts", {
  server <- test_server()
  client <- test_client(server)
  journal <- withr::local_tempfile()
  prompts <- c(a = "one", b = NA, c = "two")
  answers <- client$responses$map(prompts, "gpt-6-luna", journal = journal)
  expect_named(answers, c("a", "b", "c"))
  expect_match(answers$a$output_text, "one")
  expect_identical(answers$b$output_text, NA_character_)
  expect_match(answers$c$output_text, "two")
  again <- client$responses$map(prompts, "gpt-6-luna", journal = journal)
  expect_identical(as.list(again), as.list(answers))
  expect_length(server$requests(), 2)
})

test_that("wait() returns a completed background response or times out", {
  server <- test_server()
  client <- test_client(server)
  waiting <- client$responses$create("x", "gpt-6-luna", background = TRUE)
  expect_true(waiting$status %in% c("queued", "in_progress"))
  expect_identical(waiting$output_text, NA_character_)
  done <- client$responses$wait(waiting$id)
  expect_identical(done$status, "completed")
  expect_match(done$output_text, "You wrote")
  promise <- client$responses$wait_async(waiting$id)
  expect_identical(settled(promise)$value, done)

  server$reply(body = response_body(character(), "queued"), times = 5)
  condition <- expect_error(
    client$responses$wait("resp_1", timeout = 0.6),
    "its status is \"queued\"",
    class = "openai_timeout_error"
  )
  expect_identical(condition$response$status, "queued")
})

test_that("a response can be cancelled twice", {
  client <- test_client(test_server(background_delay = 60))
  waiting <- client$responses$create("x", "gpt-6-luna", background = TRUE)
  expect_identical(client$responses$cancel(waiting$id)$status, "cancelled")
  expect_identical(client$responses$cancel(waiting$id)$status, "cancelled")
  plain <- client$responses$create("x", "gpt-6-luna")
  expect_error(
    client$responses$cancel(plain$id),
    class = "openai_bad_request_error"
  )
})

test_that("conversations keep their items", {
  client <- test_client(test_server())
  talk <- client$conversations$create(
    items = "My name is Ada.", metadata = list(topic = "names")
  )
  client$responses$create("Who am I?", "gpt-6-luna", conversation = talk$id)
  items <- client$conversations$items$list(talk$id, order = "asc")$data
  expect_identical(
    vapply(items, `[[`, "", "role"), c("user", "user", "assistant")
  )
  changed <- client$conversations$update(talk$id, list(topic = "other"))
  expect_identical(changed$metadata, list(topic = "other"))
  first <- client$conversations$items$retrieve(talk$id, items[[1]]$id)
  expect_identical(first, items[[1]])
  client$conversations$items$delete(talk$id, items[[1]]$id)
  expect_length(client$conversations$items$list(talk$id)$data, 2)
  expect_true(client$conversations$delete(talk$id)$deleted)
})

test_that("streamed rounds have the same result", {
  client <- test_client(test_server())
  run <- function(...) {
    client$responses$run_tools("Please add 1 and 2", "gpt-6-luna", add, ...)
  }
  plain <- run()
  streamed <- run(stream = TRUE)
  expect_identical(streamed$output_text, plain$output_text)
  expect_identical(streamed$rounds, plain$rounds)
  expect_output(run(stream = TRUE, echo = TRUE), "> add(", fixed = TRUE)
})
