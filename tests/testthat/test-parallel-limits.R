# Rate limits of many requests: those of the user and those of servers.

# When the server received the requests, in seconds since the first.
arrivals <- function(server) {
  at <- sort(vapply(server$requests(), `[[`, 0, "received_at"))
  at - at[[1]]
}

test_that("rpm spreads requests over the minute", {
  server <- test_server()
  test_client(server)$chat$map(rep("x", 8), "m", rpm = 600)
  # Seven pauses of 0.1 s, less the tolerance of timers.
  expect_gte(max(arrivals(server)), 0.6)
})

test_that("tpm limits the tokens of requests and answers", {
  server <- test_server()
  answer <- sub("}$", ',"usage":{"total_tokens":%d}}', any_answer)
  prompts <- sprintf("prompt %d", 1:4)
  server$reply(body = sprintf(answer, 20L), times = 4)
  test_client(server)$chat$map(prompts, "m", tpm = 6000, max_active = 1)
  expect_gte(max(arrivals(server)), 0.5)

  # An answer with more tokens than estimated delays the next request.
  server <- test_server()
  server$reply(body = sprintf(answer, 80L), times = 2)
  test_client(server)$chat$map(c("a", "b"), "m", tpm = 6000, max_active = 1)
  expect_gte(max(arrivals(server)), 0.7)
})

# The arrival times of 12 requests. The answer to the first starts a pause, the
# next three are answered during it, and eight are sent after it.
paused <- function(...) {
  server <- test_server(env = parent.frame())
  server$reply(...)
  server$reply(body = any_answer, delay = 0.3, times = 3)
  results <- test_client(server, max_retries = 2)$chat$map(
    rep("x", 12), "m", max_active = 4
  )
  expect_false(any(vapply(results, inherits, TRUE, "error")))
  arrivals(server)
}

test_that("a pause that a server asks for applies to all requests", {
  at <- paused(status = 429, headers = c("retry-after-ms" = "800"), body = "{}")
  expect_length(at, 13)
  expect_lt(at[[4]], 0.3)
  expect_gte(at[[5]], 0.75)
})

test_that("status 429 without a time also pauses all requests", {
  at <- paused(status = 429, body = "{}")
  expect_gte(at[[5]], 0.37)
})

test_that("exhausted limits pause all requests until they are reset", {
  for (counted in c("requests", "tokens")) {
    headers <- setNames(
      c("0", "800ms"),
      paste0("x-ratelimit-", c("remaining-", "reset-"), counted)
    )
    at <- paused(headers = headers, body = any_answer)
    expect_length(at, 12)
    expect_gte(at[[5]], 0.75)
  }
})
