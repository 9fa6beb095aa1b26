# llama.cpp, LiteLLM and aimock: servers that others wrote.

skip_on_cran()
skip_if_not_installed("processx")

test_that("llama.cpp answers, streams, embeds and refuses", {
  python <- python_with("xllamacpp")
  scripts <- server_tools()
  model <- withr::local_tempfile(fileext = ".gguf")
  made <- system2(python, c(file.path(scripts, "tiny_model.py"), model))
  expect_identical(made, 0L)
  start <- function(kind, env = parent.frame()) {
    port <- free_port()
    url <- start_server(
      python, c(file.path(scripts, "llama_cpp.py"), model, port, kind), port,
      "models",
      frame = env
    )
    openai$new("sk-test", base_url = url, on_error = "stop")
  }
  client <- start("chat")
  expect_identical(nrow(client$models$list()), 1L)
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
  vectors <- start("embeddings")$embeddings$create(
    "m", c("a", "b", "a"),
    as = "matrix"
  )
  expect_identical(dim(vectors), c(3L, 64L))
  expect_equal(vectors[1, ], vectors[3, ], tolerance = 1e-3)
  expect_false(isTRUE(all.equal(vectors[1, ], vectors[2, ])))
})

test_that("aimock answers, streams, calls tools, embeds and fails", {
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

test_that("LiteLLM passes on what the server behind it says", {
  python <- python_with("litellm")
  behind <- test_server()
  config <- withr::local_tempfile(fileext = ".yaml", lines = c(
    "model_list:",
    "  - model_name: m",
    "    litellm_params:",
    "      model: openai/m",
    paste0("      api_base: ", behind$url),
    "      api_key: sk-behind",
    "  - model_name: e",
    "    litellm_params:",
    "      model: openai/e",
    paste0("      api_base: ", behind$url),
    "      api_key: sk-behind",
    "litellm_settings:",
    "  num_retries: 0"
  ))
  port <- free_port()
  url <- start_server(
    file.path(dirname(python), "litellm"),
    c("--config", config, "--host", "127.0.0.1", "--port", port), port,
    "models",
    env = c(
      LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY = "true",
      LITELLM_LOCAL_MODEL_COST_MAP = "True"
    )
  )
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
  # The library in LiteLLM tries three times.
  behind$reply(
    status = 400, times = 3,
    body = '{"error":{"message":"bad words","type":"invalid_request_error"}}'
  )
  expect_error(
    client$chat$create("a", "m"), "bad words",
    class = "openai_bad_request_error"
  )
})
