# Waiting for a batch: `client$batches$wait()`.

# Creates a batch of one request.
create_batch <- function(client) {
  path <- withr::local_tempfile(fileext = ".jsonl", lines = paste0(
    '{"custom_id":"1","method":"POST","url":"/v1/embeddings",',
    '"body":{"model":"m","input":"a"}}'
  ))
  client$batches$create(
    input_file_id = client$files$upload(path, purpose = "batch")$id,
    endpoint = "/v1/embeddings", completion_window = "24h"
  )$id
}

test_that("`batches` and `batch` wait for a batch, also asynchronously", {
  client <- test_client(test_server(background_delay = 0.3))
  for (resource in list(client$batches, client$batch)) {
    batch <- resource$wait(create_batch(client))
    expect_identical(batch$status, "completed")
    expect_identical(batch$request_counts$completed, 1L)
    promised <- settled(resource$wait_async(create_batch(client)))$value
    expect_identical(promised$status, "completed")
  }
  expect_identical(class(client$batch), c("batch", "openai", "R6"))
  expect_identical(class(client$batches), c("batches", "openai", "R6"))
})

test_that("wait() times out, or returns a batch with any final status", {
  client <- test_client(test_server(background_delay = 60))
  id <- create_batch(client)
  error <- expect_error(
    client$batches$wait(id, timeout = 0.2),
    "batch_1 has not finished after 0.2",
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

test_that("wait() fails for an unknown batch like `retrieve()`", {
  client <- test_client(test_server())
  expect_error(client$batches$wait("batch_9"), class = "openai_not_found_error")
  expect_identical(failed_call(client$batch$wait("batch_9"))$status, 404L)
  expect_error(
    client$batches$wait("batch_9", timeout = -1), "timeout",
    class = "openai_argument_error"
  )
})
