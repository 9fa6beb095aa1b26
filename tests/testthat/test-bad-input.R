# Bad input is rejected with the argument's name before anything is sent.

test_that("invalid ids are rejected", {
  server <- test_server()
  client <- test_client(server)
  for (id in list("", NA_character_, NULL, ".", "..", 1, c("a", "b"))) {
    expect_error(client$files$retrieve(id), "`file_id` must be one non-empty")
    expect_error(client$runs$retrieve("thread", id), "`run_id`")
  }
  expect_length(server$requests(), 0)
})

test_that("ids are escaped", {
  server <- test_server()
  server$reply(body = any_answer, times = 2)
  client <- test_client(server)
  client$files$retrieve("a/../b?c=d#e f")
  client$models$retrieve("ft:gpt-4o:acme::id")
  targets <- vapply(server$requests(), `[[`, "", "target")
  expect_identical(targets[[1]], "/v1/files/a%2F..%2Fb%3Fc=d%23e%20f")
  expect_identical(targets[[2]], "/v1/models/ft:gpt-4o:acme::id")
})

test_that("files that cannot be sent give the messages of 0.3.0", {
  server <- test_server()
  client <- test_client(server)
  folder <- withr::local_tempdir()
  expect_identical(
    failed_call(client$files$upload(NULL)),
    list(success = FALSE, data = "path is NULL")
  )
  expect_identical(
    failed_call(client$files$upload("no/file"))$data,
    "path (no/file) is not exists"
  )
  expect_identical(
    failed_call(client$audio$transcription(folder))$data,
    paste0("path (", folder, ") is a directory")
  )
  expect_length(server$requests(), 0)
})

test_that("an invalid base URL is rejected when the client is created", {
  for (url in list("api.openai.com", "ftp://x/v1", "http://", NA, 1)) {
    expect_error(openai$new("sk-test", base_url = url), "base")
  }
})

test_that("a key that is not a string is rejected", {
  for (key in list(1, NA_character_, c("a", "b"), list(), TRUE)) {
    expect_error(openai$new(key), "`api_key` must be one string")
  }
  client <- openai$new(function() 1, base_url = "http://127.0.0.1:1")
  expect_error(client$models$list(), "must return one string")
})

test_that("the error for a missing key names the environment variable", {
  withr::local_envvar(OPENAI_API_KEY = NA, OPENAI_KEY = NA)
  expect_error(openai$new(), "OPENAI_API_KEY")
})

test_that("values that cannot be converted to JSON are named with their path", {
  server <- test_server()
  client <- test_client(server)
  create <- function(content) {
    client$chat$create(list(list(role = "user", content = content)), "m")
  }
  expect_error(create(mean), "messages.*content.*function")
  expect_error(create(globalenv()), "messages.*content.*environment")
  expect_error(create(quote(a + b)), "messages.*content")
  invalid <- "a\xff"
  Encoding(invalid) <- "UTF-8"
  expect_error(create(invalid), "messages.*content.*encoding")
  # read.csv() returns such text for a file in Latin-1.
  expect_error(create("caf\xe9"), "messages.*content.*encoding")
  expect_length(server$requests(), 0)
})

test_that("an invalid verbosity fails the call before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  for (verbosity in list(4, -1, "a", NA, 1.5)) {
    answer <- failed_call(client$models$list(verbosity = verbosity))
    expect_false(answer$success)
    expect_match(answer$message, "`verbosity`")
  }
  expect_error(
    client$chat$create(hello, "m", stream = TRUE, verbosity = 4), "verbosity"
  )
  expect_length(server$requests(), 0)
})

test_that("query parameters are strings, numbers or vectors of them", {
  server <- test_server()
  client <- test_client(server)
  expect_error(client$files$list(limit = mean), "`limit`.*function")
  expect_error(client$files$list(limit = NA), "`limit` contains NA")
  expect_error(client$files$list(limit = Inf), "`limit`.*Inf")
  expect_length(server$requests(), 0)
  server$reply(body = "{\"data\":[]}")
  client$files$list(limit = 2L, after = "a b", include = c("x", "y"), no = NULL)
  expect_identical(
    server$requests()[[1]]$target,
    "/v1/files?limit=2&after=a%20b&include%5B%5D=x&include%5B%5D=y"
  )
})

test_that("an error describes the rejected value", {
  described <- function(value) {
    error <- expect_error(openai$new("sk-test", organization = value))
    sub(".*, not ", "", conditionMessage(error))
  }
  expect_identical(described(factor("a")), "a factor of length 1.")
  expect_identical(described(factor(c("a", "b"))), "a factor of length 2.")
  expect_identical(described(c("a", "b")), "a vector of length 2.")
  expect_identical(described(1), "1.")
  expect_identical(described(list()), "an object of class list.")
  # Of a long string the message contains the beginning.
  client <- test_client(test_server())
  error <- expect_error(client$chat$create(hello, "m", echo = strrep("x", 1e4)))
  expect_match(conditionMessage(error), "not \"x+[.]{3}[.]$")
  expect_lt(nchar(conditionMessage(error)), 120)
})
