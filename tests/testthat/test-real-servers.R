# llama.cpp, LiteLLM and aimock: servers of other projects.

skip_on_cran()
skip_if_not_installed("processx")

test_that("llama.cpp answers, streams, embeds and reports errors", {
  url <- start_llama_cpp("chat")
  client <- openai$new("sk-test", base_url = url, on_error = "stop")
  answer <- suppressWarnings(client$chat$create(
    "hello", "m",
    max_tokens = 8, temperature = 0
  ))
  expect_identical(answer$vres$finish_reason, "length")
  expect_gt(nchar(answer$text), 0)
  stream <- client$chat$create(
    "hello", "m",
    stream = TRUE, max_tokens = 8, temperature = 0
  )
  expect_identical(suppressWarnings(stream$text()), answer$text)
  answers <- suppressWarnings(client$chat$map(
    c("hello", NA, "hello"), "m",
    max_tokens = 8, temperature = 0, on_error = "return", max_active = 1
  ))
  expect_identical(answers[[1]]$text, answer$text)
  expect_identical(answers[[3]]$text, answer$text)
  expect_error(
    client$chat$create(strrep("long ", 2000), "m", max_tokens = 8),
    "context",
    class = "openai_bad_request_error"
  )
  expect_error(
    client$chat$create(
      strrep("long ", 2000), "m",
      stream = TRUE, max_tokens = 8
    )$text(),
    "context",
    class = "openai_error"
  )
  expect_error(
    client$request("GET", "nothing"), "not found|Not Found",
    class = "openai_not_found_error"
  )
  # Random weights also write bytes that are not UTF-8.
  value <- suppressWarnings(
    run_recipe("llama_cpp", c("http://localhost:8080/v1" = url))
  )
  expect_type(value, "character")
  expect_identical(article_row("llama_cpp"), table_row(
    article_servers$llama_cpp, capabilities_of_real("llama_cpp", url)
  ))
})

test_that("aimock answers, streams, calls tools, embeds and reports errors", {
  program <- file.path(
    servers_folder(), "node_modules", "@copilotkit", "aimock", "dist", "cli.cjs"
  )
  skip_if_not(file.exists(program), "npm gave no aimock")
  folder <- withr::local_tempdir()
  jsonlite::write_json(
    list(fixtures = list(
      list(
        match = list(userMessage = "hello"),
        response = list(content = "Hi there!")
      ),
      list(
        match = list(userMessage = "double", hasToolResult = FALSE),
        response = list(toolCalls = list(
          list(name = "double", arguments = "{\"x\":21}")
        ))
      ),
      list(
        match = list(userMessage = "double", hasToolResult = TRUE),
        response = list(content = "It is 42.")
      ),
      list(
        match = list(userMessage = "fail"),
        response = list(
          error = list(message = "overloaded", type = "server_error"),
          status = 503
        )
      )
    )), file.path(folder, "fixtures.json"),
    auto_unbox = TRUE
  )
  port <- free_port()
  url <- start_server(
    "node", c(program, "--port", port, "--fixtures", folder), port, "models"
  )
  client <- openai$new(
    "sk-test",
    base_url = url, on_error = "stop", max_retries = 0
  )
  expect_true("gpt-4o" %in% client$models$list()$id)
  expect_identical(client$chat$create("hello", "gpt-4o")$text, "Hi there!")
  stream <- client$chat$create("hello", "gpt-4o", stream = TRUE)
  expect_identical(stream$text(), "Hi there!")
  double <- tool(function(x) x * 2, "Doubles.", x = type_number(), name = "double")
  for (is_streamed in c(FALSE, TRUE)) {
    run <- client$chat$run_tools(
      "double", "gpt-4o", double,
      stream = is_streamed
    )
    expect_identical(run$messages[[3]]$content, "42")
    expect_identical(run$text, "It is 42.")
  }
  vectors <- client$embeddings$create(
    "text-embedding-3-small", c("a", "b"),
    as = "matrix", dimensions = 4
  )
  expect_identical(dim(vectors), c(2L, 4L))
  expect_error(
    client$chat$create("fail", "gpt-4o"), "overloaded",
    class = "openai_server_error"
  )
})

test_that("LiteLLM forwards the answers and errors of its server", {
  behind <- test_server()
  url <- start_litellm(behind)
  client <- openai$new(
    "sk-test",
    base_url = url, on_error = "stop", max_retries = 0
  )
  expect_setequal(client$models$list()$id, c("m", "e"))
  behind$reply_chat("Hello.")
  expect_identical(client$chat$create("a", "m")$text, "Hello.")
  behind$reply_chat("Hello again.")
  stream <- client$chat$create("a", "m", stream = TRUE)
  expect_identical(stream$text(), "Hello again.")
  double <- tool(function(x) x * 2, "Doubles.", x = type_number(), name = "double")
  for (is_streamed in c(FALSE, TRUE)) {
    behind$reply_tool("double", list(x = 21))
    behind$reply_chat("It is 42.")
    run <- client$chat$run_tools("a", "m", double, stream = is_streamed)
    expect_identical(run$messages[[3]]$content, "42")
    expect_identical(run$text, "It is 42.")
  }
  vectors <- client$embeddings$create("e", c("a", "b"), as = "matrix")
  expect_identical(nrow(vectors), 2L)
  answers <- client$chat$map(c("one", NA, "two"), "m", on_error = "return")
  expect_match(answers[[3]]$text, "two")
  # The library in LiteLLM sends three attempts.
  behind$reply(
    status = 400, times = 3, path = "/v1/chat/completions",
    body = '{"error":{"message":"bad words","type":"invalid_request_error"}}'
  )
  expect_error(
    client$chat$create("a", "m"), "bad words",
    class = "openai_bad_request_error"
  )
  expect_error(
    client$chat$create("a", "none"), "model",
    class = "openai_bad_request_error"
  )
})

test_that("LiteLLM has the capabilities that the article lists", {
  url <- start_litellm(test_server())
  withr::local_envvar(LITELLM_KEY = "sk-test")
  value <- run_recipe("litellm", c("http://localhost:4000/v1" = url))
  expect_match(value, "Hello")
  expect_identical(article_row("litellm"), table_row(
    article_servers$litellm, capabilities_of_real("litellm", url)
  ))
})
