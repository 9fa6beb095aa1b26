# A run is the same whether it is streamed or retrieved: its object, its steps
# and its messages, except for the times.

response_with <- function(status, output, ...) {
  list(
    id = "resp_1", object = "response", created_at = 5, status = status,
    output = output, ...
  )
}

message_with <- function(text, status = "completed") {
  part <- list(type = "output_text", text = text, annotations = list())
  list(
    id = "msg_1", type = "message", status = status, role = "assistant",
    content = list(part)
  )
}

call_with <- function(status = "completed") {
  list(
    id = "fc_1", type = "function_call", status = status, call_id = "call_1",
    name = "weather", arguments = "{}"
  )
}

tokens <- list(input_tokens = 10, output_tokens = 5, total_tokens = 15)

json <- function(x) {
  jsonlite::toJSON(x, auto_unbox = TRUE, null = "null", digits = NA)
}

# Each finished object as the last event of a stream contains it, and as it is
# retrieved, without times.
streamed_and_retrieved <- function(response) {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m", tools = list(weather_tool))
  thread <- client$threads$create(messages = hello)
  queued <- response_with("queued", list())
  events <- list(
    list(type = "response.created", response = queued),
    list(type = paste0("response.", response$status), response = response)
  )
  server$reply(
    path = "/v1/responses",
    chunks = vapply(events, function(it) sprintf("data: %s\n\n", json(it)), "")
  )
  stream <- client$runs$create(thread$id, assistant$id, stream = TRUE)
  streamed <- list()
  for (event in read_events(stream)) {
    is_object <- grepl("^thread[.](run|run[.]step|message)$", event$object)
    if (is_object) streamed[[event$id]] <- event[names(event) != "event"]
  }
  # Objects in progress differ: their content is in deltas.
  is_finished <- vapply(streamed, function(it) it$status != "in_progress", NA)
  streamed <- streamed[is_finished]

  server$reply(
    path = "/v1/responses/resp_1", body = json(response), times = 20
  )
  items <- sub("thread_", "/v1/conversations/conv_", thread$id)
  for (item in response$output) {
    server$reply(path = paste0(items, "/items/", item$id), body = json(item))
  }
  retrieved <- lapply(names(streamed), function(id) {
    if (startsWith(id, "run_")) {
      client$runs$retrieve(thread$id, id)
    } else if (startsWith(id, "step_")) {
      client$runs$steps_retrieve(thread$id, "run_1", id)
    } else {
      client$messages$retrieve(thread$id, id)
    }
  })
  names(retrieved) <- names(streamed)
  list(
    streamed = without_times(streamed), retrieved = without_times(retrieved)
  )
}

expect_same_streamed <- function(...) {
  objects <- streamed_and_retrieved(response_with(...))
  expect_identical(objects$retrieved, objects$streamed)
  objects$retrieved
}

test_that("a completed run is the same when streamed", {
  search <- list(
    id = "fs_1", type = "file_search_call", status = "completed",
    queries = list("Ulm"), results = list(list(
      file_id = "file_1", filename = "a.txt", score = 0.5, text = "Ulm"
    ))
  )
  code <- list(
    id = "ci_1", type = "code_interpreter_call", status = "completed",
    code = "plot(1)", container_id = "cntr_1", outputs = list(
      list(type = "logs", logs = "1"),
      list(type = "image", url = "https://a.test/1.png")
    )
  )
  objects <- expect_same_streamed(
    "completed", list(search, code, message_with("Good day")),
    usage = tokens, completed_at = 9
  )
  expect_identical(objects$run_1$usage$total_tokens, 15L)
  calls <- objects$step_fs_1$step_details$tool_calls
  expect_identical(calls$type, c("file_search", "code_interpreter"))
  expect_null(objects$step_fs_1$usage)
  expect_identical(objects$step_msg_1$usage$total_tokens, 15L)
})

test_that("an incomplete run is the same when streamed", {
  objects <- expect_same_streamed(
    "incomplete", list(message_with("Good", "incomplete")),
    usage = tokens, incomplete_details = list(reason = "max_output_tokens")
  )
  expect_identical(objects$step_msg_1$status, "completed")
  expect_identical(objects$msg_1$status, "incomplete")
  expect_identical(objects$msg_1$incomplete_details$reason, "max_tokens")

  objects <- expect_same_streamed(
    "incomplete", list(call_with("incomplete")),
    usage = tokens, incomplete_details = list(reason = "content_filter")
  )
  expect_identical(objects$step_fc_1$status, "failed")
})

test_that("a failed run is the same when streamed", {
  error <- list(code = "vector_store_timeout", message = "Too slow.")
  objects <- expect_same_streamed(
    "failed", list(message_with("Good", "in_progress")),
    usage = tokens, error = error
  )
  expect_identical(objects$run_1$usage$total_tokens, 15L)
  expect_identical(objects$run_1$last_error, list(
    code = "server_error", message = "Too slow. (vector_store_timeout)"
  ))
  expect_identical(objects$step_msg_1$last_error, objects$run_1$last_error)
  expect_identical(objects$msg_1$incomplete_details$reason, "run_failed")

  objects <- expect_same_streamed("failed", list(call_with()), error = error)
  expect_identical(objects$step_fc_1$status, "failed")
  expect_null(objects$run_1$usage)
})

test_that("a cancelled run is the same when streamed", {
  objects <- expect_same_streamed(
    "cancelled", list(message_with("Good", "in_progress"))
  )
  expect_identical(objects$step_msg_1$status, "cancelled")
  expect_identical(objects$msg_1$incomplete_details$reason, "run_cancelled")
})

test_that("a run that requires action is the same when streamed", {
  objects <- expect_same_streamed(
    "completed", list(call_with()),
    usage = tokens
  )
  expect_identical(objects$run_1$status, "requires_action")
  expect_null(objects$run_1$usage)
})
