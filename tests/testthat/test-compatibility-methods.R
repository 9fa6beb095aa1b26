# Compatibility settings apply to all methods that send prompts.

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
