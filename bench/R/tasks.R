# The tasks that are measured, each with its contestants.

# A client and the name of its function for a task.
contestant <- function(label, client, method) {
  list(label = label, client = client, method = method)
}

# `workload` is the server's part, for `size` items; `warm` and `warm_size` are
# those of the warm-up. `file` is "upload" or "download" if a file is sent or
# received, and "prompts" if prompts are read from a file.
new_task <- function(id, title, workload, size, warm, warm_size, contestants,
                     file = NULL) {
  list(
    id = id, title = title, workload = workload, size = size, warm = warm,
    warm_size = warm_size, contestants = contestants, file = file
  )
}

ours <- function(method, how) {
  contestant(paste("openaistream", how), "openaistream", method)
}

# The sizes of a full run, and of a quick one that only tests the benchmark.
task_sizes <- function(quick) {
  if (quick) {
    list(
      chunks = 5000, many_chunks = 50000, rows = 256, json = c(1, 10),
      chats = 200, many_chats = 1000, file_chats = 5000, file = 64,
      firsts = 10
    )
  } else {
    list(
      chunks = 20000, many_chunks = 200000, rows = 2048, json = c(1, 10, 100),
      chats = 1000, many_chats = 10000, file_chats = 1e6, file = 512,
      firsts = 50
    )
  }
}

all_tasks <- function(sizes) {
  c(
    stream_tasks(sizes), embedding_tasks(sizes),
    lapply(sizes$json, json_task), chat_tasks(sizes),
    list(chats_of_file_task(sizes)), file_tasks(sizes)
  )
}

stream_tasks <- function(sizes) {
  stream <- function(id, chunks, contestants) {
    new_task(
      id, paste(in_words(chunks), "chat chunks streamed and read"),
      workload("stream", chunks), chunks, "stream-100", 100, contestants
    )
  }
  loops <- list(
    ours("stream_next_value", "`$next_value`, `num = 2`"),
    ours("stream_text", "`$text()`")
  )
  list(
    stream("stream", sizes$chunks, c(loops, list(
      ours("stream_next_value_100", "`$next_value`, `num = 100`"),
      ours("stream_each", "`$each()`"),
      contestant("openai-python", "openai_python", "stream"),
      contestant("httpx and json", "httpx", "stream"),
      contestant("httr2 and jsonlite", "httr2", "stream"),
      contestant("R's curl and jsonlite", "r_curl", "stream"),
      contestant("async-openai", "async_openai", "stream"),
      contestant("hyper and serde_json, a plain loop", "plain", "stream"),
      contestant("curl", "curl", "stream")
    ))),
    stream("many_chunks", sizes$many_chunks, loops),
    new_task(
      "response", paste(
        "a response streamed and read,", in_words(sizes$chunks), "deltas"
      ),
      workload("response", sizes$chunks), sizes$chunks, "response-100", 100,
      list(
        ours("response_text", "`$text()`"),
        ours("response_each", "`$each()`"),
        contestant("openai-python", "openai_python", "response"),
        contestant("async-openai", "async_openai", "response"),
        contestant("hyper and serde_json, a plain loop", "plain", "response")
      )
    ),
    new_task(
      "first_event", paste(
        "delay of the first event, median of", sizes$firsts
      ),
      "timed-0", sizes$firsts, "timed-0", 2, list(
        ours("first_event", "`$next_event()`"),
        contestant("openai-python", "openai_python", "first_event"),
        contestant("curl", "curl", "first_event")
      )
    ),
    new_task(
      "large_event", "one event of 8 MB", "event-8", 1, "event-1", 1, list(
        ours("large_event", "`$next_value`"),
        contestant("openai-python", "openai_python", "large_event"),
        contestant("curl", "curl", "large_event")
      )
    )
  )
}

