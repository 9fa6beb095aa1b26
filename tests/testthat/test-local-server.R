# The practice server.

test_that("the server answers chats, models and embeddings reproducibly", {
  server <- test_server()
  client <- test_client(server)
  ask <- function() client$chat$create(hello, "gpt-6-luna", n = 2)

  answer <- ask()

  expect_identical(nrow(answer$vres), 2L)
  expect_match(answer$vres$message$content[[1]], "Hello")
  expect_gt(answer$all_resp$usage$total_tokens, 0)
  expect_identical(ask(), answer)
  vectors <- client$embeddings$create(
    "text-embedding-3-small", c("a", "b", "a"), dimensions = 8
  )$data$embedding
  expect_identical(lengths(vectors), c(8L, 8L, 8L))
  expect_identical(vectors[[1]], vectors[[3]])
  expect_equal(sum(vectors[[2]]^2), 1, tolerance = 1e-6)
})

test_that("a streamed chat has the same text as one that is not streamed", {
  server <- test_server()
  client <- test_client(server)
  plain <- client$chat$create(hello, "gpt-6-luna")$vres$message$content

  stream <- client$chat$create(hello, "gpt-6-luna", stream = TRUE)
  batches <- Filter(is.list, read_all(stream))
  deltas <- unlist(lapply(batches, `[[`, "vres"), recursive = FALSE)

  contents <- unlist(lapply(deltas, `[[`, "content"))
  expect_identical(paste(contents, collapse = ""), plain)
})

test_that("queued responses are sent in order, then the default ones", {
  server <- test_server()
  server$reply(status = 503, body = '{"error":{"message":"Overloaded"}}')
  server$reply(body = '{"data":[{"id":"mine"}]}', times = 2)
  client <- test_client(server)
  answers <- c(
    list(failed_call(client$models$list())),
    lapply(2:4, function(i) client$models$list())
  )
  expect_match(answers[[1]]$message, "503.*Overloaded")
  expect_identical(answers[[2]]$id, "mine")
  expect_identical(answers[[3]]$id, "mine")
  expect_true("gpt-6-luna" %in% answers[[4]]$id)
})

test_that("`$requests()` returns the received requests", {
  server <- test_server()
  test_client(server)$moderations$create("\u00e4")
  request <- server$requests()[[1]]
  expect_identical(request$method, "POST")
  expect_identical(request$target, "/v1/moderations")
  expect_identical(request$headers[["content-type"]], "application/json")
  expect_identical(request$body, "{\"input\":\"\u00e4\"}")
  expect_identical(request$connection, 1)
  expect_null(request$closed_at)
})

test_that("a stopped server refuses connections, and can be stopped again", {
  server <- local_server()
  client <- test_client(server)
  client$models$list()
  server$stop()
  server$stop()
  answer <- failed_call(client$models$list())
  expect_false(answer$success)
  expect_match(answer$message, "127.0.0.1")
})

test_that("a dropped server is stopped by the garbage collector", {
  server <- local_server()
  client <- test_client(server, on_error = "stop")
  rm(server)
  expect_no_error(wait_until(function() {
    gc()
    inherits(try(client$models$list(), silent = TRUE), "try-error")
  }))
})

test_that("print() shows the URL, and invalid arguments are rejected", {
  server <- test_server()
  expect_output(print(server), server$url, fixed = TRUE)
  expect_match(server$url, "^http://127\\.0\\.0\\.1:[0-9]+/v1$")
  expect_error(server$url <- "x", "read-only")
  expect_error(local_server(token_delay = -1), "token_delay")
  expect_error(local_server(background_delay = NA), "background_delay")
  expect_error(local_server(resume_limit = "x"), "resume_limit")
  expect_error(local_server(assistants = "yes"), "assistants")
  expect_error(local_server(run_limit = -1), "run_limit")
  expect_error(local_server(batch_limit = -1), "batch_limit")
  expect_error(server$reply(status = "a"), "status")
  expect_error(server$reply(body = mean), "body")
  expect_error(server$reply(headers = c("a", "b")), "headers")
  expect_error(server$reply(abort = "maybe"), "arg")
})

test_that("20 successive calls use one connection", {
  server <- test_server()
  client <- test_client(server)
  for (i in 1:20) client$models$list()
  expect_identical(server$connections(), 1)
})

test_that("texts and tool calls can be queued, also for streams", {
  server <- test_server()
  client <- test_client(server)
  add <- tool(
    function(a, b) a + b, "Adds two numbers.", name = "add",
    a = type_number(), b = type_number()
  )
  for (stream in c(FALSE, TRUE)) {
    server$reply_tool(
      c("add", "add"), list(list(a = 1, b = 2), list(a = 3, b = 4))
    )
    server$reply_chat("3 and 7.")
    answer <- client$chat$run_tools("Add.", "m", tools = add, stream = stream)
    expect_identical(answer$text, "3 and 7.")
    results <- Filter(function(x) x$role == "tool", answer$messages)
    expect_identical(vapply(results, `[[`, "", "content"), c("3", "7"))
  }
  server$reply_chat("queued")
  expect_true("gpt-6-luna" %in% client$models$list()$id)
  expect_identical(client$chat$create("Hi", "m")$text, "queued")
  expect_error(server$reply_chat(1), "`text`", class = "openai_argument_error")
  expect_error(server$reply_tool(1), "`name`", class = "openai_argument_error")
  expect_error(
    server$reply_tool("a", list(1)), "`arguments`",
    class = "openai_argument_error"
  )
})

