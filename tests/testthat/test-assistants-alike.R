# A run is the same whether it is streamed or asked for: its object, its steps
# and its messages, but for the times, which are those of the moment.

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

# What the events of a stream tell last of each object that is over, and what is
# answered for it, without times.
told_both_ways <- function(response) {
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
  # What waits is told by deltas.
  is_over <- vapply(streamed, function(it) it$status != "in_progress", NA)
  streamed <- streamed[is_over]

  server$reply(
    path = "/v1/responses/resp_1", body = json(response), times = 20
  )
  items <- sub("thread_", "/v1/conversations/conv_", thread$id)
  for (item in response$output) {
    server$reply(path = paste0(items, "/items/", item$id), body = json(item))
  }
  asked <- lapply(names(streamed), function(id) {
    if (startsWith(id, "run_")) {
      client$runs$retrieve(thread$id, id)
    } else if (startsWith(id, "step_")) {
      client$runs$steps_retrieve(thread$id, "run_1", id)
    } else {
      client$messages$retrieve(thread$id, id)
    }
  })
  names(asked) <- names(streamed)
  list(streamed = without_times(streamed), asked = without_times(asked))
}

expect_told_alike <- function(...) {
  told <- told_both_ways(response_with(...))
  expect_identical(told$asked, told$streamed)
  told$asked
}

test_that("a run that is completed is the same both ways", {
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
  told <- expect_told_alike(
    "completed", list(search, code, message_with("Good day")),
    usage = tokens, completed_at = 9
  )
  expect_identical(told$run_1$usage$total_tokens, 15L)
  calls <- told$step_fs_1$step_details$tool_calls
  expect_identical(calls$type, c("file_search", "code_interpreter"))
  expect_null(told$step_fs_1$usage)
  expect_identical(told$step_msg_1$usage$total_tokens, 15L)
})

test_that("a run that is cut is the same both ways", {
  told <- expect_told_alike(
    "incomplete", list(message_with("Good", "incomplete")),
    usage = tokens, incomplete_details = list(reason = "max_output_tokens")
  )
  expect_identical(told$step_msg_1$status, "completed")
  expect_identical(told$msg_1$status, "incomplete")
  expect_identical(told$msg_1$incomplete_details$reason, "max_tokens")

  told <- expect_told_alike(
    "incomplete", list(call_with("incomplete")),
    usage = tokens, incomplete_details = list(reason = "content_filter")
  )
  expect_identical(told$step_fc_1$status, "failed")
})

test_that("a run that fails is the same both ways", {
  error <- list(code = "vector_store_timeout", message = "Too slow.")
  told <- expect_told_alike(
    "failed", list(message_with("Good", "in_progress")),
    usage = tokens, error = error
  )
  expect_identical(told$run_1$usage$total_tokens, 15L)
  expect_identical(told$run_1$last_error, list(
    code = "server_error", message = "Too slow. (vector_store_timeout)"
  ))
  expect_identical(told$step_msg_1$last_error, told$run_1$last_error)
  expect_identical(told$msg_1$incomplete_details$reason, "run_failed")

  told <- expect_told_alike("failed", list(call_with()), error = error)
  expect_identical(told$step_fc_1$status, "failed")
  expect_null(told$run_1$usage)
})

test_that("a run that is cancelled is the same both ways", {
  told <- expect_told_alike(
    "cancelled", list(message_with("Good", "in_progress"))
  )
  expect_identical(told$step_msg_1$status, "cancelled")
  expect_identical(told$msg_1$incomplete_details$reason, "run_cancelled")
})

test_that("a run that waits is the same both ways", {
  told <- expect_told_alike("completed", list(call_with()), usage = tokens)
  expect_identical(told$run_1$status, "requires_action")
  expect_null(told$run_1$usage)
})
