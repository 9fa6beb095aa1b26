# Events that differ little from the previous one reuse its parts. R must still
# receive the data of each event.

texts <- c(
  "", "a", " b", "\u00fc", "NA", "Inf", "NaN", "-Inf", "1", "TRUE", "\"", "\\",
  "line\nbreak", "\U1F600", "same", "same", "null", "{}"
)

quoted <- function(text) as.character(jsonlite::toJSON(text, auto_unbox = TRUE))

chat_chunk <- function(text, extra = "") {
  paste0(
    '{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m",',
    '"choices":[{"index":0,"delta":{"content":', quoted(text), "},",
    '"logprobs":null,"finish_reason":null', extra, "}]}"
  )
}

response_delta <- function(text, number, letters) {
  paste0(
    '{"type":"response.output_text.delta","sequence_number":', number,
    ',"item_id":"msg_1","output_index":0,"content_index":0,"delta":',
    quoted(text), ',"logprobs":[],"obfuscation":', quoted(letters), "}"
  )
}

events_of <- function(stream) {
  events <- list()
  stream$each(function(event) {
    # A change of one event must not change the next.
    kept <- event
    event$text <- "changed"
    event$choices$delta$content <- "changed"
    events[[length(events) + 1]] <<- kept
  })
  events
}

test_that("events of a chat are equal to their data", {
  server <- test_server()
  client <- test_client(server)
  # Chunks with other fields are between those that are alike.
  chunks <- unlist(lapply(rep(texts, 3), function(text) {
    c(chat_chunk(text), chat_chunk(text, ',"more":[1,2]'), chat_chunk(text))
  }))
  server$reply(
    chunks = c(sprintf("data: %s\n\n", chunks), "data: [DONE]\n\n")
  )
  events <- events_of(client$chat$create(hello, "m", stream = TRUE))
  expect_length(events, length(chunks))
  for (place in seq_along(chunks)) {
    data <- jsonlite::fromJSON(chunks[[place]])
    text <- jsonlite::fromJSON(chunks[[place]], simplifyVector = FALSE)
    text <- text$choices[[1]]$delta$content
    expect_identical(events[[place]], c(list(text = text), data))
  }
})

test_that("events of a response are equal to their data", {
  server <- test_server()
  client <- test_client(server)
  data <- unlist(lapply(seq_along(texts), function(place) {
    c(
      response_delta(texts[[place]], 2 * place, strrep("x", place)),
      response_delta(texts[[place]], 2 * place + 1, "")
    )
  }))
  last <- paste0(
    '{"type":"response.completed","sequence_number":999,"response":',
    '{"id":"resp_1","object":"response","status":"completed","output":[]}}'
  )
  server$reply(chunks = sprintf("data: %s\n\n", c(data, last)))
  events <- events_of(client$responses$create("x", "m", stream = TRUE))
  expect_length(events, length(data) + 1)
  for (place in seq_along(data)) {
    expected <- jsonlite::fromJSON(data[[place]], simplifyVector = FALSE)
    expect_identical(events[[place]], c(
      list(text = expected$delta, event = expected$type), expected
    ))
  }
})
