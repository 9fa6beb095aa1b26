# Measures the page of the chat app in Chromium, and writes bench/CHAT_APP.md:
# Rscript bench/chat_app.R. bench/chat_app.js records in the page when a token
# comes by the websocket and when it is painted.

library(openaistream)

for (helper in c("server", "browser", "chat-app")) {
  source(file.path("tests", "testthat", paste0("helper-", helper, ".R")))
}

# Markdown of `sections` sections, whose words are numbered: "t17 ".
numbered_markdown <- function(sections) {
  count <- 0
  words <- function(n, after = " ") {
    count <<- count + n
    paste0("t", seq(count - n + 1, count), after)
  }
  unlist(lapply(seq_len(sections), function(section) {
    c(
      "## ", words(3), "\n\n", words(40), "**", words(4), "** ", words(30),
      "$x_i^2$ ", words(10), "\n\n",
      unlist(lapply(1:5, function(item) c("- ", words(10), "\n"))),
      "\n```r\n", words(8, " <- "), "\n", words(30), "\n", words(20),
      "\n```\n\n| ", words(3, " | "), "\n|---|---|---|\n| ", words(3, " | "),
      "\n| ", words(3, " | "), "\n\n\\[ \\sum_i x_i \\]\n\n", words(46), "\n\n"
    )
  }))
}

# One block alone: what is not complete is rendered again with each frame.
one_block <- function(n, before, between = "") {
  words <- paste0("t", seq_len(n), " ")
  ends <- seq_len(n) %% 10 == 0
  c(before, paste0(words, ifelse(ends, paste0("\n", between), "")))
}

json_text <- function(text) {
  vapply(text, function(each) {
    json <- jsonlite::toJSON(each, auto_unbox = TRUE)
    substr(json, 2, nchar(json) - 1)
  }, "", USE.NAMES = FALSE)
}

measure <- function(pieces, pause) {
  server <- local_server()
  on.exit(server$stop())
  server$reply(chunks = chat_events(json_text("Ready. ")))
  server$reply(chunks = chat_events(json_text(pieces)), pause = pause)
  app <- start_chat_app(server$url)
  on.exit(app$stop(), add = TRUE)
  browser <- Browser$new()
  on.exit(browser$close(), add = TRUE)
  browser$devtools(
    "Page.addScriptToEvaluateOnNewDocument",
    source = paste(readLines("bench/chat_app.js"), collapse = "\n")
  )
  browser$open(app$url)
  wait_until(function() browser$shows(".send:enabled"))
  # What is loaded once, and compiled by R.
  ask_in_browser(browser, "Ready?")
  wait_until(function() browser$shows(".complete"))
  browser$run("Object.values(record).forEach((each) => each.splice(0));")
  ask_in_browser(browser, "Go")
  wait_until(function() length(browser$texts(".complete")) == 2, seconds = 600)
  Sys.sleep(0.3)
  rapply(browser$run("return record"), as.numeric, how = "replace")
}

# The milliseconds from the coming of each token to its paint.
latencies <- function(record) {
  arrived <- matrix(unlist(record$arrived), ncol = 2, byrow = TRUE)
  painted <- matrix(unlist(record$painted), ncol = 2, byrow = TRUE)
  tokens <- seq_len(max(painted[, 1]))
  at <- function(table) table[findInterval(tokens - 1, cummax(table[, 1])) + 1, 2]
  at(painted) - at(arrived)
}

row <- function(name, pieces, pause) {
  record <- measure(pieces, pause)
  times <- latencies(record)
  tasks <- vapply(record$tasks, `[[`, 0, 2)
  seconds <- diff(range(vapply(record$arrived, `[[`, 0, 2))) / 1000
  shown <- c(
    name, length(times), sprintf("%.1f s", seconds),
    sprintf("%.0f ms", c(
      stats::median(times), stats::quantile(times, 0.99), max(times),
      stats::quantile(unlist(record$frames), 0.99), max(unlist(record$frames))
    )),
    if (length(tasks)) {
      sprintf("%d, longest %.0f ms", length(tasks), max(tasks))
    } else {
      "none"
    }
  )
  message(paste(shown, collapse = " | "))
  paste("|", paste(shown, collapse = " | "), "|")
}

answer <- numbered_markdown(38)
rows <- c(
  row("mixed, at full speed", answer, 0),
  row("mixed, 100 a second", numbered_markdown(4), 0.01),
  row("one code block, at full speed", one_block(10000, "```r\n"), 0),
  row("one list, at full speed", one_block(10000, "- ", "- "), 0),
  row("one paragraph, at full speed", one_block(10000, ""), 0)
)
about <- c(
  "# The page of the chat app",
  "",
  "Written by `Rscript bench/chat_app.R`: answers as they stream from a server on the same machine through R",
  "into Chromium without a window. The time of a token is that from its websocket frame to the first frame of the",
  "screen after it was painted; a long task keeps the page's thread for more than 50 ms.",
  "",
  "| answer | tokens | came in | median | 99 % | longest | frames, 99 % | longest | long tasks |",
  "|---|---|---|---|---|---|---|---|---|"
)
writeLines(c(about, rows), "bench/CHAT_APP.md")
