# The key appears nowhere but in the request's header.

secret <- "sk-secret-0123456789abcdef"

printed <- function(...) {
  paste(utils::capture.output(...), collapse = "\n")
}

test_that("showing and saving a client or a stream does not show the key", {
  server <- test_server()
  client <- test_client(server, secret)
  client$models$list()
  stream <- client$chat$create(hello, "m", stream = TRUE)
  for (object in list(client, stream, client$chat)) {
    file <- withr::local_tempfile()
    saveRDS(object, file, compress = FALSE)
    bytes <- readBin(file, raw(), file.size(file))
    shown <- c(
      printed(print(object)), printed(utils::str(object)),
      tryCatch(format(object), error = conditionMessage),
      printed(dput(object)), printed(print(as.list(object, all.names = TRUE)))
    )
    expect_false(any(grepl(secret, shown, fixed = TRUE)))
    expect_length(grepRaw(secret, bytes, fixed = TRUE), 0)
  }
  stream$close()
})

test_that("verbose output and errors do not show the key", {
  server <- test_server()
  echo <- sprintf('{"error":{"message":"Incorrect API key: %s."}}', secret)
  server$reply(status = 401, body = echo, headers = c("Set-Cookie" = "id=1"))
  client <- test_client(server, secret)

  output <- printed(answer <- client$models$retrieve("m", verbosity = 3))

  expect_match(output, "authorization: <REDACTED>", fixed = TRUE)
  expect_match(output, "set-cookie: <REDACTED>", fixed = TRUE)
  shown <- c(output, unlist(answer))
  expect_false(any(grepl(secret, shown, fixed = TRUE)))

  server$reply(status = 401, body = echo)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  expect_false(grepl(secret, conditionMessage(stream$next_value)))
})

test_that("the key reaches the server that it is for", {
  server <- test_server()
  test_client(server, secret)$models$list()
  expect_identical(
    server$requests()[[1]]$headers[["authorization"]], paste("Bearer", secret)
  )
})

test_that("a function is asked for the key of each request", {
  server <- test_server()
  count <- 0
  client <- test_client(server, function() {
    count <<- count + 1
    paste0("sk-number-", count)
  })
  client$models$list()
  client$models$list()
  keys <- vapply(server$requests(), function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(keys, c("Bearer sk-number-1", "Bearer sk-number-2"))
})

test_that("two clients of a session keep their own keys", {
  server <- test_server()
  withr::local_envvar(OPENAI_KEY = "sk-first")
  first <- test_client(server, Sys.getenv("OPENAI_KEY"))
  Sys.setenv(OPENAI_KEY = "sk-second")
  second <- test_client(server, Sys.getenv("OPENAI_KEY"))
  first$models$list()
  second$models$list()
  keys <- vapply(server$requests(), function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(keys, c("Bearer sk-first", "Bearer sk-second"))
})
