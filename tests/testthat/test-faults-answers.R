# Rows 24 to 40 and 53 of the table of faults: unexpected responses.

two <- chat_events(c("one", "two"), done = FALSE)
done <- "data: [DONE]\n\n"
ok <- "{\"data\":[]}"

json <- c("Content-Type" = "application/json")

test_that("24 an error event in the stream is a classed error with the text", {
  object <- paste0(
    "{\"message\":\"overloaded\",\"type\":\"server_error\",\"code\":\"busy\",",
    "\"param\":null}"
  )
  dialects <- c(
    sprintf("data: {\"error\":%s}\n\n", object),
    sprintf("event: error\ndata: {\"error\":%s}\n\n", object),
    sprintf("event: error\ndata: %s\n\n", object),
    sprintf("data: {\"type\":\"error\",\"error\":%s}\n\n", object),
    'data: {"type":"error","message":"overloaded","code":"busy"}\n\n'
  )
  for (event in dialects) {
    outcome <- answered_stream(chunks = c(two, event, done))
    expect_identical(outcome$contents, c("one", "two"))
    expect_s3_class(outcome$error, "openai_stream_error")
    expect_match(conditionMessage(outcome$error), "overloaded")
    expect_true(outcome$error$type %in% c("server_error", "error"))
    expect_identical(outcome$error$code, "busy")
    expect_identical(outcome$error$text, "onetwo")
  }
})

test_that("25 200 with a JSON error as body is a classed error", {
  outcome <- answered_stream(
    body = "{\"error\":{\"message\":\"No credit.\",\"code\":\"broke\"}}"
  )
  expect_null(outcome$contents)
  expect_s3_class(outcome$error, "openai_error")
  expect_match(conditionMessage(outcome$error), "No credit.")
  expect_identical(outcome$error$code, "broke")
  expect_length(outcome$requests, 1)
})

test_that("26 200 with a whole JSON answer is one event", {
  whole <- paste0(
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":",
    "{\"role\":\"assistant\",\"content\":\"all\"},\"finish_reason\":\"stop\"}]}"
  )
  outcome <- answered_stream(body = whole)
  expect_null(outcome$error)
  expect_identical(outcome$texts, whole)
  expect_identical(outcome$contents, "all")
})

test_that("27 200 with an HTML page or an empty body is a described error", {
  page <- paste0("<!DOCTYPE html><p>Please sign in</p>", strrep("x", 10000))
  outcome <- answered_stream(
    body = page, headers = c("Content-Type" = "text/html; charset=utf-8")
  )
  expect_s3_class(outcome$error, "openai_response_error")
  message <- conditionMessage(outcome$error)
  expect_match(message, "text/html", fixed = TRUE)
  expect_match(message, substr(page, 1, 200), fixed = TRUE)
  expect_match(message, "sign-in page")
  empty <- answered_stream(body = "", headers = c("Content-Type" = "text/html"))
  expect_s3_class(empty$error, "openai_response_error")
  expect_match(conditionMessage(empty$error), "empty response")
})

test_that("28 401 is an authentication error, streamed or not", {
  body <- '{"error":{"message":"No such key.","code":"invalid_api_key"}}'
  outcome <- answered_stream(status = 401, body = body)
  expect_s3_class(outcome$error, "openai_authentication_error")
  expect_match(conditionMessage(outcome$error), "No such key.")
  expect_identical(outcome$values, list(outcome$error, "complete"))
  server <- test_server()
  server$reply(status = 401, body = body)
  expect_error(
    test_client(server, on_error = "stop")$models$list(), "No such key.",
    class = "openai_authentication_error"
  )
})

# The wait before the first retry, in seconds.
retry_wait <- function(status, headers = NULL, stream = FALSE) {
  server <- test_server()
  server$reply(status = status, headers = headers, body = "{}")
  client <- test_client(server, max_retries = 1)
  if (stream) {
    read_all(client$chat$create(hello, "m", stream = TRUE))
  } else {
    expect_true("gpt-6-luna" %in% client$models$list()$id)
  }
  times <- vapply(server$requests(), `[[`, 1, "received_at")
  expect_length(times, 2)
  diff(times)
}

# The wait is at least the requested one; the upper bound allows for a busy
# machine.
expect_wait <- function(wait, requested) {
  expect_gte(wait, requested - 0.005)
  expect_lt(wait, requested + 2)
}

test_that("29 Retry-After is obeyed in seconds, milliseconds and as a date", {
  expect_wait(retry_wait(429, c("Retry-After" = "0.6")), 0.6)
  expect_wait(retry_wait(429, c("retry-after-ms" = "300")), 0.3)
  expect_wait(retry_wait(503), 0.375)
  expect_wait(
    retry_wait(429, c("retry-after-ms" = "100", "Retry-After" = "60")), 0.1
  )
  expect_wait(retry_wait(429, c("retry-after-ms" = "100"), stream = TRUE), 0.1)
  # Dates have whole seconds: between 1 and 2 seconds from now.
  withr::local_locale(LC_TIME = "C")
  date <- format(Sys.time() + 2, "%a, %d %b %Y %H:%M:%S GMT", tz = "UTC")
  expect_wait(retry_wait(503, c("Retry-After" = date)), 0.7)
})