test_that("`$break_stream()` drops the connection of a stream", {
  server <- test_server()
  client <- test_client(server)
  server$break_stream(2)
  expect_true("gpt-6-luna" %in% client$models$list()$id)
  stream <- client$chat$create("Hi", "m", stream = TRUE)
  broken <- expect_error(stream$text(), class = "openai_stream_error")
  expect_equal(broken$events, 2)
  expect_match(client$chat$create("Hi", "m", stream = TRUE)$text(), "Hi")
  expect_error(
    server$break_stream("x"), "after",
    class = "openai_argument_error"
  )
})

test_that("a response can be queued for one path", {
  server <- test_server()
  client <- test_client(server)
  server$reply(body = '{"id":"file-1"}', path = "/v1/files/file-1")
  server$reply(
    body = '{"data":[{"index":0,"embedding":[0.5]}]}', path = "embeddings"
  )
  expect_true("gpt-6-luna" %in% client$models$list()$id)
  expect_identical(client$files$retrieve("file-1")$id, "file-1")
  expect_identical(client$embeddings$create("m", "a")$data$embedding, list(0.5))
  expect_false(
    identical(client$embeddings$create("m", "a")$data$embedding, list(0.5))
  )
})

test_that("answers match a requested schema, and images are PNG files", {
  server <- test_server()
  client <- test_client(server)
  shape <- type_object(
    rivers = type_array(type_object(name = type_string(), km = type_integer())),
    long = type_boolean(required = FALSE), kind = type_enum(c("a", "b"))
  )
  answer <- client$chat$create(
    "Rivers?", "m",
    response_format = json_schema(shape)
  )
  expect_named(answer$parsed, c("rivers", "long", "kind"), ignore.order = TRUE)
  expect_s3_class(answer$parsed$rivers, "data.frame")
  expect_type(answer$parsed$rivers$km, "integer")
  expect_true(answer$parsed$kind %in% c("a", "b"))

  images <- client$images$create("a bird", n = 2)
  paths <- save_image(images, withr::local_tempfile(fileext = ".png"))
  expect_length(paths, 2)
  expect_identical(
    readBin(paths[[1]], raw(), 4), as.raw(c(0x89, 0x50, 0x4e, 0x47))
  )
})

test_that("responses are stored until they are deleted, and can be cancelled", {
  server <- test_server(background_delay = 60)
  client <- test_client(server)

  queued <- client$responses$create(
    input = "Hi", model = "m", background = TRUE
  )
  expect_identical(queued$status, "queued")
  expect_identical(client$responses$cancel(queued$id)$status, "cancelled")
  response <- client$responses$create(input = "Hi", model = "m")
  expect_match(response$output_text, "Hi")
  expect_identical(
    client$responses$retrieve(response$id)$output_text, response$output_text
  )
  client$responses$delete(response$id)
  expect_error(
    client$responses$retrieve(response$id), response$id,
    class = "openai_not_found_error"
  )
})

test_that("with `assistants = TRUE` the server has assistants and runs", {
  server <- test_server(assistants = TRUE, background_delay = 0.4)
  client <- test_client(server)
  weather <- list(
    name = "get_weather",
    parameters = list(
      type = "object", properties = setNames(list(), character())
    )
  )
  assistant <- client$assistants$create(
    "gpt-6-luna", tools = list(list(type = "function", "function" = weather))
  )
  thread <- client$threads$create(messages = list(
    list(role = "user", content = "What is the weather?")
  ))
  states <- character()
  poll <- function(run) {
    wait_until(function() {
      run <<- client$runs$retrieve(thread$id, run$id)
      states <<- unique(c(states, run$status))
      !run$status %in% c("queued", "in_progress", "cancelling")
    })
    run
  }

  run <- client$runs$create(thread$id, assistant$id)
  expect_identical(run$status, "queued")
  run <- poll(run)
  expect_identical(states, c("queued", "in_progress", "requires_action"))
  locked <- failed_call(client$messages$create(thread$id, "user", "Hello"))
  expect_match(
    locked$message,
    "Can't add messages to thread_1 while a run run_1 is active."
  )

  call <- run$required_action$submit_tool_outputs$tool_calls
  expect_identical(call$`function`$name, "get_weather")
  stream <- client$runs$submit_tool_outputs(thread$id, run$id, list(
    list(tool_call_id = call$id, output = "Sunny")
  ), stream = TRUE, num = 1)
  names <- unlist(lapply(Filter(is.list, read_all(stream)), function(batch) {
    batch$vres[[1]]$event
  }))
  expect_identical(
    names[c(1, length(names))],
    c("thread.run.step.completed", "thread.run.completed")
  )
  newest <- client$messages$list(thread$id, limit = 1)$data
  expect_match(newest$content[[1]]$text$value, "Sunny")

  run <- client$runs$create(thread$id, assistant$id)
  expect_identical(client$runs$cancel(thread$id, run$id)$status, "cancelling")
  expect_identical(poll(run)$status, "cancelled")
})

test_that("a run expires after `run_limit`; assistants are off by default", {
  server <- test_server(assistants = TRUE, background_delay = 60, run_limit = 0)
  client <- test_client(server)
  assistant <- client$assistants$create("gpt-6-luna")
  thread <- client$threads$create()
  run <- client$runs$create(thread$id, assistant$id)
  expect_identical(client$runs$retrieve(thread$id, run$id)$status, "expired")

  failed <- failed_call(
    test_client(test_server(), assistants = "api")$assistants$list()
  )
  expect_match(failed$message, "Invalid URL (GET /v1/assistants)", fixed = TRUE)
})

test_that("an unknown dialect is rejected, and the error names the dialects", {
  for (dialect in list("llama", "", 1, NULL)) {
    expect_error(
      local_server(dialect = dialect), "`dialect` must be",
      class = "openai_argument_error"
    )
  }
  expect_error(local_server(dialect = "llama"), "\"ollama\"")
  server <- test_server(dialect = "openrouter")
  expect_match(server$url, "/api/v1$")
})
