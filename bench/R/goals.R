# The goals for the package's speed, compared with medians of the runs.

# The median of a field of a contestant's runs; NA if it has none.
median_of <- function(runs, task, label, field = "seconds") {
  values <- runs[[field]][runs$task == task & runs$label == label]
  if (length(values)) stats::median(values) else NA_real_
}

# The time of `label` relative to that of `other`.
times_as_long <- function(runs, task, label, other) {
  median_of(runs, task, label) / median_of(runs, task, other)
}

# One goal: the measured value, as text in `shown`, and whether it meets the
# requirement (NA if it was not measured).
goal <- function(row, requirement, value, is_met, shown) {
  list(
    row = row, requirement = requirement, value = value, is_met = is_met,
    shown = shown
  )
}

at_least <- function(row, value, limit, unit, note = "") {
  goal(
    row, paste0("at least ", in_words(limit), unit, note), value,
    value >= limit, paste0(rounded(value), unit)
  )
}

at_most <- function(row, value, limit, unit, note = "") {
  goal(
    row, paste0("at most ", in_words(limit), unit, note), value,
    value <= limit, paste0(rounded(value), unit)
  )
}

rounded <- function(value) in_words(signif(value, 3))

next_value <- "openaistream `$next_value`, `num = 2`"
whole_text <- "openaistream `$text()`"
plain_loop <- "hyper and serde_json, a plain loop"
matrix <- "openaistream `$create(as = \"matrix\")`"

all_goals <- function(runs, sizes) {
  c(
    stream_goals(runs, sizes), list(each_goal(runs, sizes)),
    response_goals(runs, sizes),
    embedding_goals(runs),
    unlist(lapply(sizes$json, json_goals, runs = runs), recursive = FALSE),
    chat_goals(runs, sizes), chats_of_file_goals(runs, sizes),
    transfer_goals(runs, "upload", "openaistream `files$upload()`"),
    transfer_goals(runs, "download", "openaistream `files$download()`")
  )
}

response_goals <- function(runs, sizes) {
  row <- paste("a response of", in_words(sizes$chunks), "deltas, `$text()`")
  ratio_to <- function(other) times_as_long(runs, "response", other, whole_text)
  list(
    at_least(row, ratio_to("openai-python"), 25, " x openai-python"),
    at_least(row, 100 * ratio_to(plain_loop), 60, " % of a plain hyper loop")
  )
}

each_goal <- function(runs, sizes) {
  at_most(
    paste(in_words(sizes$chunks), "chunks, `$each()`"),
    times_as_long(runs, "stream", "openaistream `$each()`", next_value),
    1.3, " x the time of `$next_value`, `num = 2`"
  )
}

stream_goals <- function(runs, sizes) {
  loop <- paste(in_words(sizes$chunks), "chunks, `$next_value`, `num = 2`")
  text <- paste(in_words(sizes$chunks), "chunks, `$text()`")
  growth <- paste(in_words(sizes$many_chunks), "chunks, relative to that")
  more <- sizes$many_chunks / sizes$chunks
  ratio_to <- function(other, label) times_as_long(runs, "stream", other, label)
  grown <- function(label) {
    median_of(runs, "many_chunks", label, "peak_mb") -
      median_of(runs, "stream", label, "peak_mb")
  }
  ratio <- function(label) {
    median_of(runs, "many_chunks", label) / median_of(runs, "stream", label)
  }
  # The words that the server streams have 5 bytes on average.
  text_mb <- 5 * (sizes$many_chunks - sizes$chunks) / 2^20
  list(
    at_least(
      loop, sizes$chunks / median_of(runs, "stream", next_value),
      200000, " events/s"
    ),
    at_least(
      loop, ratio_to("openai-python", next_value), 25, " x openai-python"
    ),
    at_least(loop, ratio_to("httr2 and jsonlite", next_value), 40, " x httr2"),
    goal(
      text, "at least 5 x the row above, or 60 % of the plain Rust loop",
      ratio_to(next_value, whole_text),
      ratio_to(next_value, whole_text) >= 5 ||
        ratio_to(plain_loop, whole_text) >= 0.6,
      sprintf(
        "%.1f x, or %.0f %%", ratio_to(next_value, whole_text),
        100 * ratio_to(plain_loop, whole_text)
      )
    ),
    at_most(
      paste0(growth, ", `$next_value`"), ratio(next_value), 1.1 * more,
      " x the time"
    ),
    at_most(
      paste0(growth, ", `$text()`"), ratio(whole_text), 1.1 * more,
      " x the time"
    ),
    at_most(
      paste0(growth, ", `$next_value`"), grown(next_value),
      signif(text_mb, 3), " MB more at the peak", ", the text"
    ),
    at_most(
      paste0(growth, ", `$text()`"), grown(whole_text),
      signif(text_mb, 3), " MB more at the peak", ", the text"
    ),
    at_most(
      "first event", 1000 * (
        median_of(runs, "first_event", "openaistream `$next_event()`") -
          median_of(runs, "first_event", "curl")
      ), 1, " ms over curl"
    ),
    at_most(
      "one event of 8 MB",
      median_of(runs, "large_event", "openaistream `$next_value`"), 0.1, " s"
    )
  )
}

