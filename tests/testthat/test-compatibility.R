# Servers that need other requests than OpenAI: compatibility settings.

test_that("a client detects a setting from an error once, with a message", {
  for (setting in names(refusals)) {
    for (refusal in refusals[[setting]]) {
      server <- test_server()
      client <- test_client(server, on_error = "stop")
      param <- if (length(refusal) > 1) refusal[[2]]
      refuse(server, refusal[[1]], param = param)
      server$reply(body = any_answer, times = 2)
      expect_message(answer <- create_chat(client, setting), setting)
      expect_identical(answer$text, "Hi")
      expect_no_message(create_chat(client, setting))
      bodies <- sent_bodies(server)
      expect_length(bodies, 3)
      expect_adapted(bodies[[2]], setting)
      expect_adapted(bodies[[3]], setting)
      expect_output(print(client$.__enclos_env__$private$config), setting)
    }
  }
})

test_that("with `compatibility`, the first request is adapted already", {
  for (setting in names(refusals)) {
    server <- test_server()
    server$reply(body = any_answer)
    client <- test_client(server, compatibility = setting)
    expect_no_message(create_chat(client, setting))
    expect_adapted(sent_bodies(server)[[1]], setting)
    expect_length(server$requests(), 1)
  }
  expect_error(
    openai$new("sk-test", compatibility = "no_m"), "`no_n`.*not \"no_m\"",
    class = "openai_argument_error"
  )
})

test_that("a setting that would change the answer is not detected", {
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  for (case in list(
    list(store = TRUE, message = "property 'store' is unsupported"),
    list(
      parallel_tool_calls = FALSE,
      message = "Unknown parameter: 'parallel_tool_calls'."
    )
  )) {
    refuse(server, case$message)
    expect_no_message(expect_error(
      do.call(client$chat$create, c(list("a", "m"), case[1])),
      class = "openai_bad_request_error"
    ))
  }
  expect_length(server$requests(), 2)
})

test_that("a message recommends `json_object`, which describes the schema", {
  server <- test_server()
  schema <- json_schema(type_object(river = type_string()))
  ask <- function(client) {
    client$chat$create("a", "m", response_format = schema, system = "Be brief.")
  }
  client <- test_client(server, on_error = "stop")
  refuse(server, "This response_format type is unavailable now", times = 2)
  expect_message(expect_error(ask(client)), "json_object")
  expect_no_message(expect_error(ask(client)))

  server$reply_chat("{\"river\":\"Rhine\"}")
  client <- test_client(
    server,
    on_error = "stop", compatibility = "json_object"
  )
  expect_identical(ask(client)$parsed, list(river = "Rhine"))
  body <- sent_bodies(server)[[3]]
  expect_identical(body$response_format, list(type = "json_object"))
  expect_match(
    body$messages[[1]]$content, "^Be brief[.].*JSON Schema.*\"river\""
  )
  expect_length(body$messages, 2)
})

test_that("with `json_object`, a run to a results file describes the schema", {
  server <- test_server()
  server$reply_chat("{\"river\":\"Rhine\"}")
  client <- test_client(server, compatibility = "json_object")
  results <- client$chat$map(
    "a", "m",
    results = withr::local_tempfile(fileext = ".jsonl"), system = "Be brief.",
    response_format = json_schema(type_object(river = type_string()))
  )
  expect_identical(read_results(results)[[1]]$parsed, list(river = "Rhine"))
  body <- sent_bodies(server)[[1]]
  expect_identical(body$response_format, list(type = "json_object"))
  expect_match(body$messages[[1]]$content, "^Be brief[.].*JSON Schema")
  expect_identical(body$messages[[2]]$content, "a")
})

# Messages with roles that some chat templates reject, and the messages that
# these templates accept.
turns <- list(
  list(role = "system", content = "Be brief."),
  list(role = "user", content = "a"),
  list(role = "user", content = "b"),
  list(role = "assistant", content = "c"),
  list(role = "user", content = list(list(type = "text", text = "d"))),
  list(role = "user", content = "e")
)
joined_turns <- list(
  list(role = "system", content = "Be brief."),
  list(role = "user", content = "a\n\nb"),
  list(role = "assistant", content = "c"),
  list(role = "user", content = list(
    list(type = "text", text = "d"), list(type = "text", text = "e")
  ))
)
turns_without_system <- list(
  list(role = "user", content = "Be brief.\n\na\n\nb"),
  joined_turns[[3]], joined_turns[[4]]
)

