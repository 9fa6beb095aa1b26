# The benchmark's client that uses R's curl, with jsonlite.

source("measure.R")

handle_for <- function(body) {
  handle <- curl::new_handle(postfields = body)
  curl::handle_setheaders(
    handle,
    "Content-Type" = "application/json", Authorization = "Bearer sk-bench"
  )
}

chat_body <- '{"model":"m","messages":[{"role":"user","content":"Hello"}]}'

read_stream <- function(url, size, path) {
  connection <- curl::curl(
    paste0(url, "/chat/completions"), "rb",
    handle = handle_for(chat_body)
  )
  on.exit(close(connection))
  events <- 0
  # Without blocking, lines are returned as they arrive.
  while (length(lines <- readLines(connection, 1000))) {
    lines <- lines[startsWith(lines, "data: {")]
    for (line in lines) {
      event <- jsonlite::fromJSON(substring(line, 7), simplifyVector = FALSE)
      stopifnot(is.character(event$choices[[1]]$delta$content))
    }
    events <- events + length(lines)
  }
  events
}

fetch_json <- function(url, handle = curl::new_handle()) {
  answer <- curl::curl_fetch_memory(url, handle)
  jsonlite::fromJSON(rawToChar(answer$content))
}

embed_floats <- function(url, size, path) {
  body <- jsonlite::toJSON(
    list(model = "m", input = rep("a river", size)),
    auto_unbox = TRUE
  )
  nrow(fetch_json(paste0(url, "/embeddings"), handle_for(body))$data)
}

parse_json <- function(url, size, path) {
  nrow(fetch_json(paste0(url, "/files"))$data)
}

# The same with other parsers, if they are installed.
parse_with <- function(package, parse) {
  function(url, size, path) {
    if (!requireNamespace(package, quietly = TRUE)) {
      not_available(paste(package, "is not installed"))
    }
    answer <- curl::curl_fetch_memory(paste0(url, "/files"))
    nrow(parse(answer$content)$data)
  }
}

many_chats <- function(url, size, path) {
  pool <- curl::new_pool(total_con = 100, host_con = 100)
  choices <- 0
  for (i in seq_len(size)) {
    handle <- handle_for(chat_body)
    curl::handle_setopt(handle, url = paste0(url, "/chat/completions"))
    curl::multi_add(handle, pool = pool, done = function(answer) {
      answer <- jsonlite::fromJSON(rawToChar(answer$content))
      choices <<- choices + nrow(answer$choices)
    })
  }
  curl::multi_run(pool = pool)
  choices
}

measure(list(
  stream = read_stream,
  embeddings_floats = embed_floats,
  json = parse_json,
  json_simdjson = parse_with("RcppSimdJson", function(bytes) {
    RcppSimdJson::fparse(bytes)
  }),
  json_yyjson = parse_with("yyjsonr", function(bytes) {
    yyjsonr::read_json_raw(bytes)
  }),
  chats = many_chats
))
