# The four timeouts. The timeout "connect" is tested in rust/core, because it
# needs a port that accepts no connections.

expect_timeout <- function(error, kind) {
  expect_s3_class(error, "openai_timeout_error")
  expect_identical(error$timeout, kind)
  expect_match(conditionMessage(error), paste0("timeout \"", kind, "\""))
  expect_match(conditionMessage(error), paste0("raise \"", kind, "\" in `timeouts`"))
}

# The error of a plain call that is answered with this reply.
failure_of <- function(timeouts, ...) {
  server <- test_server()
  server$reply(...)
  client <- test_client(server, timeouts = timeouts, on_error = "stop")
  tryCatch(client$files$retrieve("f"), error = identity)
}

test_that("first_byte: no response headers arrive", {
  limits <- c(first_byte = 0.2)
  expect_timeout(failure_of(limits, body = "{}", delay = 600), "first_byte")
  outcome <- answered_stream(
    chunks = chat_events("one"), delay = 600, options = list(timeouts = limits)
  )
  expect_timeout(outcome$error, "first_byte")
  expect_null(outcome$contents)
})

test_that("idle: no more data of the answer arrives", {
  limits <- c(idle = 0.2)
  expect_timeout(
    failure_of(limits, chunks = "{\"a\":", abort = "stall"), "idle"
  )
  headers_only <- answered_stream(
    chunks = chat_events("one"), pause = 600, options = list(timeouts = limits)
  )
  expect_timeout(headers_only$error, "idle")
  # An answer that takes longer than the limit, but never pauses that long.
  dripping <- answered_stream(
    chunks = chat_events(1:9), pause = 0.1,
    options = list(timeouts = c(idle = 0.6))
  )
  expect_null(dripping$error)
  expect_identical(dripping$contents, as.character(1:9))
})

test_that("total: the whole call takes too long", {
  limits <- c(total = 0.4)
  dripping <- c("[1", rep(",1", 600), "]")
  expect_timeout(failure_of(limits, chunks = dripping, pause = 0.1), "total")
  expect_timeout(failure_of(limits, body = "{}", delay = 600), "total")
  outcome <- answered_stream(
    chunks = chat_events(1:600), pause = c(0, 0.1),
    options = list(timeouts = limits)
  )
  expect_timeout(outcome$error, "total")
  expect_gte(length(outcome$contents), 1)
  expect_identical(
    outcome$error$text, paste(outcome$contents, collapse = "")
  )
})

test_that("total: the pipe of an upload has no writer", {
  skip_on_os("windows")
  pipe <- withr::local_tempfile()
  system2("mkfifo", shQuote(pipe))
  server <- test_server()
  client <- test_client(server, timeouts = c(total = 0.2))
  expect_identical(failed_call(client$files$upload(pipe))$timeout, "total")
  expect_length(server$requests(), 0)
  # Releases the thread that still waits to open the pipe.
  system2("sh", c("-c", shQuote(paste(": >", shQuote(pipe)))), wait = FALSE)
})

test_that("with_options() keeps the timeouts that are not given", {
  server <- test_server()
  server$reply(body = "{}", delay = 600, times = 2)
  client <- test_client(server, timeouts = c(first_byte = 0.2, idle = 60))
  other <- client$with_options(timeouts = c(idle = 0.1), on_error = "stop")
  error <- tryCatch(other$models$list(), error = identity)
  expect_timeout(error, "first_byte")
  answer <- failed_call(client$models$list())
  expect_identical(answer$timeout, "first_byte")
})

test_that("Inf and very large values are no limits", {
  for (limit in c(Inf, 1e18)) {
    server <- test_server()
    limits <- c(connect = limit, first_byte = limit, idle = limit, total = limit)
    client <- test_client(server, timeouts = limits)
    expect_true("gpt-6-luna" %in% client$models$list()$id)
    stream <- client$chat$create(hello, "m", stream = TRUE)
    read_all(stream)
    expect_null(stream$error)
  }
})

test_that("invalid timeouts are refused with the valid names", {
  for (wrong in list(
    5, c(read = 5), c(idle = -1), c(idle = 0), c(idle = NA), c(idle = "a"),
    list(idle = 5), c(idle = NaN)
  )) {
    expect_error(openai$new("k", timeouts = wrong), "`timeouts`.*first_byte")
  }
})
