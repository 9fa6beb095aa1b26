# Another client of the local server: what openai-python understands is what an
# OpenAI-compatible server says.

test_that("openai-python works with the local server", {
  python <- Sys.getenv("OPENAISTREAM_PYTHON")
  skip_if(!nzchar(python), "OPENAISTREAM_PYTHON names no Python with openai")
  server <- test_server()
  failure <- '{"error":{"message":"Please %s.","type":"t","code":"%s"}}'
  server$reply(status = 401, body = sprintf(failure, "log in", "invalid_api_key"))
  server$reply(status = 429, body = sprintf(failure, "slow down", "rate_limit"))

  output <- system2(
    python, c(shQuote(test_path("openai_client.py")), server$url),
    stdout = TRUE, stderr = TRUE,
    # R's own libraries must not stand in for those of Python.
    env = "LD_LIBRARY_PATH="
  )

  expect_identical(output, "ok")
})
