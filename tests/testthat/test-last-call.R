# The records of calls: `client$last()` and `stream$call`.

chat_json <- paste0(
  '{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,',
  '"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],',
  '"usage":{"prompt_tokens":10,"completion_tokens":5,',
  '"prompt_tokens_details":{"cached_tokens":4}}}'
)

limit_headers <- c(
  "x-ratelimit-limit-requests" = "60",
  "x-ratelimit-remaining-requests" = "59",
  "x-ratelimit-reset-requests" = "1s",
  "x-ratelimit-limit-tokens" = "1000",
  "x-ratelimit-remaining-tokens" = "400",
  "x-ratelimit-reset-tokens" = "6m0s"
)

refuse <- function(server, request_id = "req_1") {
  server$reply(
    status = 429,
    body = '{"error":{"message":"Slow down.","type":"requests"}}',
    headers = c("retry-after-ms" = "100", "x-request-id" = request_id)
  )
}

test_that("the last call of a new client is NULL", {
  expect_null(test_client(test_server())$last())
})

test_that("the record of a retried call has attempts, rate limits and cost", {
  local_prices(input = 1e6, output = 2e6)
  server <- test_server()
  client <- test_client(server, max_retries = 1)
  refuse(server)
  server$reply(
    body = chat_json, headers = c(limit_headers, "x-request-id" = "req_2")
  )
  before <- Sys.time()
  client$chat$create(hello, "m")
  call <- client$last()
  expect_identical(
    call[c("method", "path", "state", "status", "request_id")],
    structure(list(
      method = "POST", path = "/v1/chat/completions",
      state = "complete", status = 200L, request_id = "req_2"
    ), class = NULL)
  )
  expect_match(server$url, call$server, fixed = TRUE)
  expect_gte(as.numeric(call$started), floor(as.numeric(before)))
  expect_identical(call$attempts$status, c(429L, 200L))
  reason <- "HTTP 429 (limit of requests)"
  expect_identical(call$attempts$reason, c(reason, NA))
  expect_identical(call$attempts$wait, c(0.1, NA))
  expect_identical(call$attempts$request_id, c("req_1", "req_2"))
  expect_identical(call$retries, data.frame(reason = reason, count = 1))
  expect_identical(call$waited, 0.1)
  expect_identical(
    call$tokens, c(input = 10, cached = 4, output = 5, reasoning = 0)
  )
  expect_identical(c(call$model, call$cost), c("m", "20"))
  expect_identical(row.names(call$rate_limits), c("requests", "tokens"))
  expect_identical(call$rate_limits$remaining, c(59, 400))
  left <- as.numeric(call$rate_limits$reset - Sys.time(), units = "secs")
  expect_true(all(left < c(1, 360) & left > c(-30, 300)))
  expect_true(all(call$timings[c("first_byte", "total")] >= 0.1))
  shown <- paste(utils::capture.output(print(call)), collapse = "\n")
  for (line in c(
    "complete, HTTP 200", "request id: req_2",
    "tokens: 10 in (4 cached), 5 out, $20", reason, "waited 0.1 s",
    "requests left: 59 of 60"
  )) {
    expect_match(shown, line, fixed = TRUE)
  }
})

test_that("the first call opens a connection, and the second reuses it", {
  server <- test_server()
  client <- test_client(server)
  client$models$list()
  first <- client$last()
  client$models$list()
  second <- client$last()
  expect_identical(c(first$reused, second$reused), c(FALSE, TRUE))
  expect_identical(is.na(c(
    first$timings[["connect"]], second$timings[["connect"]]
  )), c(FALSE, TRUE))
  expect_identical(second$tokens[["input"]], NA_real_)
  expect_identical(second$cost, NA_real_)
})

test_that("the record of a failed call has its error, but no key", {
  server <- test_server()
  key <- "sk-secret-0123456789"
  client <- test_client(server, key)
  server$reply(
    status = 401, headers = c("x-request-id" = key),
    body = sprintf('{"error":{"message":"Bad key %s"}}', key)
  )
  failed_call(client$files$retrieve(key))
  call <- client$last()
  expect_identical(call$state, "failed")
  expect_match(call$error, "Bad key <REDACTED>", fixed = TRUE)
  expect_identical(c(call$requests, call$answered, call$failed), c(1, 0, 1))
  shown <- c(
    utils::capture.output(print(call)), utils::capture.output(str(call)),
    rawToChar(serialize(call, NULL, ascii = TRUE))
  )
  expect_false(any(grepl("secret", shown)))

  unreachable <- openai$new(
    "sk-test", base_url = "http://127.0.0.1:1/v1", max_retries = 0
  )
  failed_call(unreachable$models$list())
  call <- unreachable$last()
  expect_identical(call$state, "failed")
  expect_identical(c(call$reused, is.na(call$status)), c(NA, TRUE))
  expect_match(call$retries$reason, "^connection failed")
})

