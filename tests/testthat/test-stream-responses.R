# The events of a response, whose names are only in their data.
response_events <- function() {
  item <- paste0(
    '{"id":"msg_1","type":"message","status":"completed","role":"assistant",',
    '"content":[{"type":"output_text","text":"Good day","annotations":[]}]}'
  )
  response <- function(status, output) {
    sprintf(
      '{"id":"resp_1","object":"response","status":"%s","output":[%s]}',
      status, output
    )
  }
  delta <- function(name, text) {
    sprintf('{"type":"response.%s.delta","delta":"%s"', name, text)
  }
  events <- c(
    paste0(
      '{"type":"response.created","response":', response("in_progress", "")
    ),
    delta("reasoning_summary_text", "A greeting."),
    delta("output_text", "Good"), delta("output_text", " day"),
    paste0('{"type":"response.output_item.done","item":', item),
    paste0(
      '{"type":"response.completed","response":', response("completed", item)
    )
  )
  numbers <- seq_along(events) - 1
  sprintf('data: %s,"sequence_number":%d}\n\n', events, numbers)
}

response_stream <- function(server, ...) {
  test_client(server, ...)$responses$create("Hi", "m", stream = TRUE)
}

test_that("events of a response have their name, text and reasoning", {
  server <- test_server()
  server$reply(chunks = response_events())
  stream <- response_stream(server)
  events <- list()
  stream$each(function(event) events[[length(events) + 1]] <<- event)

  expect_identical(
    vapply(events, `[[`, "", "event"),
    c(
      "response.created", "response.reasoning_summary_text.delta",
      "response.output_text.delta", "response.output_text.delta",
      "response.output_item.done", "response.completed"
    )
  )
  expect_identical(
    vapply(events, `[[`, "", "text"), c("", "", "Good", " day", "", "")
  )
  expect_identical(events[[2]]$reasoning, "A greeting.")
  expect_null(events[[3]]$reasoning)
  # As lists, so that the item can be sent again.
  expect_identical(
    events[[5]]$item$content,
    list(list(type = "output_text", text = "Good day", annotations = list()))
  )
})

test_that("an open stream has the reasoning, id and position of a response", {
  server <- test_server()
  server$reply(chunks = response_events()[1:4], abort = "stall")
  stream <- response_stream(server)
  expect_null(stream$response_id)
  expect_identical(stream$reasoning(), "")

  for (place in 1:3) stream$next_event()

  expect_identical(stream$response_id, "resp_1")
  expect_identical(stream$sequence_number, 2)
  expect_identical(stream$reasoning(), "A greeting.")
  stream$close()
})

test_that("an interrupted response keeps its text and its id", {
  server <- test_server()
  server$reply(chunks = response_events()[1:4])
  stream <- response_stream(server)

  condition <- expect_error(stream$text(), class = "openai_stream_error")

  expect_identical(condition$response_id, "resp_1")
  expect_identical(condition$text, "Good day")
  partial <- stream$message(partial = TRUE)
  expect_identical(partial$output[[2]]$content[[1]]$text, "Good day")
})

test_that("a background response resumes after a lost connection", {
  server <- test_server()
  events <- response_events()
  server$reply(chunks = events[1:4], abort = "close")
  server$reply(chunks = events[5:6])
  client <- test_client(server, max_retries = 2)
  stream <- client$responses$create("Hi", "m", stream = TRUE, background = TRUE)
  numbers <- numeric()
  stream$each(function(event) numbers <<- c(numbers, event$sequence_number))

  expect_identical(numbers, as.numeric(0:5))
  expect_identical(stream$text(), "Good day")
  resumed <- server$requests()[[2]]
  expect_identical(
    paste(resumed$method, resumed$target),
    "GET /v1/responses/resp_1?stream=true&starting_after=3"
  )
})

test_that("speech is streamed as bytes or as events", {
  server <- test_server()
  speech <- function(...) {
    test_client(server)$audio$speech(input = "Hi", stream = TRUE, ...)
  }
  events <- c(
    'data: {"type":"speech.audio.delta","audio":"UklGRg=="}\n\n',
    'data: {"type":"speech.audio.done","usage":{"total_tokens":3}}\n\n'
  )
  server$reply(chunks = events)
  stream <- speech(stream_format = "sse")
  expect_identical(stream$message(), charToRaw("RIFF"))
  expect_identical(stream$usage$total_tokens, 3L)

  server$reply(body = "RIFF....", headers = c("content-type" = "audio/wav"))
  expect_identical(speech()$message(), charToRaw("RIFF...."))
})

test_that("a stream of a chat has the model's reasoning", {
  server <- test_server()
  server$reply(chunks = c(
    'data: {"choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}\n\n',
    chat_events("Yes")
  ))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  expect_identical(stream$next_event()$reasoning, "Hm.")
  expect_identical(stream$text(), "Yes")
  expect_identical(stream$reasoning(), "Hm.")
})
