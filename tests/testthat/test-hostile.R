# Text from a server is not interpreted, whatever it contains.

hostile_texts <- list(
  "percent" = charToRaw("%s %n %d %s%s%s%s%n"),
  "backslash zero" = charToRaw("before \\u0000 after"),
  "invalid UTF-8" = as.raw(c(0x61, 0xff, 0xfe, 0x62)),
  "a megabyte" = rep(charToRaw("x"), 2^20),
  "a lone surrogate" = charToRaw("\\ud83d")
)

for (name in names(hostile_texts)) {
  test_that(paste("an error message can contain", name), {
    server <- test_server()
    body <- c(
      charToRaw('{"error":{"message":"'), hostile_texts[[name]],
      charToRaw('"}}')
    )
    server$reply(status = 400, body = body, times = 2)
    client <- test_client(server)

    answer <- failed_call(client$models$list())
    values <- read_all(client$chat$create(hello, "m", stream = TRUE))

    expect_false(answer$success)
    expect_match(answer$message, "HTTP 400")
    expect_true(validUTF8(answer$message))
    expect_match(conditionMessage(values[[1]]), "HTTP 400")
    expect_error(stop(values[[1]]), "HTTP 400")
  })
}

test_that("a raw NUL in a response is an error of the call", {
  server <- test_server()
  body <- c(charToRaw('{"id":"a'), as.raw(0), charToRaw('b"}'))
  server$reply(status = 500, body = body)
  server$reply(body = body)
  client <- test_client(server)
  failed <- failed_call(client$models$retrieve("m"))
  expect_match(failed$message, "HTTP 500")
  broken <- failed_call(client$models$retrieve("m"))
  expect_false(broken$success)
})

test_that("the error for a response that is not JSON names its type", {
  server <- test_server()
  server$reply(
    headers = c("Content-Type" = "text/html"),
    body = "<html><title>Sign in</title></html>"
  )
  server$reply(body = "")
  client <- test_client(server)
  portal <- failed_call(client$models$retrieve("m"))
  expect_false(portal$success)
  expect_match(portal$message, "text/html.*Sign in")
  empty <- failed_call(client$models$retrieve("m"))
  expect_false(empty$success)
})

test_that("JSON that is nested too deeply is an error of the call", {
  server <- test_server()
  server$reply(body = strrep("[", 100000))
  answer <- failed_call(test_client(server)$models$retrieve("m"))
  expect_match(answer$message, "nest|deep")
})
