# The benchmark's client that uses this package.

source("measure.R")
library(openaistream)

hello <- list(list(role = "user", content = "Hello"))

client_at <- function(url) {
  openai$new("sk-bench", base_url = url, on_error = "stop")
}

open_stream <- function(url, num = 2) {
  client_at(url)$chat$create(hello, "gpt-6-luna", stream = TRUE, num = num)
}

# The loop of version 0.3.0.
read_batches <- function(num) {
  function(url, size, path) {
    stream <- open_stream(url, num)
    events <- 0
    while (is.list(batch <- stream$next_value)) {
      if (inherits(batch, "error")) stop(batch)
      events <- events + length(batch$vres)
    }
    events
  }
}

read_text <- function(url, size, path) {
  stopifnot(nzchar(open_stream(url)$text()))
  size
}

open_response <- function(url) {
  client_at(url)$responses$create("Hello", "gpt-6-luna", stream = TRUE)
}

response_text <- function(url, size, path) {
  stopifnot(nzchar(open_response(url)$text()))
  size
}

response_each <- function(url, size, path) {
  deltas <- 0
  open_response(url)$each(function(event) {
    if (nzchar(event$text)) deltas <<- deltas + 1
  })
  deltas
}

read_each <- function(url, size, path) {
  events <- 0
  open_stream(url)$each(function(event) events <<- events + 1)
  events
}

# The delay from the server's write, whose time is the text of the event, to R;
# the median of `size` streams.
first_event <- function(url, size, path) {
  client <- client_at(url)
  delays <- vapply(seq_len(size), function(i) {
    stream <- client$chat$create(hello, "gpt-6-luna", stream = TRUE)
    event <- stream$next_event()
    arrived <- as.numeric(Sys.time())
    stream$text()
    arrived - as.numeric(event$text)
  }, 0)
  list(events = size, seconds = stats::median(delays))
}

embed_floats <- function(url, size, path) {
  answer <- client_at(url)$embeddings$create(
    "text-embedding-3-small", rep("a river", size)
  )
  stopifnot(is.numeric(answer$data$embedding[[1]]))
  nrow(answer$data)
}

embed_matrix <- function(url, size, path) {
  client <- client_at(url)
  if (!"as" %in% names(formals(client$embeddings$create))) {
    not_available("`embeddings$create(as = \"matrix\")` does not exist")
  }
  matrix <- client$embeddings$create(
    "text-embedding-3-small", rep("a river", size),
    encoding_format = "base64", as = "matrix"
  )
  stopifnot(is.matrix(matrix), is.double(matrix), ncol(matrix) == 1536)
  nrow(matrix)
}

parse_json <- function(url, size, path) {
  nrow(client_at(url)$files$list()$data)
}

many_chats <- function(url, size, path) {
  chat <- client_at(url)$chat
  if (!is.function(chat$map)) not_available("`chat$map()` does not exist")
  answers <- chat$map(
    rep("Hello", size), "gpt-6-luna",
    max_active = 100
  )
  sum(vapply(answers, function(answer) nrow(answer$vres), 0))
}

chats_of_file <- function(in_order) {
  function(url, size, path) {
    results <- paste0(path, ".results")
    on.exit(unlink(results))
    done <- client_at(url)$chat$map(
      prompts_file(path), "gpt-6-luna",
      max_active = 100, results = results, in_order = in_order
    )
    done$answered
  }
}

upload <- function(url, size, path) {
  stopifnot(client_at(url)$files$upload(path, purpose = "batch")$unchanged)
  size
}

download <- function(url, size, path) {
  files <- client_at(url)$files
  if (!is.function(files$download)) {
    not_available("`files$download()` does not exist")
  }
  files$download("file-1", path)
  file.size(path) / 2^20
}

measure(list(
  stream_next_value = read_batches(2),
  stream_next_value_100 = read_batches(100),
  stream_text = read_text,
  stream_each = read_each,
  response_text = response_text,
  response_each = response_each,
  first_event = first_event,
  large_event = read_batches(2),
  embeddings_floats = embed_floats,
  embeddings_base64 = embed_matrix,
  json = parse_json,
  chats = many_chats,
  chats_of_file = chats_of_file(TRUE),
  chats_of_file_unordered = chats_of_file(FALSE),
  upload = upload,
  download = download
))
