# openai-python as a client of the local server, to check that its responses
# have the form of OpenAI's.

# The output of a Python script that uses openai-python.
run_python <- function(script, argument) {
  python <- Sys.getenv("OPENAISTREAM_PYTHON")
  skip_if(!nzchar(python), "OPENAISTREAM_PYTHON names no Python with openai")
  system2(
    python, c(shQuote(test_path(script)), shQuote(argument)),
    stdout = TRUE, stderr = TRUE,
    # Python must not load R's libraries.
    env = "LD_LIBRARY_PATH="
  )
}

openai_python <- function(script, server) run_python(script, server$url)

test_that("the operations have the names and arguments of openai-python", {
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

test_that("openai-python retrieves what it stored in the local server", {
  # Background responses take long enough to be cancelled.
  server <- test_server(token_delay = 0.005)

  expect_identical(openai_python("openai_resources.py", server), "ok")
})

test_that("openai-python parses the responses of stateless resources", {
  expect_identical(openai_python("openai_skeletons.py", test_server()), "ok")
})
