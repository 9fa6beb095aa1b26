# client$request(), for operations without a method.

test_that("any request is sent, and `answer` sets the type of the value", {
  server <- test_server()
  client <- test_client(server)
  server$reply(body = '{"id":"turn_1","parts":[1,2]}', times = 4)
  ask <- function(...) {
    client$request(
      "POST", "gadgets/g 1/turns",
      query = list(a = 1), body = list(x = "y"), ...
    )
  }
  expect_identical(ask()$parts, 1:2)
  expect_identical(ask(answer = "lists")$parts, list(1L, 2L))
  expect_identical(ask(answer = "text"), '{"id":"turn_1","parts":[1,2]}')
  expect_identical(
    ask(answer = "bytes"), charToRaw('{"id":"turn_1","parts":[1,2]}')
  )
  for (request in server$requests()) {
    expect_identical(request$target, "/v1/gadgets/g%201/turns?a=1")
    expect_identical(request$body, '{"x":"y"}')
  }
  # Responses of a form that no operation of the API has.
  server$reply(body = "[1,2]")
  expect_identical(client$request("GET", "items"), 1:2)
  file <- withr::local_tempfile()
  server$reply(body = "content")
  expect_identical(client$request("GET", "gadgets/1/data", file = file), file)
  expect_identical(readLines(file, warn = FALSE), "content")
})

test_that("forms, streams, headers and promises work", {
  server <- test_server()
  client <- test_client(server)
  path <- withr::local_tempfile(lines = "{}")
  uploaded <- client$request(
    "POST", "files",
    form = list(purpose = "batch", file = request_file(path))
  )
  expect_identical(uploaded$purpose, "batch")
  chat <- list(model = "m", messages = "Hi", stream = TRUE)
  stream <- client$request(
    "POST", "chat/completions",
    body = chat, stream = TRUE
  )
  expect_match(stream$text(), "You wrote: \"Hi\"", fixed = TRUE)
  server$reply(chunks = c("data: {\"type\":\"a\"}\n\n", "data: {\"b\":1}\n\n"))
  events <- list()
  client$request("GET", "gadgets/1/events", stream = TRUE)$each(
    function(event) events[[length(events) + 1]] <<- event
  )
  expect_identical(events[[1]]$type, "a")
  expect_identical(events[[2]]$b, 1L)
  client$request("GET", "models", headers = c("X-Team" = "a"))
  request <- utils::tail(server$requests(), 1)[[1]]
  expect_identical(unname(request$headers["x-team"]), "a")
  promise <- client$request_async("GET", "models")
  expect_identical(settled(promise)$value, client$request("GET", "models"))
})

test_that("invalid requests are rejected, and a failed one signals an error", {
  server <- test_server()
  client <- test_client(server)
  refused <- function(message, ...) {
    expect_error(
      client$request(...), message,
      class = "openai_argument_error"
    )
  }
  refused("`method`", "post", "models")
  refused("`path`", "GET", "")
  refused("not both", "POST", "x", body = list(a = 1), form = list(b = 1))
  refused("`answer`", "GET", "models", answer = "xml")
  refused("must have a unique name", "POST", "x", body = list(1))
  expect_error(request_file("no-such-file"), "does not exist")
  expect_length(server$requests(), 0)
  expect_error(
    client$request("GET", "gadgets"),
    class = "openai_not_found_error"
  )
})
