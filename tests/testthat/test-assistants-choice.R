# Whether calls of the Assistants API are sent to it or to the Responses API.

targets_of <- function(server) {
  vapply(server$requests(), function(it) paste(it$method, it$target), "")
}

test_that("a server without the Assistants API is detected by the first call", {
  server <- test_server()
  client <- test_client(server)
  suppressMessages({
    thread <- client$threads$create()
    client$threads$retrieve(thread$id)
    client$messages$list(thread$id)
  })
  expect_identical(targets_of(server)[1:3], c(
    "POST /v1/threads", "POST /v1/conversations",
    sub("thread_", "GET /v1/conversations/conv_", thread$id)
  ))
  expect_false(any(grepl("threads", targets_of(server)[-1])))
})

test_that("only an unknown URL means that the Assistants API was shut down", {
  server <- test_server()
  client <- test_client(server)
  server$reply(
    status = 404, body = '{"error":{"message":"No thread found with id t."}}'
  )
  failed <- failed_call(client$threads$retrieve("t"))
  expect_match(failed$message, "No thread found")
  expect_length(server$requests(), 1)
})

test_that("an argument, an option or an environment variable chooses the API", {
  server <- test_server()
  failed <- failed_call(
    test_client(server, assistants = "api")$threads$create()
  )
  expect_match(failed$message, "Invalid URL")

  uses_assistants_api <- function() {
    server <- test_server()
    test_client(server)$threads$create()
    any(targets_of(server) == "POST /v1/threads")
  }
  withr::with_envvar(c(OPENAISTREAM_ASSISTANTS = "responses"), {
    expect_false(uses_assistants_api())
    withr::with_options(list(openaistream.assistants = "api"), {
      expect_true(suppressWarnings(uses_assistants_api()))
    })
  })
  expect_error(
    test_client(server, assistants = "yes"),
    "`assistants` must be \"auto\", \"api\" or \"responses\", not \"yes\"",
    class = "openai_argument_error"
  )
  withr::with_options(list(openaistream.assistants = 1), expect_error(
    test_client(server)$threads$create(), "The option openaistream.assistants"
  ))
})

test_that("one message per session explains what changes", {
  messages <- in_session(function() {
    server <- local_server()
    messages <- character()
    withCallingHandlers(
      for (i in 1:2) {
        client <- openai$new("sk-test", base_url = server$url)
        client$assistants$create("m")
      },
      message = function(m) {
        messages <<- c(messages, conditionMessage(m))
        invokeRestart("muffleMessage")
      }
    )
    messages
  })
  expect_length(messages, 1)
  expect_match(messages, "does not have the Assistants API.*What differs")
})

test_that("creating an assistant at OpenAI sends nothing and does not warn", {
  client <- openai$new("sk-test", timeouts = c(total = 1), max_retries = 0)
  expect_no_warning(
    assistant <- suppressMessages(
      client$assistants$create("m", name = "Tutor")
    )
  )
  expect_identical(assistant$name, "Tutor")
})

test_that("the resources below `client$beta` work, too", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$beta$assistants$create(model = "m")
  thread <- client$beta$threads$create(messages = hello)
  run <- client$beta$threads$runs$create(thread$id, assistant$id)
  expect_identical(run$thread_id, thread$id)
  expect_error(
    client$beta$threads$retrieve("thread_none"),
    "No thread found with id 'thread_none'", class = "openai_not_found_error"
  )
})

test_that("the `_async` versions return promises of the same values", {
  skip_if_not_installed("promises")
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m", tools = list(weather_tool))
  server$reply_tool("get_weather", list(city = "Rome"))
  value <- NULL
  error <- NULL
  promise <- promises::then(
    client$threads$create_async(messages = rep(hello, 25)),
    function(thread) {
      promises::then(
        client$runs$create_async(thread$id, assistant$id),
        function(run) {
          promises::then(
            client$messages$list_async(thread$id, limit = 100),
            function(messages) value <<- list(run, messages)
          )
        }
      )
    }
  )
  promises::catch(
    client$threads$retrieve_async("thread_none"), function(e) error <<- e
  )
  promises::catch(promise, function(e) value <<- e)
  run_loop_until(function() !is.null(value) && !is.null(error))
  expect_identical(value[[1]]$object, "thread.run")
  expect_identical(nrow(value[[2]]$data), 25L)
  expect_s3_class(error, "openai_not_found_error")
  expect_match(conditionMessage(error), "No thread found")
})

test_that("another session can use the ids", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  thread <- client$threads$create(messages = hello, metadata = list(a = "b"))
  assistant <- client$assistants$create("m")
  run <- poll_run(client, client$runs$create(thread$id, assistant$id))

  found <- in_session(
    function(url, thread_id, run_id) {
      client <- openai$new("sk-test", base_url = url, assistants = "responses")
      list(
        thread = client$threads$retrieve(thread_id),
        messages = client$messages$list(thread_id),
        run = client$runs$retrieve(thread_id, run_id)
      )
    },
    list(server$url, thread$id, run$id)
  )
  expect_identical(found$thread$metadata, list(a = "b"))
  expect_identical(found$messages$data$role, c("assistant", "user"))
  expect_identical(found$run$status, "completed")
})

