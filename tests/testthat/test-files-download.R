# Files that are written to disk while they are downloaded.

megabytes <- function(count) as.raw(rep_len(0:250, count * 1e6))

test_that("a file is downloaded byte for byte, and its path is returned", {
  server <- test_server()
  content <- megabytes(5)
  server$reply(body = content)
  path <- withr::local_tempfile()
  returned <- withVisible(test_client(server)$files$download("file-1", path))
  expect_identical(returned, list(value = path, visible = FALSE))
  expect_identical(readBin(path, "raw", 1e7), content)
  expect_identical(server$requests()[[1]]$target, "/v1/files/file-1/content")
})

test_that("an existing file is replaced after the download", {
  server <- test_server()
  server$reply(body = charToRaw("new"))
  path <- withr::local_tempfile(lines = "old")
  test_client(server)$files$download("file-1", path)
  expect_identical(readLines(path, warn = FALSE), "new")
  expect_identical(list.files(dirname(path), "[.]part$"), character())
})

test_that("a download restarts after a lost connection", {
  server <- test_server()
  content <- megabytes(1)
  server$reply(
    chunks = list(content[1:1000]), headers = c("Content-Length" = "1000000"),
    framing = "close", abort = "reset"
  )
  server$reply(body = content)
  path <- withr::local_tempfile()
  test_client(server, max_retries = 1)$files$download("file-1", path)
  expect_identical(readBin(path, "raw", 1e7), content)
})

test_that("a failed download does not change an existing file", {
  server <- test_server()
  server$reply(status = 404, body = '{"error":{"message":"No such file."}}')
  server$reply(chunks = list(as.raw(1:9)), framing = "chunked", abort = "close")
  client <- test_client(server, on_error = "return")
  path <- withr::local_tempfile(lines = "old")
  refused <- failed_call(client$files$download("file-1", path))
  expect_false(refused$success)
  expect_match(refused$message, "No such file.", fixed = TRUE)
  broken <- failed_call(client$files$download("file-1", path))
  expect_false(broken$success)
  expect_match(broken$message, "connection")
  expect_identical(readLines(path), "old")
  expect_identical(list.files(dirname(path), "[.]part$"), character())
})

test_that("an invalid path is rejected before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  expect_error(client$files$download("file-1", tempdir()), "directory")
  expect_error(
    client$files$download("file-1", file.path(tempdir(), "no", "file")),
    "does not exist"
  )
  expect_error(client$files$download("file-1", NA), "`path`")
  expect_length(server$requests(), 0)
})