embedding_goals <- function(runs) {
  floats <- "embeddings as JSON, 0.3.0's shape"
  base64 <- "embeddings as base64 to a matrix"
  list_shape <- "openaistream `$create()`"
  list(
    at_most(floats, median_of(runs, "floats", list_shape), 0.35, " s"),
    at_least(
      floats, times_as_long(runs, "floats", "openai-python", list_shape), 15,
      " x openai-python"
    ),
    at_most(base64, median_of(runs, "base64", matrix), 0.1, " s"),
    at_least(
      base64, times_as_long(runs, "base64", "openai-python", matrix), 6,
      " x openai-python"
    )
  )
}

json_goals <- function(megabytes, runs) {
  row <- paste("JSON answer of", megabytes, "MB")
  ratio_to <- function(other, limit, unit) {
    task <- paste0("json_", megabytes)
    label <- "openaistream `files$list()`"
    at_least(row, times_as_long(runs, task, other, label), limit, unit)
  }
  list(
    ratio_to("R's curl and jsonlite", 8, " x jsonlite"),
    ratio_to("R's curl and RcppSimdJson", 1, " x RcppSimdJson"),
    ratio_to("R's curl and yyjsonr", 1, " x yyjsonr")
  )
}

chat_goals <- function(runs, sizes) {
  map <- "openaistream `chat$map()`"
  row <- paste(in_words(sizes$chats), "chats of 200 ms, 100 at a time")
  more <- sizes$many_chats / sizes$chats
  list(
    at_most(row, median_of(runs, "chats", map), 2.3 * sizes$chats / 1000, " s"),
    at_least(
      row, times_as_long(runs, "chats", "openai-python", map), 2.2,
      " x openai-python"
    ),
    at_most(
      paste(in_words(sizes$many_chats), "chats, relative to that"),
      median_of(runs, "many_chats", map) / median_of(runs, "chats", map),
      1.1 * more, " x the time"
    ),
    at_least(
      paste(in_words(sizes$many_chats), "chats answered immediately"),
      100 * times_as_long(runs, "at_once", plain_loop, map), 60,
      " % of a plain hyper loop's rate",
      ", which sends one request after the other"
    )
  )
}

chats_of_file_goals <- function(runs, sizes) {
  goals <- lapply(c(
    "`chat$map(results = )`", "the same, `in_order = FALSE`"
  ), function(how) {
    label <- paste("openaistream", how)
    row <- paste0(in_words(sizes$file_chats), " chats from file to file, ", how)
    list(
      at_most(
        row, median_of(runs, "file_chats", label, "grown_mb"), 64,
        " MB more resident"
      ),
      at_least(
        row, 100 * times_as_long(runs, "file_chats", plain_loop, label), 60,
        " % of a plain hyper loop's rate",
        ", which sends one request after the other and stores nothing"
      )
    )
  })
  unlist(goals, recursive = FALSE)
}

transfer_goals <- function(runs, direction, label) {
  list(
    at_least(
      direction, times_as_long(runs, direction, "curl", label), 0.8,
      " x curl's rate"
    ),
    at_most(
      direction, median_of(runs, direction, label, "grown_mb"), 24,
      " MB more resident"
    )
  )
}