test_that("29 a call is not retried if the wait exceeds two minutes", {
  server <- test_server()
  client <- test_client(server, max_retries = 2)
  for (wait in list(c("Retry-After" = "121"), c("retry-after-ms" = "121000"))) {
    server$reply(status = 429, headers = wait, body = "{}")
    expect_identical(failed_call(client$models$list())$retry_after, 121)
  }
  expect_length(server$requests(), 2)
})

test_that("30 an exhausted quota is not retried", {
  body <- paste0(
    "{\"error\":{\"message\":\"You exceeded your quota.\",",
    "\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}"
  )
  outcome <- answered_stream(
    status = 429, body = body, options = list(max_retries = 2)
  )
  expect_s3_class(outcome$error, "openai_quota_error")
  expect_s3_class(outcome$error, "openai_status_error")
  expect_length(outcome$requests, 1)
  server <- test_server()
  server$reply(status = 429, body = body)
  answer <- failed_call(test_client(server, max_retries = 2)$models$list())
  expect_identical(answer$code, "insufficient_quota")
  expect_length(server$requests(), 1)
})

test_that("30 an exhausted quota is detected by its type, too", {
  outcome <- answered_stream(
    status = 429, options = list(max_retries = 2),
    body = '{"error":{"message":"No credit.","type":"insufficient_quota"}}'
  )
  expect_s3_class(outcome$error, "openai_quota_error")
  expect_length(outcome$requests, 1)
})

test_that("31 a text with the content type of JSON is quoted", {
  outcome <- answered_stream(
    status = 429, headers = json, body = "slow down, please"
  )
  expect_s3_class(outcome$error, "openai_rate_limit_error")
  expect_match(conditionMessage(outcome$error), "slow down, please")
})

test_that("32 500 is retried, then reported", {
  server <- test_server()
  server$reply(
    status = 500, headers = c("retry-after-ms" = "10"),
    body = "{\"error\":{\"message\":\"We broke.\"}}", times = 3
  )
  client <- openai$new("sk-test", base_url = server$url)
  answer <- failed_call(client$models$list())
  expect_match(answer$message, "We broke.")
  expect_identical(answer$attempts, 3L)
  expect_length(server$requests(), 3)
})

test_that("33 307 to the same origin is followed with the body", {
  server <- test_server()
  server$reply(status = 307, headers = c(Location = "/v1/elsewhere"))
  server$reply(status = 308, headers = c(Location = "files"))
  server$reply(body = "{\"results\":[{}]}")
  test_client(server)$moderations$create("x")
  requests <- server$requests()
  expect_identical(
    vapply(requests, `[[`, "", "target"),
    c("/v1/moderations", "/v1/elsewhere", "/v1/files")
  )
  expect_identical(
    vapply(requests, `[[`, "", "body"), rep("{\"input\":\"x\"}", 3)
  )
  expect_identical(requests[[3]]$headers[["authorization"]], "Bearer sk-test")
})

test_that("33 a redirect to another origin is not followed", {
  server <- test_server()
  other <- test_server()
  location <- paste0(other$url, "/chat/completions")
  server$reply(status = 307, headers = c(Location = location), times = 2)
  client <- test_client(server, max_retries = 2)
  answer <- failed_call(client$chat$create(hello, "m"))
  expect_match(answer$message, location, fixed = TRUE)
  expect_identical(answer$status, 307L)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  read_all(stream)
  expect_match(conditionMessage(stream$error), location, fixed = TRUE)
  expect_length(server$requests(), 2)
  expect_length(other$requests(), 0)
})

test_that("34 302 on a POST is an error with the Location", {
  for (status in c(301, 302, 303)) {
    server <- test_server()
    server$reply(status = status, headers = c(Location = "/v1/other"))
    answer <- failed_call(test_client(server)$moderations$create("x"))
    expect_identical(answer$status, as.integer(status))
    expect_match(answer$message, "redirects to /v1/other", fixed = TRUE)
    expect_length(server$requests(), 1)
  }
})

test_that("35 a redirect loop ends after ten redirects, and is not retried", {
  server <- test_server()
  server$reply(
    status = 307, headers = c(Location = "/v1/models"), times = 40
  )
  answer <- failed_call(test_client(server, max_retries = 2)$models$list())
  expect_match(answer$message, "redirected more than 10 times")
  expect_length(server$requests(), 11)
})

gzipped <- function(bytes) {
  path <- withr::local_tempfile()
  file <- gzfile(path, "wb")
  writeBin(bytes, file)
  close(file)
  readBin(path, "raw", file.size(path))
}

