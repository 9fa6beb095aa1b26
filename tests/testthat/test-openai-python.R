# Another client of the local server: what openai-python understands is what an
# OpenAI-compatible server says.

# What a script prints that uses openai-python.
run_python <- function(script, argument) {
  python <- Sys.getenv("OPENAISTREAM_PYTHON")
  skip_if(!nzchar(python), "OPENAISTREAM_PYTHON names no Python with openai")
  system2(
    python, c(shQuote(test_path(script)), shQuote(argument)),
    stdout = TRUE, stderr = TRUE,
    # R's own libraries must not stand in for those of Python.
    env = "LD_LIBRARY_PATH="
  )
}

openai_python <- function(script, server) run_python(script, server$url)

test_that("the table has the names and arguments of openai-python", {
  table <- system.file("operations.tsv", package = "openaistream")
  expect_identical(run_python("openai_names.py", table), "compared: 390")
})

test_that("openai-python works with the local server", {
  server <- test_server()
  failure <- '{"error":{"message":"Please %s.","type":"t","code":"%s"}}'
  server$reply(status = 401, body = sprintf(failure, "log in", "invalid_api_key"))
  server$reply(status = 429, body = sprintf(failure, "slow down", "rate_limit"))

  expect_identical(openai_python("openai_client.py", server), "ok")
})

test_that("openai-python finds in the local server what it has put there", {
  # Responses in the background take a moment, so that they can be cancelled.
  server <- test_server(token_delay = 0.005)

  expect_identical(openai_python("openai_resources.py", server), "ok")
})

test_that("openai-python understands answers of resources that keep no state", {
  expect_identical(openai_python("openai_skeletons.py", test_server()), "ok")
})
