# Arguments of resources that become fields of a request.

test_that("unnamed fields are refused by position, before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  refused <- function(code, message) {
    expect_error(
      code, message, class = "openai_argument_error", fixed = TRUE
    )
  }
  refused(
    client$vector_stores$create("x"), "Value 1 of `...` (\"x\") has no name"
  )
  refused(
    client$assistants$create("gpt-4o", "My name"),
    "Value 1 of `...` (\"My name\") has no name: name each field as in"
  )
  refused(client$threads$create(metadata = list(), 2), "Value 2 of `...` (2)")
  refused(client$assistants$list(10), "Value 1 of `...` (10)")
  path <- withr::local_tempfile(lines = "x")
  refused(client$audio$transcription(path, "m", "en"), "(\"en\") has no name")
  refused(client$embeddings$create("m", "a", 3), "(3) has no name")
  refused(client$embeddings$create("m", "a", 3, as = "matrix"), "(3) has no")
  refused(client$chat$create(hello, "m", FALSE, 1, 2, 0, 0.5), "(0.5) has no")
  refused(client$chat$map("a", "m", 0.5), "(0.5) has no name")
  refused(
    client$chat$create(hello, "m", TRUE, 1, 2, 0, list(1)),
    "(an object of class list) has no name"
  )
  refused(client$runs$create("t", "as", TRUE, 2, "x"), "(\"x\") has no name")
  refused(api_request("POST", "a", list(1)), "Every field of `body`")
  expect_length(server$requests(), 0)
})

test_that("an id may be a factor", {
  server <- test_server()
  server$reply(body = any_answer)
  test_client(server)$files$retrieve(factor("file-1"))
  expect_identical(server$requests()[[1]]$target, "/v1/files/file-1")
})

test_that("calls accept optional fields", {
  server <- test_server()
  server$reply(body = any_answer, times = 2)
  client <- test_client(server)
  client$vector_stores$file_create("vs", "f", attributes = c(year = 2026))
  client$runs$steps_retrieve("t", "r", "s", include = "a")
  expect_identical(
    server$requests()[[1]]$body, '{"attributes":{"year":2026},"file_id":"f"}'
  )
  expect_match(server$requests()[[2]]$target, "?include%5B%5D=a", fixed = TRUE)
})
