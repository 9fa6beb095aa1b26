# Which requests are retried, how often, and what is printed.

soon <- c("retry-after-ms" = "1")

# The number of requests of a call whose first answer is this failure.
requests_after <- function(status, headers = soon, ..., body = "{}") {
  server <- test_server()
  server$reply(status = status, headers = headers, body = body)
  # Whether the call fails does not matter here.
  suppressWarnings(test_client(server, ..., max_retries = 1)$models$list())
  length(server$requests())
}

test_that("transient status codes are retried, others are not", {
  for (status in c(408, 409, 429, 500, 502, 503, 504, 529)) {
    expect_identical(requests_after(status), 2L, info = status)
  }
  for (status in c(400, 401, 403, 404, 413, 418, 422)) {
    expect_identical(requests_after(status), 1L, info = status)
  }
})

test_that("x-should-retry takes precedence over the status code", {
  expect_identical(requests_after(400, c(soon, "x-should-retry" = "true")), 2L)
  expect_identical(requests_after(503, c(soon, "x-should-retry" = "false")), 1L)
})

test_that("a failed request is retried twice, or as often as a client says", {
  server <- test_server()
  attempts_of <- function(client) {
    before <- length(server$requests())
    server$reply(status = 503, headers = soon, body = "{}", times = 5)
    answer <- failed_call(client$models$list())
    count <- length(server$requests()) - before
    # Reads the remaining scripted answers.
    once <- client$with_options(max_retries = 0)
    while (isFALSE(suppressWarnings(once$models$list())$success)) NULL
    expect_identical(answer$attempts, count)
    count
  }
  client <- openai$new("sk-test", base_url = server$url)
  expect_identical(attempts_of(client), 3L)
  expect_identical(attempts_of(client$with_options(max_retries = 0)), 1L)
  expect_identical(attempts_of(client), 3L)
  expect_identical(attempts_of(test_client(server, max_retries = 4)), 5L)
})

test_that("a stream is retried before its first event", {
  server <- test_server()
  server$reply(status = 503, headers = soon, body = "{}")
  # Bytes, but no event, so that no event could be repeated.
  server$reply(chunks = ": wait\n\n", abort = "close")
  server$reply(chunks = chat_events(c("one", "two")))
  client <- test_client(server, max_retries = 2)
  stream <- client$chat$create(hello, "m", stream = TRUE, num = 10)
  values <- read_all(stream)
  expect_null(stream$error)
  contents <- lapply(head(values, -1), function(value) {
    lapply(value$vres, `[[`, "content")
  })
  expect_identical(unlist(contents), c("one", "two"))
  expect_length(server$requests(), 3)
})

test_that("the error of a stream has the number of its attempt", {
  server <- test_server()
  server$reply(status = 503, headers = soon, body = "{}")
  server$reply(chunks = chat_events("one", done = FALSE))
  client <- test_client(server, max_retries = 2)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  read_all(stream)
  expect_identical(stream$error$attempts, 2L)
  expect_identical(stream$error$text, "one")
  expect_length(server$requests(), 2)
})

test_that("a timeout before the response is retried", {
  server <- test_server()
  server$reply(delay = 600, body = "{}")
  client <- test_client(
    server, max_retries = 1, timeouts = c(first_byte = 0.3)
  )
  expect_true("gpt-6-luna" %in% client$models$list()$id)
  expect_length(server$requests(), 2)
})

test_that("a connection that is lost within a plain response is retried", {
  server <- test_server()
  for (abort in c("close", "reset")) {
    server$reply(
      body = "{\"id\"", headers = c("Content-Length" = "900"), abort = abort
    )
    client <- test_client(server, max_retries = 1)
    expect_true("gpt-6-luna" %in% client$models$list()$id)
  }
  expect_length(server$requests(), 4)
})

test_that("a body that cannot be read twice is sent once", {
  skip_on_os("windows")
  pipe <- withr::local_tempfile(fileext = ".jsonl")
  system2("mkfifo", shQuote(pipe))
  server <- test_server()
  for (status in c(503, 307)) {
    server$reply(
      status = status, headers = c(soon, Location = "/v1/files"), body = "{}"
    )
    system2("sh", c("-c", shQuote(paste("printf once >", shQuote(pipe)))),
      wait = FALSE
    )
    client <- test_client(server, max_retries = 2)
    answer <- failed_call(client$files$upload(pipe))
    expect_identical(answer$status, as.integer(status))
    seen <- server$requests()
    expect_match(tail(seen, 1)[[1]]$body, "\r\n\r\nonce\r\n", fixed = TRUE)
  }
  expect_length(seen, 2)
})

test_that("a retry sends the whole file", {
  path <- withr::local_tempfile(lines = "{\"messages\":[]}")
  server <- test_server()
  server$reply(status = 503, headers = soon, body = "{}")
  server$reply(body = "{\"id\":\"file-1\"}")
  answer <- test_client(server, max_retries = 1)$files$upload(path)
  expect_identical(answer$id, "file-1")
  bodies <- vapply(server$requests(), `[[`, "", "body")
  expect_length(bodies, 2)
  expect_match(bodies, "{\"messages\":[]}", fixed = TRUE, all = TRUE)
})

test_that("a retry is printed with verbosity 1, but not with 0", {
  for (verbosity in 0:1) {
    server <- test_server()
    server$reply(
      status = 503, headers = soon,
      body = "{\"error\":{\"message\":\"Overloaded.\"}}"
    )
    client <- test_client(server, max_retries = 1)
    output <- paste(
      capture.output(client$models$list(verbosity = verbosity)),
      collapse = "\n"
    )
    expected <- c("Attempt 1 failed: .*Overloaded", "Retrying in 0\\.00 s")
    for (text in expected) {
      expect_identical(grepl(text, output), verbosity == 1)
    }
  }
})

test_that("invalid numbers of retries are refused", {
  for (wrong in list(-1, 1.5, NA, "a", c(1, 2), Inf)) {
    expect_error(openai$new("k", max_retries = wrong), "`max_retries`")
  }
})