test_that("the record of a stream changes while it is read, until it ends", {
  local_prices(input = 1e6, output = 2e6)
  server <- test_server()
  client <- test_client(server)
  server$reply(chunks = chat_events(c("a", "b"), FALSE), abort = "stall")
  stream <- client$chat$create(hello, "m", stream = TRUE, num = 1)
  expect_identical(client$last()$state, "running")
  stream$next_value
  running <- client$last()
  expect_identical(running$state, "running")
  expect_identical(running$status, 200L)
  expect_true(running$timings[["first_token"]] > 0)
  stream$close()
  expect_identical(stream$call$state, "cancelled")
  expect_identical(stream$call$tokens[["output"]], 2)
  expect_true(stream$call$estimated)

  complete <- client$responses$create("Hello", "gpt-6-luna", stream = TRUE)
  complete$text()
  call <- complete$call
  expect_identical(call$state, "complete")
  expect_identical(call$response_id, complete$response_id)
  expect_identical(call$request_id, complete$request_id)
  expect_equal(
    call$timings[["first_token"]], complete$timings[["first_token"]],
    tolerance = 0.5
  )
  expect_equal(call$tokens[["output"]], complete$usage$output_tokens)
  expect_identical(stream$call$state, "cancelled")
})

test_that("a stream whose connection was lost has failed", {
  server <- test_server()
  client <- test_client(server)
  server$reply(chunks = chat_events("a", FALSE), abort = "reset")
  read_all(client$chat$create(hello, "m", stream = TRUE, num = 1))
  call <- client$last()
  expect_identical(call$state, "failed")
  expect_false(is.na(call$error))
})

test_that("a run is recorded as one call, with all attempts and tokens", {
  local_prices(input = 1e6, output = 2e6)
  server <- test_server()
  client <- test_client(server, max_retries = 2)
  refuse(server)
  answers <- client$chat$map(letters, "m", max_active = 4)
  call <- client$last()
  expect_identical(c(call$requests, call$answered, call$failed), c(26, 26, 0))
  expect_identical(call$sent, 27)
  expect_identical(sum(call$attempts$status == 429), 1L)
  table <- as.data.frame(answers)
  expect_identical(call$tokens[["output"]], sum(table$output_tokens))
  expect_equal(call$cost, sum(table$cost))
  expect_output(print(call), "26 requests (26 answered, 0 failed)",
    fixed = TRUE
  )

  server$reply(status = 400, body = "{}")
  client$parallel(list(
    api_request("GET", "models"), api_request("GET", "files")
  ), on_error = "return")
  call <- client$last()
  expect_identical(call$state, "complete")
  expect_identical(c(call$answered, call$failed), c(1, 1))
})

test_that("asynchronous calls and calls of copied clients are recorded, too", {
  skip_if_not_installed("promises")
  server <- test_server()
  client <- test_client(server)
  promised <- client$models$list_async()
  expect_identical(client$last()$path, "/v1/models")
  value_of(promised)
  expect_identical(client$last()$state, "complete")
  client$with_options(max_retries = 1)$files$list()
  expect_identical(client$last()$path, "/v1/files")
})

test_that("an interrupted call is recorded as cancelled", {
  skip_on_os("windows")
  call <- in_session(function() {
    server <- local_server()
    on.exit(server$stop())
    server$reply(chunks = "{", abort = "stall")
    client <- openai$new("sk-test", base_url = server$url)
    system2("sh", c("-c", shQuote(sprintf(
      "sleep 1; kill -INT %d", Sys.getpid()
    ))), wait = FALSE)
    tryCatch(client$models$list(), interrupt = function(e) NULL)
    client$last()[c("state", "answered")]
  })
  expect_identical(unclass(call), list(state = "cancelled", answered = 0))
})
