# Servers that need other requests than OpenAI: compatibility settings.

refuse <- function(server, message, status = 400, param = NULL, times = 1) {
  error <- list(message = message, type = "invalid_request_error")
  error$param <- param
  server$reply(
    status = status, times = times,
    body = jsonlite::toJSON(list(error = error), auto_unbox = TRUE)
  )
}

# Error messages of servers for requests that they reject (and their `param`),
# by the setting that the client must detect.
refusals <- list(
  no_n = list(
    list("Unsupported parameter: 'n'.", "n"),
    list("body.n: Extra inputs are not permitted", NULL),
    list("property `n` is unsupported", NULL),
    list("Unrecognized request argument: n", NULL)
  ),
  max_tokens = list(
    list("Unknown field: max_completion_tokens", NULL),
    list("body.max_completion_tokens: Extra inputs are not permitted", NULL)
  ),
  max_completion_tokens = list(list(
    paste(
      "Unsupported parameter: 'max_tokens' is not supported with this model.",
      "Use 'max_completion_tokens' instead."
    ),
    "max_tokens"
  )),
  empty_content = list(
    list("Invalid type for messages[1].content: expected a string, got null"),
    list("messages.1.content: Input should be a valid string", NULL)
  ),
  system_role = list(list("Unexpected message role.")),
  plain_messages = list(
    list("'messages.2' : property 'reasoning' is unsupported"),
    list("body.messages.1.assistant.reasoning: Extra inputs are not permitted")
  ),
  no_stream_options = list(
    list("Bad request: json: unknown field \"stream_options\""),
    list("Extra inputs are not permitted, field: 'stream_options'")
  ),
  no_strict = list(list("Unknown name \"strict\" at 'tools[0].function'.")),
  no_store = list(list("property 'store' is unsupported")),
  no_parallel_tool_calls = list(list(
    "Unsupported parameter: 'parallel_tool_calls' is not supported.",
    "parallel_tool_calls"
  ))
)

# Creates a chat whose body the setting changes.
create_chat <- function(client, setting, ...) {
  call <- list(id = "1", type = "function", `function` = list(
    name = "f", arguments = "{}"
  ))
  messages <- list(
    list(role = "developer", content = "a"),
    list(
      role = "assistant", content = NULL, reasoning = "b",
      tool_calls = list(call)
    ),
    list(role = "tool", tool_call_id = "1", content = "b")
  )
  arguments <- switch(setting,
    max_tokens = list(max_completion_tokens = 5),
    max_completion_tokens = list(max_tokens = 5),
    no_stream_options = list(stream_options = list(include_usage = TRUE)),
    no_strict = list(
      tools = list(tool(function(x) x, "Same.", x = type_number(), name = "f")),
      response_format = list(type = "json_schema", json_schema = list(
        name = "a", strict = TRUE, schema = list(type = "object")
      ))
    ),
    no_store = list(store = FALSE),
    no_parallel_tool_calls = list(parallel_tool_calls = TRUE)
  )
  do.call(client$chat$create, c(list(messages, "m"), arguments, list(...)))
}

expect_adapted <- function(body, setting) {
  switch(setting,
    no_n = expect_null(body$n),
    max_tokens = {
      expect_identical(body$max_tokens, 5L)
      expect_null(body$max_completion_tokens)
    },
    max_completion_tokens = {
      expect_identical(body$max_completion_tokens, 5L)
      expect_null(body$max_tokens)
    },
    empty_content = expect_identical(body$messages[[2]]$content, ""),
    system_role = expect_identical(body$messages[[1]]$role, "system"),
    plain_messages = {
      expect_named(body$messages[[2]], c("role", "content", "tool_calls"))
    },
    no_stream_options = expect_null(body$stream_options),
    no_strict = {
      expect_named(
        body$tools[[1]]$`function`, c("name", "description", "parameters")
      )
      expect_null(body$response_format$json_schema$strict)
    },
    no_store = expect_false("store" %in% names(body)),
    no_parallel_tool_calls = expect_null(body$parallel_tool_calls)
  )
}

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

# Conversations that each setting of messages changes, and a string.
adaptable_prompts <- list(
  list(
    list(role = "developer", content = "a"),
    list(role = "assistant", content = NULL, reasoning = "b", tool_calls = list(
      list(id = "1", type = "function", `function` = list(
        name = "f", arguments = "{}"
      ))
    )),
    list(role = "tool", tool_call_id = "1", content = "c")
  ),
  "plain"
)

# The same prompts as lines, with the blanks and escapes of other JSON writers.
file_of_prompts <- function(prompts, env = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".jsonl", .local_envir = env)
  lines <- vapply(prompts, function(prompt) {
    as.character(jsonlite::toJSON(prompt, auto_unbox = TRUE, null = "null"))
  }, "")
  lines <- sub("\"content\":\"a\"", "\"content\" : \"\\\\u0061\"", lines)
  writeLines(lines, path)
  path
}

# The methods that can send these prompts.
methods <- list(
  single = function(client, ...) {
    for (prompt in adaptable_prompts) client$chat$create(prompt, "m", ...)
  },
  map = function(client, ...) client$chat$map(adaptable_prompts, "m", ...),
  workers = function(client, ...) {
    client$chat$map(adaptable_prompts, "m", workers = "future", ...)
  },
  results = function(client, ...) {
    client$chat$map(
      adaptable_prompts, "m",
      results = withr::local_tempfile(), ...
    )
  },
  `results of a file` = function(client, ...) {
    client$chat$map(
      prompts_file(file_of_prompts(adaptable_prompts)), "m",
      results = withr::local_tempfile(), ...
    )
  },
  `results of a function` = function(client, ...) {
    remaining <- list(adaptable_prompts)
    client$chat$map(function() {
      chunk <- remaining[1]
      remaining <<- remaining[-1]
      unlist(chunk, recursive = FALSE)
    }, "m", results = withr::local_tempfile(), ...)
  },
  batch = function(client, ...) {
    client$chat$map(
      adaptable_prompts, "m",
      engine = "batch", progress = FALSE, ...
    )
  }
)

