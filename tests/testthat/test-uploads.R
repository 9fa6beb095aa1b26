# Uploads of large files in parts.

# A file of `size` bytes whose parts all differ.
large_file <- function(size, env = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".jsonl", .local_envir = env)
  writeBin(as.raw((seq_len(size) * 7) %/% 3 %% 256), path)
  path
}

part_requests <- function(server) {
  Filter(
    function(request) grepl("/parts$", request$target), server$requests()
  )
}

test_that("a file is uploaded in parts and assembled again", {
  server <- test_server()
  client <- test_client(server)
  path <- large_file(100001)
  upload <- client$uploads$upload_file(path, "batch", part_size = 30000)
  expect_identical(upload$status, "completed")
  expect_identical(upload$file$filename, basename(path))
  expect_length(part_requests(server), 4)
  expect_identical(
    client$files$content(upload$file$id), readBin(path, "raw", 1e6)
  )
  sent <- jsonlite::fromJSON(server$requests()[[1]]$body)
  expect_equal(sent$bytes, 100001)
  completed <- jsonlite::fromJSON(server$requests()[[6]]$body)
  expect_length(completed$part_ids, 4)
  expect_identical(completed$md5, unname(tools::md5sum(path)))
})

test_that("an upload resumes after a failed part", {
  server <- test_server()
  client <- test_client(server)
  path <- large_file(50000)
  journal <- withr::local_tempfile()
  upload <- function() {
    client$uploads$upload_file(
      path, "batch",
      part_size = 20000, max_active = 1, journal = journal
    )
  }
  # The third part fails.
  server$reply(
    body = '{"id":"part_a","object":"upload.part"}', times = 2,
    path = "/v1/uploads/upload_1/parts"
  )
  server$reply(
    status = 400, body = "{}", path = "/v1/uploads/upload_1/parts"
  )
  expect_error(upload(), class = "openai_bad_request_error")
  server$reply(
    body = '{"id":"part_c","object":"upload.part"}',
    path = "/v1/uploads/upload_1/parts"
  )
  server$reply(
    body = '{"id":"upload_1","status":"completed"}',
    path = "/v1/uploads/upload_1/complete"
  )
  expect_identical(upload()$status, "completed")
  expect_length(part_requests(server), 4)
  requests <- server$requests()
  sent <- jsonlite::fromJSON(requests[[length(requests)]]$body)
  expect_identical(sent$part_ids, c("part_a", "part_a", "part_c"))
})

test_that("invalid files are refused before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  empty <- withr::local_tempfile()
  file.create(empty)
  refused <- function(message, ...) {
    expect_error(
      client$uploads$upload_file(...), message,
      class = "openai_argument_error"
    )
  }
  refused("does not exist", "no-such-file", "batch")
  refused("is empty", empty, "batch")
  refused("at most", large_file(10), "batch", part_size = 2^30)
  expect_length(server$requests(), 0)
})
