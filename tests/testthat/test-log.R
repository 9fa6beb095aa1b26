# The debug log: OPENAI_LOG, on standard error.

# The lines that an expression writes to standard error, without their times.
logged <- function(expression) {
  lines <- utils::capture.output(
    output <- utils::capture.output(invisible(expression)), type = "message"
  )
  expect_identical(output, character())
  expect_true(all(grepl("^\\[openai [0-9:.]{12}Z\\] ", lines)))
  sub("^\\[openai [0-9:.]{12}Z\\] ", "", lines)
}

test_that("OPENAI_LOG is read for each call", {
  server <- test_server()
  models <- test_client(server)$models
  counts <- vapply(c(NA, "", "warning", "DEBUG", "info", "debug"), function(x) {
    withr::local_envvar(OPENAI_LOG = x)
    length(logged(models$list()))
  }, 0L)
  expect_identical(unname(counts[1:5]), c(0L, 0L, 0L, 0L, 1L))
  expect_gt(counts[[6]], 5)
})

test_that("\"info\" logs one line for a call and one for each retry", {
  server <- test_server()
  withr::local_envvar(OPENAI_LOG = "info")
  server$reply(
    status = 503, body = "busy",
    headers = c("retry-after-ms" = "10", "x-request-id" = "req_1")
  )
  server$reply(
    status = 404, body = '{"error":{"message":"gone"}}',
    headers = c("x-request-id" = "req_2")
  )
  client <- test_client(server, max_retries = 1)
  lines <- logged(failed_call(client$files$retrieve("f")))
  expect_identical(
    sub(", [0-9.]+ s$", "", lines),
    c(
      paste(
        "GET /v1/files/f: HTTP 503, retrying in 0.01 s, attempt 1,",
        "request req_1"
      ),
      "GET /v1/files/f: HTTP 404, attempt 2, request req_2"
    )
  )
  expect_match(lines, ", [0-9]+[.][0-9]{3} s$")
})

test_that("failed connections are logged", {
  withr::local_envvar(OPENAI_LOG = "info")
  client <- openai$new(
    "sk-test", base_url = "http://127.0.0.1:1/v1", max_retries = 0
  )
  lines <- logged(failed_call(client$models$list()))
  expect_match(
    lines,
    "^GET /v1/models: connection failed \\(.*refused.*\\), attempt 1, "
  )
})

test_that("\"debug\" logs headers and connections, but no bodies", {
  server <- test_server()
  withr::local_envvar(OPENAI_LOG = "debug")
  server$reply(body = '{"data":[{"index":0,"embedding":[1]}],"x":"BODY"}')
  lines <- logged(test_client(server)$embeddings$create("m", "BODY"))
  for (expected in c(
    "-> POST /v1/embeddings HTTP/1.1", "-> authorization: <REDACTED>",
    "*  Connected to 127.0.0.1:", "<- HTTP/1.1 200 OK",
    "<- content-type: application/json"
  )) {
    expect_true(any(startsWith(lines, expected)), info = expected)
  }
  expect_false(any(grepl("BODY", lines, fixed = TRUE)))
})

test_that("streams are logged when a value is read and when they are closed", {
  server <- test_server()
  withr::local_envvar(OPENAI_LOG = "debug")
  chat <- test_client(server)$chat
  server$reply(chunks = chat_events("BODY"))
  lines <- logged(read_all(chat$create(hello, "m", stream = TRUE)))
  bytes <- sum(nchar(chat_events("BODY")))
  last_line <- sprintf(
    "POST /v1/chat/completions: stream complete, 1 events, %d bytes, ", bytes
  )
  expect_true(any(startsWith(lines, last_line)))
  expect_false(any(grepl("BODY", lines, fixed = TRUE)))

  server$reply(chunks = chat_events("a", FALSE), abort = "stall")
  stream <- chat$create(hello, "m", stream = TRUE)
  lines <- logged(stream$next_value)
  expect_true(any(startsWith(lines, "POST /v1/chat/completions: HTTP 200")))
  lines <- logged(stream$close())
  expect_match(lines, "^POST /v1/chat/completions: cancelled, [0-9.]+ s$")
})

test_that("the log and verbose output are written to different streams", {
  server <- test_server()
  withr::local_envvar(OPENAI_LOG = "info")
  log <- utils::capture.output(
    output <- utils::capture.output(
      answer <- test_client(server)$models$list(verbosity = 1)
    ),
    type = "message"
  )
  expect_length(log, 1)
  expect_gt(length(output), 0)
  expect_true(all(grepl("^(->|<-) ", output)))
})