test_that("later rounds are limited to the tokens that are left", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m", tools = list(weather_tool))
  server$reply_tool("get_weather", list(city = "Rome"))
  run <- poll_run(client, client$runs$create_tread(
    assistant$id,
    thread = list(messages = hello), max_completion_tokens = 300
  ))
  calls <- run$required_action$submit_tool_outputs$tool_calls
  client$runs$submit_tool_outputs(run$thread_id, run$id, list(
    list(tool_call_id = calls$id, output = "Sunny")
  ))
  limits <- lapply(server$requests(), function(it) {
    if (it$target == "/v1/responses") {
      jsonlite::fromJSON(it$body)$max_output_tokens
    }
  })
  response <- client$responses$retrieve(sub("run_", "resp_", run$id))
  used <- response$usage$output_tokens
  expect_gt(used, 0)
  expect_identical(unlist(limits), c(300L, 300L - used))
})

test_that("developer messages in the conversation are not in the thread", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  thread <- client$threads$create(messages = hello)
  client$conversations$items$create(
    sub("thread_", "conv_", thread$id),
    items = list(list(role = "developer", content = "Be brief."))
  )
  expect_identical(client$messages$list(thread$id)$data$role, "user")
})

test_that("a server without the Assistants API is detected by a stream, too", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m")
  client <- test_client(server)
  stream <- client$runs$create_tread(
    assistant$id, thread = list(messages = hello), stream = TRUE
  )
  run <- suppressMessages(stream$message())
  expect_identical(run$status, "completed")
  expect_identical(targets_of(server)[[1]], "POST /v1/threads/runs")
  expect_identical(client$runs$list(run$thread_id)$data$id, run$id)
})

test_that("a cancelled run leaves only messages in the conversation", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  run <- waiting_run(client, server)
  expect_identical(run$status, "requires_action")

  thread_id <- run$thread_id
  expect_identical(client$runs$cancel(thread_id, run$id)$status, "cancelling")
  expect_identical(
    client$runs$retrieve(thread_id, run$id)$status, "cancelled"
  )
  items <- client$conversations$items$list(sub("thread_", "conv_", thread_id))
  expect_identical(vapply(items$data, `[[`, "", "type"), "message")
})

test_that("a queued run blocks its thread until it is cancelled", {
  server <- test_server(background_delay = 5)
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m")
  thread <- client$threads$create(messages = hello)
  run <- client$runs$create(thread$id, assistant$id)
  expect_identical(run$status, "queued")
  failed <- failed_call(client$messages$create(thread$id, "user", "More"))
  expect_match(failed$message, "Can't add messages to thread_.* is active")
  failed <- failed_call(client$runs$create(thread$id, assistant$id))
  expect_match(failed$message, "already has an active run run_")

  expect_identical(client$runs$cancel(thread$id, run$id)$status, "cancelling")
  expect_identical(
    client$runs$retrieve(thread$id, run$id)$status, "cancelled"
  )
  expect_match(client$messages$create(thread$id, "user", "More")$id, "^msg_")
})

test_that("a saved stream does not contain the key", {
  server <- test_server()
  client <- test_client(server, "sk-very-secret-key", assistants = "responses")
  assistant <- client$assistants$create("m")
  stream <- client$runs$create_tread(
    assistant$id,
    thread = list(messages = hello), stream = TRUE
  )
  saved <- serialize(stream, NULL, ascii = TRUE)
  expect_false(grepl("very-secret-key", rawToChar(saved), fixed = TRUE))
})

test_that("the promise of a streamed run resolves to the run", {
  skip_if_not_installed("promises")
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m")
  run <- NULL
  promises::then(
    client$runs$create_tread_async(
      assistant$id,
      thread = list(messages = hello), stream = TRUE
    ),
    function(value) run <<- value, function(e) run <<- e
  )
  run_loop_until(function() !is.null(run))
  expect_identical(run$status, "completed")
})

test_that("a request for a locked conversation is retried", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m")
  thread <- client$threads$create(messages = hello)
  locked <- paste0(
    '{"error":{"message":"Another process is operating on it.",',
    '"type":"invalid_request_error","code":"conversation_locked"}}'
  )
  server$reply(status = 400, body = locked, path = "/v1/responses")
  expect_identical(client$runs$create(thread$id, assistant$id)$status, "queued")

  for (chosen in c("responses", "auto")) {
    chooser <- test_client(server, assistants = chosen)
    server$reply(status = 400, body = locked, path = "/v1/responses")
    run <- suppressMessages(chooser$runs$create_tread(
      assistant$id,
      thread = list(messages = hello), stream = TRUE
    )$message())
    expect_identical(run$status, "completed")
  }

  server$reply(status = 400, body = locked, path = "/v1/responses", times = 4)
  other <- client$threads$create(messages = hello)
  failed <- failed_call(client$runs$create(other$id, assistant$id))
  expect_match(failed$message, "already has an active run")
})
