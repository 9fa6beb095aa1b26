# The benchmark's client that uses httr2, with jsonlite.

source("measure.R")

post <- function(url, path, body) {
  request <- httr2::request(paste0(url, path))
  request <- httr2::req_headers(request, Authorization = "Bearer sk-bench")
  httr2::req_body_json(request, body)
}

chat_request <- function(url, stream = FALSE) {
  post(url, "/chat/completions", list(
    model = "gpt-6-luna", stream = stream,
    messages = list(list(role = "user", content = "Hello"))
  ))
}

is_content <- function(json) {
  event <- jsonlite::fromJSON(json, simplifyVector = FALSE)
  is.character(event$choices[[1]]$delta$content)
}

# Reads events with httr2's own parser (version 1.0.1 or newer).
read_events <- function(url, size, path) {
  response <- httr2::req_perform_connection(chat_request(url, TRUE))
  on.exit(close(response))
  events <- 0
  while (!is.null(event <- httr2::resp_stream_sse(response))) {
    if (event$data == "[DONE]") break
    stopifnot(is_content(event$data))
    events <- events + 1
  }
  events
}

# Splits events from chunks, for older versions. Splits bytes, because a chunk
# may end in the middle of a character.
read_chunks <- function(url, size, path) {
  events <- 0
  rest <- ""
  httr2::req_stream(chat_request(url, TRUE), function(bytes) {
    text <- paste0(rest, rawToChar(bytes))
    blocks <- strsplit(text, "\n\n", fixed = TRUE, useBytes = TRUE)[[1]]
    whole <- endsWith(text, "\n\n")
    rest <<- if (whole) "" else blocks[[length(blocks)]]
    for (block in if (whole) blocks else utils::head(blocks, -1)) {
      if (block == "data: [DONE]") next
      Encoding(block) <- "UTF-8"
      stopifnot(is_content(sub("data: ", "", block, fixed = TRUE)))
      events <<- events + 1
    }
    TRUE
  }, buffer_kb = 64)
  events
}

has_sse_parser <- "resp_stream_sse" %in% getNamespaceExports("httr2")

embed_floats <- function(url, size, path) {
  response <- httr2::req_perform(post(url, "/embeddings", list(
    model = "text-embedding-3-small", input = rep("a river", size)
  )))
  nrow(httr2::resp_body_json(response, simplifyVector = TRUE)$data)
}

perform_all <- function(requests) {
  if (has_sse_parser) {
    httr2::req_perform_parallel(requests, max_active = 100, progress = FALSE)
  } else {
    httr2::multi_req_perform(
      requests,
      pool = curl::new_pool(total_con = 100, host_con = 100)
    )
  }
}

many_chats <- function(url, size, path) {
  responses <- perform_all(rep(list(chat_request(url)), size))
  answers <- lapply(responses, httr2::resp_body_json)
  sum(lengths(lapply(answers, `[[`, "choices")))
}

measure(list(
  stream = if (has_sse_parser) read_events else read_chunks,
  embeddings_floats = embed_floats, chats = many_chats
))
