# Errors as scripts see them: the classes, the fields, the list of 0.3.0.

# The condition of a call that is answered so.
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

test_that("the other classes are raised for what they name", {
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

test_that("a condition has all fields, and the server's own message", {
  error <- condition_of(
    status = 404, body = body,
    headers = c("x-request-id" = "req_1", "Retry-After" = "3")
  )
  expect_match(conditionMessage(error), "No such model. Ask for the list")
  fields <- list(
    status = 404L, type = "invalid_request", code = "model_not_found",
    param = "model", request_id = "req_1", retry_after = 3, attempts = 1L,
    body = body
  )
  expect_identical(error[names(fields)], fields)
  # Of a stream that had begun alone.
  expect_null(error$text)
  expect_true("call" %in% names(error))
})

test_that("the list of 0.3.0 comes first, then what is known", {
  server <- test_server()
  server$reply(
    status = 404, body = body, headers = c("x-request-id" = "req_1")
  )
  answer <- test_client(server)$files$retrieve("f")
  expect_identical(names(answer)[1:3], c("success", "message", "type"))
  expect_identical(answer$success, FALSE)
  expect_identical(answer$type, "general")
  expect_match(answer$message, "No such model.")
  expect_setequal(names(answer)[-(1:3)], c(
    "status", "code", "param", "request_id", "attempts", "body", "error_type"
  ))
  expect_identical(answer$error_type, "invalid_request")
})

test_that("on_error counts before the option, and both refuse other words", {
  server <- test_server()
  server$reply(status = 404, body = "{}", times = 5)
  client <- test_client(server)
  expect_false(client$models$list()$success)
  withr::local_options(openaistream.on_error = "stop")
  expect_error(client$models$list(), class = "openai_not_found_error")
  returning <- client$with_options(on_error = "return")
  expect_false(returning$models$list()$success)
  withr::local_options(openaistream.on_error = NULL)
  stopping <- returning$with_options(on_error = "stop")
  expect_error(stopping$models$list(), class = "openai_not_found_error")
  expect_false(returning$models$list()$success)

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
  seen <- list()
  # The loop of 0.3.0.
  while (!is.character(value <- stream$next_value)) {
    seen <- c(seen, list(value))
  }
  expect_identical(value, "complete")
  expect_identical(sum(vapply(seen, inherits, NA, "error")), 1L)
  expect_identical(tail(seen, 1)[[1]], stream$error)
  expect_identical(stream$next_value, "complete")
  expect_s3_class(stream$error, "openai_stream_error")
  expect_error(stream$error <- NULL, "read-only")
  fine <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  read_all(fine)
  expect_null(fine$error)
})

test_that("the body of an error is cut, and free of keys", {
  echo <- paste0("Wrong key sk-abcdefghijklmnop ", strrep("x", 10000))
  error <- condition_of(status = 401, body = echo)
  expect_match(error$body, "^Wrong key <REDACTED> xxx")
  expect_lt(nchar(error$body), 400)
  expect_false(grepl("abcdefgh", conditionMessage(error)))
})

test_that("a condition tells the call of the user", {
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