test_that("36 gzip and deflate streams are decoded", {
  bytes <- charToRaw(paste(c(two, done), collapse = ""))
  compressed <- list(
    gzip = gzipped(bytes),
    # memCompress() calls zlib "gzip"; HTTP calls it deflate.
    deflate = memCompress(bytes, "gzip")
  )
  for (coding in names(compressed)) {
    outcome <- answered_stream(
      chunks = compressed[coding], headers = c("Content-Encoding" = coding)
    )
    expect_null(outcome$error)
    expect_identical(outcome$contents, c("one", "two"))
  }
})

test_that("37 truncated or invalid gzip is an error", {
  bytes <- gzipped(charToRaw(paste(
    c(two, chat_events(sample(1e6, 3000))), collapse = ""
  )))
  truncated <- answered_stream(
    chunks = list(head(bytes, -2000)), headers = c("Content-Encoding" = "gzip")
  )
  expect_identical(truncated$contents[1:2], c("one", "two"))
  expect_s3_class(truncated$error, "openai_response_error")
  expect_s3_class(truncated$error, "openai_stream_error")
  invalid <- answered_stream(
    chunks = two, headers = c("Content-Encoding" = "gzip")
  )
  expect_s3_class(invalid$error, "openai_response_error")
  expect_match(conditionMessage(invalid$error), "could not be decoded")
})

# One uncompressed block, which both formats have.
brotli_stored <- function(bytes) {
  head <- bitwOr(bitwShiftL(length(bytes) - 1L, 4L), bitwShiftL(1L, 20L))
  c(as.raw(bitwAnd(bitwShiftR(head, c(0, 8, 16)), 255L)), bytes, as.raw(3))
}

zstd_stored <- function(bytes) {
  head <- bitwOr(bitwShiftL(length(bytes), 3L), 1L)
  c(
    as.raw(c(0x28, 0xb5, 0x2f, 0xfd, 0x20, length(bytes))),
    as.raw(bitwAnd(bitwShiftR(head, c(0, 8, 16)), 255L)), bytes
  )
}

test_that("38 all advertised codings are decoded, and streams request none", {
  server <- test_server()
  client <- test_client(server)
  body <- charToRaw("{\"id\":\"compressed\"}")
  compressed <- list(
    br = brotli_stored(body), zstd = zstd_stored(body), gzip = gzipped(body),
    deflate = memCompress(body, "gzip")
  )
  for (coding in names(compressed)) {
    server$reply(
      body = compressed[[coding]], headers = c("Content-Encoding" = coding)
    )
    expect_identical(client$files$retrieve("f")$id, "compressed")
  }
  accepted <- server$requests()[[1]]$headers[["accept-encoding"]]
  expect_setequal(strsplit(accepted, ", *")[[1]], names(compressed))
  read_all(client$chat$create(hello, "m", stream = TRUE))
  headers <- tail(server$requests(), 1)[[1]]$headers
  expect_identical(headers[["accept-encoding"]], "identity")
})

test_that("39 interim responses, chunk extensions and trailers are accepted", {
  events <- c(two, done)
  body <- paste0(
    paste0(sprintf("%x;a=b\r\n%s\r\n", nchar(events), events), collapse = ""),
    "0\r\nx-trailer: 1\r\n\r\n"
  )
  interim <- charToRaw(paste0(
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
  ))
  outcome <- answered_stream(
    chunks = list(interim, raw_answer(body, "Transfer-Encoding: chunked")),
    framing = "raw"
  )
  expect_null(outcome$error)
  expect_identical(outcome$contents, c("one", "two"))
})

test_that("40 a header of 300 KB is an error, and is not retried", {
  server <- test_server()
  server$reply(body = ok, headers = c("x-long" = strrep("x", 3e5)), times = 5)
  client <- test_client(server, max_retries = 2, on_error = "stop")
  expect_error(
    client$models$list(), "headers.*large", class = "openai_response_error"
  )
  expect_length(server$requests(), 1)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  read_all(stream)
  expect_s3_class(stream$error, "openai_response_error")
  expect_length(server$requests(), 2)
})

test_that("53 a huge stream waits for R, and `max_bytes` limits a response", {
  server <- test_server()
  contents <- rep(strrep("x", 2^20), 64)
  server$reply(chunks = chat_events(contents))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE, num = 1)
  expect_identical(stream$next_value$vres[[1]]$content, contents[[1]])
  written <- function() length(server$requests()[[1]]$written_at)
  wait_until(function() {
    before <- written()
    Sys.sleep(0.2)
    written() == before
  })
  expect_lt(written(), 40)
  expect_length(read_all(stream), 64)
  expect_null(stream$error)

  text <- strrep("x", 5000 - nchar('{"id":""}'))
  server$reply(body = sprintf('{"id":"%s"}', text), times = 2)
  client <- test_client(server, on_error = "stop", max_bytes = 4999)
  expect_error(
    client$files$retrieve("f"), "`max_bytes` \\(4999 bytes",
    class = "openai_response_error"
  )
  larger <- client$with_options(max_bytes = 5000)
  expect_identical(larger$files$retrieve("f")$id, text)
})
