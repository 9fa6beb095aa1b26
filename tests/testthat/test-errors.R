# The classes and fields of errors, and the list of 0.3.0.

# The condition of a call with this response.
condition_of <- function(...) {
  server <- test_server()
  server$reply(...)
  client <- test_client(server, on_error = "stop")
  tryCatch(client$files$retrieve("f"), error = identity)
}

classes <- function(...) {
  c(sprintf("openai_%s_error", c(...)), "openai_error", "error", "condition")
}

test_that("each status has its class, most specific first", {
  expected <- c(
    "400" = "bad_request", "401" = "authentication", "403" = "permission",
    "404" = "not_found", "409" = "conflict", "422" = "unprocessable",
    "429" = "rate_limit", "500" = "server", "503" = "server", "529" = "server"
  )
  for (status in names(expected)) {
    error <- condition_of(status = as.numeric(status), body = "{}")
    expect_identical(class(error), classes(expected[[status]], "status"))
    expect_identical(error$status, as.integer(status))
  }
  other <- condition_of(status = 418, body = "{}")
  expect_identical(class(other), classes("status"))
})

test_that("errors without a status code have classes, too", {
  quota <- "{\"error\":{\"message\":\"m\",\"code\":\"insufficient_quota\"}}"
  expect_identical(
    class(condition_of(status = 429, body = quota)), classes("quota", "status")
  )
  page <- condition_of(body = "<p>", headers = c("Content-Type" = "text/html"))
  expect_identical(class(page), classes("response"))
  broken <- condition_of(chunks = "", framing = "raw", abort = "close")
  expect_identical(class(broken), classes("connection"))
  server <- test_server()
  client <- test_client(server)
  argument <- tryCatch(client$files$retrieve(""), error = identity)
  expect_identical(class(argument), classes("argument"))
  expect_length(server$requests(), 0)
})

body <- paste0(
  "{\"error\":{\"message\":\"No such model.\",\"type\":\"invalid_request\",",
  "\"param\":\"model\",\"code\":\"model_not_found\"}}"
)

test_that("a condition has all fields and the server's message", {
  error <- condition_of(
    status = 404, body = body,
    headers = c("x-request-id" = "req_1", "Retry-After" = "3")
  )
  expect_match(conditionMessage(error), "No such model. List the models")
  fields <- list(
    status = 404L, type = "invalid_request", code = "model_not_found",
    param = "model", request_id = "req_1", retry_after = 3, attempts = 1L,
    body = body
  )
  expect_identical(error[names(fields)], fields)
  # Only errors of streams that had started have a text.
  expect_null(error$text)
  expect_true("call" %in% names(error))
})

test_that("a rate limit error has the wait that the server requests", {
  error <- condition_of(
    status = 429, body = "{\"error\":{\"message\":\"Too many requests\"}}",
    headers = c("Retry-After" = "200")
  )
  expect_identical(conditionMessage(error), paste(
    "HTTP 429 Too Many Requests. Too many requests.",
    "The server asks to wait 200 s before the next request."
  ))
})

test_that("the error for an empty response says that it is empty", {
  error <- condition_of(body = "")
  expect_s3_class(error, "openai_response_error")
  expect_match(conditionMessage(error), "is empty; JSON was expected\\.$")
})

test_that("a failed call returns the list of 0.3.0, then further fields", {
  server <- test_server()
  server$reply(
    status = 404, body = body, headers = c("x-request-id" = "req_1")
  )
  answer <- failed_call(test_client(server)$files$retrieve("f"))
  expect_identical(names(answer)[1:3], c("success", "message", "type"))
  expect_identical(answer$success, FALSE)
  expect_identical(answer$type, "general")
  expect_match(answer$message, "No such model.")
  expect_setequal(names(answer)[-(1:3)], c(
    "status", "code", "param", "request_id", "attempts", "body", "error_type"
  ))
  expect_identical(answer$error_type, "invalid_request")
})

test_that("`on_error` takes precedence over the option; both are validated", {
  server <- test_server()
  server$reply(status = 404, body = "{}", times = 5)
  client <- test_client(server)
  expect_false(failed_call(client$models$list())$success)
  withr::local_options(openaistream.on_error = "stop")
  expect_error(client$models$list(), class = "openai_not_found_error")
  returning <- client$with_options(on_error = "return")
  expect_false(failed_call(returning$models$list())$success)
  withr::local_options(openaistream.on_error = NULL)
  stopping <- returning$with_options(on_error = "stop")
  expect_error(stopping$models$list(), class = "openai_not_found_error")
  expect_false(failed_call(returning$models$list())$success)

  expect_error(test_client(server, on_error = "maybe"), "`on_error`.*stop")
  withr::local_options(openaistream.on_error = 1)
  server$reply(status = 404, body = "{}")
  expect_error(client$models$list(), "option openaistream.on_error")
})

test_that("a stream keeps the condition that ended it", {
  server <- test_server()
  server$reply(chunks = chat_events(c("one", "two"), done = FALSE))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  expect_null(stream$error)
  values <- list()
  # The loop of 0.3.0.
  while (!is.character(value <- stream$next_value)) {
    values <- c(values, list(value))
  }
  expect_identical(value, "complete")
  expect_identical(sum(vapply(values, inherits, NA, "error")), 1L)
  expect_identical(tail(values, 1)[[1]], stream$error)
  expect_identical(stream$next_value, "complete")
  expect_s3_class(stream$error, "openai_stream_error")
  expect_error(stream$error <- NULL, "read-only")
  complete <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  read_all(complete)
  expect_null(complete$error)
})