# The bodies of chats that a server received, in any order; those of batches are
# in a file.
chats_received <- function(server) {
  lines <- unlist(strsplit(
    vapply(server$requests(), `[[`, "", "body"), "\r?\n"
  ))
  lines <- grep("\"messages\":", lines, fixed = TRUE, value = TRUE)
  bodies <- lapply(lines, function(line) {
    body <- jsonlite::fromJSON(line, simplifyVector = FALSE)
    body <- body$body %||% body
    body[order(names(body))]
  })
  bodies[order(vapply(bodies, function(body) length(body$messages), 1L))]
}

test_that("each method that sends prompts adapts them in the same way", {
  use_two_workers()
  format <- json_schema(type_object(river = type_string()))
  for (settings in list(
    c(
      "no_n", "max_tokens", "empty_content", "system_role", "plain_messages",
      "no_strict"
    ),
    "json_object"
  )) {
    for (system in list(NULL, "Be brief.")) {
      bodies <- lapply(methods, function(method) {
        server <- test_server()
        client <- worker_client(server, compatibility = settings)
        suppressWarnings(method(
          client,
          system = system, response_format = format, max_completion_tokens = 5
        ))
        chats_received(server)
      })
      expect_length(bodies$single, 2)
      for (method in names(methods)) {
        expect_identical(bodies[[!!method]], bodies$single)
      }
    }
  }
})

test_that("a run to a results file detects a setting and keeps its answers", {
  refusal <- "Invalid type for messages[1].content: expected a string, got null"
  in_memory <- rev(adaptable_prompts)
  for (prompts in list(in_memory, prompts_file(file_of_prompts(in_memory)))) {
    server <- test_server()
    server$reply(body = any_answer)
    refuse(server, refusal)
    client <- test_client(server)
    results <- withr::local_tempfile(fileext = ".jsonl")
    expect_message(
      answers <- client$chat$map(
        prompts, "m",
        results = results, on_error = "return", max_active = 1
      ),
      "empty_content"
    )
    expect_identical(answers$answered, 2)
    expect_length(server$requests(), 3)
    bodies <- sent_bodies(server)
    expect_identical(bodies[[3]]$messages[[2]]$content, "")

    # A client without the setting finds the same prompts in the file.
    again <- test_client(server)$chat$map(prompts, "m", results = results)
    expect_identical(again$answered, 2)
    expect_length(server$requests(), 3)
  }
})

test_that("settings are detected by streams and by map(), too", {
  refusal <- "Unsupported parameter: 'n'."
  stream <- function(client) {
    client$chat$create("a", "m", stream = TRUE)$text()
  }
  calls <- list(
    stream,
    function(client) {
      value <- client$chat$create("a", "m", stream = TRUE)$next_value
      value$vres[[1]]$content
    },
    function(client) client$chat$map("a", "m")[[1]]$text,
    function(client) {
      client$chat$map(c("a", "b"), "m", on_error = "return")[[2]]$text
    }
  )
  for (call in calls) {
    server <- test_server()
    refuse(server, refusal, times = if (identical(call, calls[[4]])) 2 else 1)
    is_stream <- identical(call, calls[[1]]) || identical(call, calls[[2]])
    if (is_stream) {
      server$reply(chunks = chat_events("Hi"))
    } else {
      server$reply(body = any_answer, times = 2)
    }
    client <- test_client(server, on_error = "stop")
    expect_message(text <- call(client), "no_n")
    expect_identical(text, "Hi")
    expect_null(sent_bodies(server)[[length(server$requests())]]$n)
  }
})

test_that("map() detects several settings, one after the other", {
  for (on_error in c("stop", "return")) {
    server <- test_server()
    refuse(server, "Unsupported parameter: 'n'.")
    refuse(server, "Unknown field: max_completion_tokens")
    server$reply(body = any_answer)
    client <- test_client(server)
    suppressMessages(answers <- client$chat$map(
      "a", "m",
      max_completion_tokens = 5, on_error = on_error
    ))
    expect_identical(answers[[1]]$text, "Hi")
    body <- sent_bodies(server)[[3]]
    expect_null(body$n)
    expect_identical(body$max_tokens, 5L)
  }
})

test_that("settings are detected by promises, too", {
  skip_if_not_installed("promises")
  for (call in list(
    function(client) value_of(client$chat$create_async("a", "m"))$text,
    function(client) value_of(client$chat$map_async("a", "m"))[[1]]$text,
    function(client) {
      stream <- client$chat$create_async("a", "m", stream = TRUE)
      value_of(stream)$text
    }
  )) {
    server <- test_server()
    refuse(server, "Unsupported parameter: 'n'.")
    server$reply_chat("Hi")
    # Messages are signalled in the event loop, out of reach of handlers here.
    utils::capture.output(
      text <- call(test_client(server)),
      type = "message"
    )
    expect_identical(text, "Hi")
    expect_null(sent_bodies(server)[[2]]$n)
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
