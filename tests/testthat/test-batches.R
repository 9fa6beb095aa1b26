# Waiting for a batch: `client$batches$wait()`.

# Makes a batch of one line.
make_batch <- function(client) {
  path <- withr::local_tempfile(fileext = ".jsonl", lines = paste0(
    '{"custom_id":"1","method":"POST","url":"/v1/embeddings",',
    '"body":{"model":"m","input":"a"}}'
  ))
  client$batches$create(
    input_file_id = client$files$upload(path, purpose = "batch")$id,
    endpoint = "/v1/embeddings", completion_window = "24h"
  )$id
}

test_that("a batch is waited for by all its names, and by a promise", {
  client <- test_client(test_server(background_delay = 0.3))
  for (resource in list(client$batches, client$batch)) {
    batch <- resource$wait(make_batch(client))
    expect_identical(batch$status, "completed")
    expect_identical(batch$request_counts$completed, 1L)
    promised <- settled(resource$wait_async(make_batch(client)))$value
    expect_identical(promised$status, "completed")
  }
  expect_identical(class(client$batch), c("batch", "openai", "R6"))
  expect_identical(class(client$batches), c("batches", "openai", "R6"))
})

test_that("a batch that is not over in time goes on", {
  client <- test_client(test_server(background_delay = 60))
  id <- make_batch(client)
  error <- expect_error(
    client$batches$wait(id, timeout = 0.2), "batch_1 has not finished after 0.2",
    class = "openai_timeout_error"
  )
  expect_identical(error$batch$status, "validating")
  for (status in c("failed", "expired", "cancelled")) {
    server <- test_server()
    server$reply(body = sprintf('{"id":"b","status":"%s"}', status))
    expect_identical(
      test_client(server)$batches$wait("b", timeout = 5)$status, status
    )
  }
})

test_that("a batch that is not there fails as the call for it does", {
  client <- test_client(test_server())
  expect_error(client$batches$wait("batch_9"), class = "openai_not_found_error")
  expect_identical(failed_call(client$batch$wait("batch_9"))$status, 404L)
  expect_error(
    client$batches$wait("batch_9", timeout = -1), "timeout",
    class = "openai_argument_error"
  )
})