test_that("an error keeps 16 KiB of the body, and keys in it are redacted", {
  echo <- paste0("Wrong key sk-abcdefghijklmnop ", strrep("x", 1e5))
  error <- condition_of(status = 401, body = echo)
  expect_match(error$body, "^Wrong key <REDACTED> xxx")
  expect_lte(nchar(error$body), 16 * 1024)
  expect_gt(nchar(error$body), 16000)
  expect_false(grepl("abcdefgh", conditionMessage(error)))
  expect_lt(nchar(conditionMessage(error)), 500)
})

test_that("the message has the first of many problems, the body all of them", {
  problems <- sprintf(
    "{\"loc\":[\"body\",\"messages\",%d],\"msg\":\"must be an object\"}", 0:99
  )
  body <- sprintf("{\"detail\":[%s]}", paste(problems, collapse = ","))
  server <- test_server()
  server$reply(status = 422, body = body, times = 3)
  client <- test_client(server, on_error = "stop")
  stream <- client$chat$create(hello, "m", stream = TRUE)
  run <- tryCatch(client$chat$map("a", "m"), error = identity)
  for (error in list(
    tryCatch(client$models$list(), error = identity), stream$next_value, run
  )) {
    expect_match(
      conditionMessage(error),
      "body.messages.0: must be an object (and 99 more",
      fixed = TRUE
    )
    expect_identical(NROW(jsonlite::fromJSON(error$body)$detail), 100L)
  }
})

test_that("a failed call that returns warns once, with all fields", {
  server <- test_server()
  server$reply(status = 503, body = body, times = 6)
  client <- test_client(server)
  warned <- expect_warning(
    job <- client$batch$retrieve("b"),
    class = "openai_failed_call_warning"
  )
  expect_false(job$success)
  expect_identical(conditionMessage(warned), job$message)
  expect_identical(warned$status, 503L)
  expect_identical(warned$body, body)
  expect_identical(conditionCall(warned), quote(client$batch$retrieve("b")))

  withr::with_options(list(openaistream.failed_call_warning = FALSE), {
    expect_no_warning(job <- client$batch$retrieve("b"))
  })
  expect_false(job$success)
  # If warnings are errors, the error of the call is signalled.
  withr::with_options(list(warn = 2), {
    error <- expect_error(
      client$batch$retrieve("b"),
      class = "openai_server_error"
    )
    expect_identical(error$body, body)
    muffled <- suppressWarnings(client$batch$retrieve("b"))
  })
  expect_false(muffled$success)
  caught <- tryCatch(client$batch$retrieve("b"), warning = identity)
  expect_identical(caught$status, 503L)
})

test_that("a file that cannot be sent is an error if failed calls are", {
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  for (call in expression(
    client$files$upload("typo.jsonl"), client$files$upload(tempdir()),
    client$audio$transcription("typo.wav")
  )) {
    error <- expect_error(eval(call), class = "openai_argument_error")
    expect_match(conditionMessage(error), "cannot be sent: path")
    expect_identical(conditionCall(error), call)
  }
  expect_error(client$models$list(verbosity = 9), "verbosity")
  expect_length(server$requests(), 0)
  returned <- failed_call(test_client(server)$files$upload("typo.jsonl"))
  expect_identical(
    returned, list(success = FALSE, data = "path (typo.jsonl) is not exists")
  )
})

test_that("methods that 0.3.0 did not have signal errors by default", {
  server <- test_server()
  server$reply(status = 429, body = "{}", times = 6)
  client <- test_client(server)
  path <- withr::local_tempfile()
  for (call in expression(
    client$chat$run_tools(hello, "m", tool(function() 1, "One.", name = "one")),
    client$chat$map("a", "m"),
    client$parallel(list(api_request("GET", "models"))),
    client$files$download("f", path),
    client$embeddings$create("m", "a", as = "matrix"),
    client$chat$create(hello, "m", stream = TRUE)$message()
  )) {
    expect_error(eval(call), class = "openai_rate_limit_error")
  }
  expect_length(server$requests(), 6)
})

test_that("a retry waits as long as Retry-After says", {
  server <- test_server()
  refuse <- function() {
    server$reply(status = 429, body = "{}", headers = c(
      "Retry-After" = "1", "x-ratelimit-limit-tokens" = "1000",
      "x-ratelimit-remaining-tokens" = "0",
      "x-ratelimit-reset-tokens" = "6m0s"
    ))
  }
  limits <- c(total = 60)
  client <- test_client(server, max_retries = 1, timeouts = limits)
  refuse()
  printed <- capture.output(client$models$list(verbosity = 1))
  expect_true("*  Retrying in 1.00 s" %in% printed)
  expect_length(server$requests(), 2)
  # All requests of a run wait; six minutes would be more than the total.
  refuse()
  answers <- client$chat$map(c("a", "b"), "m", max_active = 1)
  expect_length(answers, 2)
  expect_length(server$requests(), 5)
})

test_that("a condition has the user's call", {
  server <- test_server()
  server$reply(status = 404, body = "{}", times = 2)
  client <- test_client(server, on_error = "stop")
  error <- tryCatch(client$files$retrieve("file-1"), error = identity)
  expect_identical(
    conditionCall(error), quote(client$files$retrieve("file-1"))
  )
  path <- withr::local_tempfile(lines = "{}")
  error <- tryCatch(client$files$upload(path), error = identity)
  expect_identical(conditionCall(error), quote(client$files$upload(path)))
})