embedding_tasks <- function(sizes) {
  rows <- paste(in_words(sizes$rows), "embeddings of 1,536 numbers")
  list(
    new_task(
      "floats", paste(rows, "as JSON"), workload("floats", sizes$rows),
      sizes$rows, "floats-8", 8, list(
        ours("embeddings_floats", "`$create()`"),
        contestant("openai-python", "openai_python", "embeddings_floats"),
        contestant("httpx and json", "httpx", "embeddings_floats"),
        contestant("httr2 and jsonlite", "httr2", "embeddings_floats"),
        contestant("R's curl and jsonlite", "r_curl", "embeddings_floats"),
        contestant("async-openai", "async_openai", "embeddings_floats"),
        contestant("curl", "curl", "embeddings_floats")
      )
    ),
    new_task(
      "base64", paste(rows, "as base64"), workload("base64", sizes$rows),
      sizes$rows, "base64-8", 8, list(
        ours("embeddings_base64", "`$create(as = \"matrix\")`"),
        contestant("openai-python", "openai_python", "embeddings_base64"),
        contestant("async-openai", "async_openai", "embeddings_base64"),
        contestant("curl", "curl", "embeddings_base64")
      )
    )
  )
}

json_task <- function(megabytes) {
  new_task(
    paste0("json_", megabytes), paste("a JSON answer of", megabytes, "MB"),
    workload("json", megabytes), NA, "json-1", NA, list(
      ours("json", "`files$list()`"),
      contestant("R's curl and jsonlite", "r_curl", "json"),
      contestant("R's curl and RcppSimdJson", "r_curl", "json_simdjson"),
      contestant("R's curl and yyjsonr", "r_curl", "json_yyjson"),
      contestant("httpx and json", "httpx", "json"),
      contestant("curl", "curl", "json")
    )
  )
}

chat_tasks <- function(sizes) {
  chats <- function(id, count, contestants) {
    new_task(
      id, paste(in_words(count), "chats of 200 ms, 100 at a time"), "wait-200",
      count, "wait-1", 4, contestants
    )
  }
  map <- ours("chats", "`chat$map()`")
  list(
    chats("chats", sizes$chats, list(
      map,
      contestant("openai-python", "openai_python", "chats"),
      contestant("httpx and json", "httpx", "chats"),
      contestant("httr2 and jsonlite", "httr2", "chats"),
      contestant("R's curl and jsonlite", "r_curl", "chats"),
      contestant("async-openai", "async_openai", "chats")
    )),
    chats("many_chats", sizes$many_chats, list(map)),
    new_task(
      "at_once", paste(
        in_words(sizes$many_chats),
        "chats answered immediately, 100 at a time"
      ),
      "wait-0", sizes$many_chats, "wait-0", 100, list(
        map,
        contestant("openai-python", "openai_python", "chats"),
        contestant("async-openai", "async_openai", "chats"),
        contestant(
          "hyper and serde_json, a plain loop", "plain", "chats_in_turn"
        ),
        contestant("hyper and serde_json, 100 loops", "plain", "chats")
      )
    )
  )
}

chats_of_file_task <- function(sizes) {
  new_task(
    "file_chats", paste(
      in_words(sizes$file_chats), "chats from file to file, 100 at a time"
    ),
    "wait-0", sizes$file_chats, "wait-0", 1000, list(
      ours("chats_of_file", "`chat$map(results = )`"),
      ours("chats_of_file_unordered", "the same, `in_order = FALSE`"),
      contestant("hyper and serde_json, a plain loop", "plain", "chats_in_turn")
    ),
    file = "prompts"
  )
}

file_tasks <- function(sizes) {
  transfer <- function(direction, how) {
    new_task(
      direction, paste0(direction, " of a file of ", sizes$file, " MB"),
      workload(direction, sizes$file), sizes$file, paste0(direction, "-1"), 1,
      list(
        ours(direction, how),
        contestant("openai-python", "openai_python", direction),
        contestant("curl", "curl", direction)
      ),
      file = direction
    )
  }
  list(
    transfer("upload", "`files$upload()`"),
    transfer("download", "`files$download()`")
  )
}

workload <- function(name, size) paste0(name, "-", in_digits(size))

in_digits <- function(count) format(count, scientific = FALSE)

in_words <- function(count) {
  format(count, big.mark = ",", scientific = FALSE)
}
