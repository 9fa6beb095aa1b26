# Rows 1 to 11 and 51 of the table of faults: connections. Two valid events are
# sent before the fault, and must be delivered.

two <- chat_events(c("one", "two"), done = FALSE)

# The stream has both events, then one condition, then "complete"; the condition
# has the text and the counts received so far.
expect_incomplete <- function(outcome, class) {
  expect_identical(outcome$contents, c("one", "two"))
  error <- outcome$error
  expect_s3_class(error, class)
  expect_s3_class(error, "openai_stream_error")
  expect_identical(outcome$values[-(1:2)], list(error, "complete"))
  expect_identical(error$text, "onetwo")
  expect_identical(error$events, 2)
  expect_gte(error$bytes, sum(nchar(two)))
  expect_identical(error$attempts, 1L)
}

test_that("1 reset: a connection error with the text follows both events", {
  # A reset discards unread bytes; the pause lets the client read them before.
  outcome <- answered_stream(
    chunks = c(two, ""), pause = c(0, 0, 0.2), abort = "reset",
    headers = c("x-request-id" = "req_7")
  )
  expect_incomplete(outcome, "openai_connection_error")
  expect_identical(outcome$error$request_id, "req_7")
  expect_match(tolower(outcome$error$cause), "reset")
})

test_that("2 fin_midchunk: a close before the last chunk is an error", {
  outcome <- answered_stream(chunks = two, abort = "close")
  expect_incomplete(outcome, "openai_connection_error")
  half <- answered_stream(
    chunks = list(raw_answer(
      paste0("ffff\r\n", paste(two, collapse = "")),
      "Transfer-Encoding: chunked"
    )),
    framing = "raw", abort = "close"
  )
  expect_incomplete(half, "openai_connection_error")
})

test_that("3 cl_short: fewer bytes than Content-Length are an error", {
  outcome <- answered_stream(
    chunks = two, headers = c("Content-Length" = "99999"),
    framing = "length", abort = "close"
  )
  expect_incomplete(outcome, "openai_connection_error")
})

test_that("4 bad_chunk: an invalid chunk size is an error", {
  body <- sprintf("%x\r\n%s\r\n", nchar(two), two)
  outcome <- answered_stream(
    chunks = list(raw_answer(
      paste0(c(body, "zz\r\nwhat"), collapse = ""),
      "Transfer-Encoding: chunked"
    )),
    framing = "raw"
  )
  expect_incomplete(outcome, "openai_connection_error")
})

test_that("5 http10_trunc: a close within an event is an error", {
  outcome <- answered_stream(
    chunks = c(two, "data: {\"choices\":[{\"ind"), framing = "close"
  )
  expect_incomplete(outcome, "openai_stream_error")
})

test_that("6 nodone: an end without [DONE] or a finish reason is an error", {
  outcome <- answered_stream(chunks = two)
  expect_incomplete(outcome, "openai_stream_error")
  expect_match(
    conditionMessage(outcome$error), "before the answer was complete"
  )
})

finished <- paste0(
  "data: {\"choices\":[{\"index\":0,\"delta\":{},",
  "\"finish_reason\":\"stop\"}]}\n\n"
)

test_that("7 finish_nodone: a stream with a finish reason is complete", {
  outcome <- answered_stream(chunks = c(two, finished))
  expect_identical(outcome$contents, c("one", "two"))
  expect_null(outcome$error)
  expect_identical(tail(outcome$values, 1), list("complete"))
})

test_that("8 stall: the idle timeout ends the stream and keeps both events", {
  outcome <- answered_stream(
    chunks = two, abort = "stall", options = list(timeouts = c(idle = 0.3))
  )
  expect_incomplete(outcome, "openai_timeout_error")
  expect_identical(outcome$error$timeout, "idle")
  expect_match(conditionMessage(outcome$error), "0.3 s", fixed = TRUE)
})

test_that("9 slow first byte: R is not blocked while the server delays", {
  server <- test_server()
  # The delay is far longer than the test: create() must not wait for events.
  server$reply(chunks = two, delay = 600)
  client <- test_client(server)
  began <- Sys.time()
  stream <- client$chat$create(hello, "m", stream = TRUE)
  expect_lt(as.numeric(Sys.time() - began, units = "secs"), 60)
  wait_until(function() length(server$requests()) == 1)
  stream$close()
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))

  delayed <- answered_stream(chunks = c(two, finished), delay = 0.2)
  expect_identical(delayed$contents, c("one", "two"))
  # The headers are sent first, then the server pauses.
  waiting <- answered_stream(chunks = c(two, finished), pause = c(0.2, 0))
  expect_identical(waiting$contents, c("one", "two"))
})

test_that("10 done_linger: [DONE] completes a stream on an open socket", {
  server <- test_server()
  server$reply(chunks = c(two, "data: [DONE]\n\n"), abort = "stall")
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  values <- read_all(stream)
  expect_null(stream$error)
  expect_identical(tail(values, 1), list("complete"))
  # The client closes the socket; the server would keep it open.
  wait_until(function() !is.null(server$requests()[[1]]$closed_at))
})

test_that("11 data after [DONE] is ignored", {
  outcome <- answered_stream(chunks = c(
    two, paste0("data: [DONE]\n\n", two[[1]]), two[[2]], "data: broken\n\n"
  ))
  expect_identical(outcome$contents, c("one", "two"))
  expect_null(outcome$error)
})

test_that("51 stale keep-alive: a closed idle connection is replaced", {
  answer <- raw_answer("{\"data\":[]}", c(
    "Content-Type: application/json", "Content-Length: 11"
  ))
  # The response is complete and does not announce a close; then the server
  # closes the connection, before or during the next request.
  for (pause in c(0, 0.05)) {
    server <- test_server()
    server$reply(
      chunks = list(answer, ""), pause = c(0, pause), framing = "raw",
      abort = "close"
    )
    client <- test_client(server, max_retries = 1)
    expect_type(client$models$list(), "list")
    expect_true("gpt-6-luna" %in% client$models$list()$id)
    expect_length(server$requests(), 2)
    expect_identical(server$connections(), 2)
  }
})

test_that("51 stale keep-alive: a POST on a closed connection is sent again", {
  server <- test_server()
  client <- test_client(server, max_retries = 1)
  client$models$list()
  # The reused connection is reset before any byte of the response.
  server$reply(chunks = list(raw()), framing = "raw", abort = "reset")
  answer <- client$chat$create(hello, "gpt-6-luna")
  expect_match(answer$vres$message$content, "Hello")
  expect_identical(
    vapply(server$requests(), `[[`, "", "method"), c("GET", "POST", "POST")
  )
  # A stream that had started is never sent again.
  server$reply(
    chunks = c(two, ""), pause = c(0, 0, 0.2), abort = "reset"
  )
  stream <- client$chat$create(hello, "m", stream = TRUE)
  read_all(stream)
  expect_s3_class(stream$error, "openai_connection_error")
  expect_length(server$requests(), 4)
})