test_that("a client detects chat templates that reject roles", {
  no_turns <- "Conversation roles must alternate user/assistant/user/..."
  cases <- list(
    list(errors = no_turns, messages = joined_turns),
    list(
      errors = c(no_turns, "System role not supported"),
      messages = turns_without_system
    ),
    # A template without the role counts the system message as a turn.
    list(errors = c(no_turns, no_turns), messages = turns_without_system),
    list(
      errors = c("Jinja Exception: Unexpected message role.", no_turns),
      messages = joined_turns, role = "developer"
    )
  )
  calls <- list(
    function(client, messages) client$chat$create(messages, "m")$text,
    function(client, messages) {
      client$chat$create(messages, "m", stream = TRUE)$text()
    },
    function(client, messages) {
      client$chat$map(list(messages), "m", on_error = "return")[[1]]$text
    },
    function(client, messages) {
      results <- client$chat$map(
        list(messages), "m",
        results = withr::local_tempfile()
      )
      read_results(results)[[1]]$text
    }
  )
  for (case in cases) {
    for (call in calls) {
      server <- test_server()
      for (error in case$errors) refuse(server, error, status = 500)
      if (identical(call, calls[[2]])) {
        server$reply(chunks = chat_events("Hi"))
      } else {
        server$reply(body = any_answer)
      }
      client <- test_client(server, on_error = "stop")
      messages <- turns
      if (!is.null(case$role)) messages[[1]]$role <- case$role
      suppressMessages(text <- call(client, messages))
      expect_identical(text, "Hi")
      sent <- sent_messages(server)
      expect_length(sent, length(case$errors) + 1)
      expect_identical(sent[[length(sent)]], case$messages)
    }
  }
})

test_that("a client detects no other setting from status 500", {
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  refuse(server, "Unsupported parameter: 'n'.", status = 500)
  expect_no_message(expect_error(
    client$chat$create("a", "m"),
    class = "openai_server_error"
  ))
})

test_that("calls that are rejected at the same time all succeed", {
  skip_if_not_installed("promises")
  server <- test_server()
  refuse(
    server, "Conversation roles must alternate user/assistant/...",
    status = 500, times = 2
  )
  server$reply(body = any_answer, times = 2)
  client <- test_client(server)
  utils::capture.output(
    answers <- value_of(promises::promise_all(.list = list(
      client$chat$create_async(turns, "m"), client$chat$create_async(turns, "m")
    ))),
    type = "message"
  )
  expect_identical(answers[[2]]$text, "Hi")
  for (messages in sent_messages(server)[3:4]) {
    expect_identical(messages, joined_turns)
  }
})

test_that("explicit arguments are not omitted after an error", {
  for (case in list(
    list("Unsupported parameter: 'n'.", 2), list("no such model", 1),
    list("The value must be at most 1.", 1)
  )) {
    server <- test_server()
    refuse(server, case[[1]], times = 2)
    client <- test_client(server, on_error = "stop")
    expect_no_message(expect_error(
      client$chat$create("a", "m", n = case[[2]]),
      class = "openai_bad_request_error"
    ))
    expect_length(server$requests(), 1)
  }
})

test_that("an invalid `n` that the server rejects gives no warning", {
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  refuse(server, refusals$no_n[[1]][[1]], param = "n")
  expect_no_warning(expect_error(
    client$completions$create("m", "p", n = "many"),
    class = "openai_bad_request_error"
  ))
  expect_length(server$requests(), 1)
})

test_that("a request is sent again once for each detected setting", {
  server <- test_server()
  refuse(server, paste(
    "Unsupported parameters: 'max_tokens' and 'n'.",
    "Use 'max_completion_tokens' instead."
  ), times = 9)
  client <- test_client(server, on_error = "stop")
  expect_error(
    suppressMessages(client$chat$create("a", "m", max_tokens = 5)),
    class = "openai_bad_request_error"
  )
  expect_length(server$requests(), 3)
})
