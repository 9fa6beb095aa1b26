# Measures the page of the chat app in Chromium, and writes bench/CHAT_APP.md:
# Rscript bench/chat_app.R. bench/chat_app.js records in the page when a token
# arrives over the websocket and when it is painted.

library(openaistream)

for (helper in c("server", "browser", "chat-app", "markdown")) {
  source(file.path("tests", "testthat", paste0("helper-", helper, ".R")))
}

# Markdown with `sections` sections, whose words are numbered: "t17 ".
numbered_markdown <- function(sections) {
  count <- 0
  words <- function(n, after = " ") {
    count <<- count + n
    paste0("t", seq(count - n + 1, count), after)
  }
  unlist(lapply(seq_len(sections), function(section) {
    c(
      "## ", words(3), "\n\n", words(40), "**", words(4), "** ", words(30),
      "\\(x_i^2\\) ", words(10), "\n\n",
      unlist(lapply(1:5, function(item) c("- ", words(10), "\n"))),
      "\n```r\n", words(8, " <- "), "\n", words(30), "\n", words(20),
      "\n```\n\n| ", words(3, " | "), "\n|---|---|---|\n| ", words(3, " | "),
      "\n| ", words(3, " | "), "\n\n\\[ \\sum_i x_i \\]\n\n", words(46), "\n\n"
    )
  }))
}

# A single block: an incomplete block is rendered again in each frame.
one_block <- function(n, before, between = "") {
  words <- paste0("t", seq_len(n), " ")
  ends <- seq_len(n) %% 10 == 0
  c(before, paste0(words, ifelse(ends, paste0("\n", between), "")))
}

# Returns the value of `read(browser)` after an answer streamed in these pieces.
# A first answer loads the libraries of the page and compiles R's functions;
# after it, `begin(browser)` runs.
after_answer <- function(browser, pieces, pause, begin, read) {
  server <- local_server()
  on.exit(server$stop())
  server$reply(chunks = chat_events(json_strings("Ready.")))
  server$reply(chunks = chat_events(json_strings(pieces)), pause = pause)
  app <- start_chat_app(server$url)
  on.exit(app$stop(), add = TRUE)
  on.exit(browser$close(), add = TRUE)
  browser$open(app$url)
  wait_until(function() browser$shows(".send:enabled"))
  ask_in_browser(browser, "Ready?")
  wait_until(function() browser$shows(".complete"), seconds = 60)
  begin(browser)
  ask_in_browser(browser, "Go")
  wait_until(function() length(browser$texts(".complete")) == 2, seconds = 600)
  Sys.sleep(0.3)
  read(browser)
}

recorded <- function(pieces, pause) {
  browser <- Browser$new()
  browser$devtools(
    "Page.addScriptToEvaluateOnNewDocument",
    source = paste(readLines("bench/chat_app.js"), collapse = "\n")
  )
  record <- after_answer(
    browser, pieces, pause,
    begin = function(browser) {
      browser$run("Object.values(record).forEach((each) => each.splice(0));")
    },
    read = function(browser) browser$run("return record")
  )
  rapply(record, as.numeric, how = "replace")
}

# The processor time of each task of the page's main thread in milliseconds,
# from Chromium's trace. Unlike elapsed time, it does not depend on other load.
traced_tasks <- function(pieces, pause) {
  browser <- Browser$new(
    options = list(perfLoggingPrefs = list(
      enableNetwork = FALSE, enablePage = FALSE, traceCategories = "toplevel"
    )),
    capabilities = list(`goog:loggingPrefs` = list(performance = "ALL"))
  )
  read <- function(browser) {
    lines <- vapply(browser$log("performance"), `[[`, "", "message")
    wanted <- "thread_name|ThreadControllerImpl::RunTask"
    lapply(lines[grepl(wanted, lines)], function(line) {
      jsonlite::fromJSON(line, simplifyVector = FALSE)$message$params
    })
  }
  # Times in the trace are microseconds since the start of the machine.
  uptime <- function() scan("/proc/uptime", n = 1, quiet = TRUE)
  start <- NULL
  events <- after_answer(
    browser, pieces, pause,
    begin = function(browser) start <<- uptime(), read = read
  )
  number <- function(events, name) {
    vapply(events, function(event) as.numeric(c(event[[name]], 0)[[1]]), 0)
  }
  is_main <- function(event) identical(event$args$name, "CrRendererMain")
  main <- number(Filter(is_main, events), "tid")
  tasks <- events[number(events, "tid") %in% main & number(events, "ts") > 1e6 * start]
  # The page's main thread is the busiest one.
  threads <- split(number(tasks, "tdur") / 1000, number(tasks, "tid"))
  threads[[which.max(vapply(threads, sum, 0))]]
}

# The milliseconds from the arrival of each token to its paint.
latencies <- function(record) {
  arrived <- matrix(unlist(record$arrived), ncol = 2, byrow = TRUE)
  painted <- matrix(unlist(record$painted), ncol = 2, byrow = TRUE)
  tokens <- seq_len(max(painted[, 1]))
  at <- function(table) table[findInterval(tokens - 1, cummax(table[, 1])) + 1, 2]
  at(painted) - at(arrived)
}

row <- function(name, pieces, pause) {
  record <- recorded(pieces, pause)
  times <- latencies(record)
  tasks <- traced_tasks(pieces, pause)
  seconds <- diff(range(vapply(record$arrived, `[[`, 0, 2))) / 1000
  shown <- c(
    name, length(times), sprintf("%.1f s", seconds),
    sprintf("%.0f ms", c(
      stats::median(times), stats::quantile(times, 0.99),
      stats::quantile(unlist(record$frames), 0.99), max(tasks)
    )),
    sum(tasks > 50)
  )
  message(paste(shown, collapse = " | "))
  paste("|", paste(shown, collapse = " | "), "|")
}

load <- scan("/proc/loadavg", n = 1, quiet = TRUE)
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
  "Written by `Rscript bench/chat_app.R`: answers stream from a server on the same machine through R to a headless",
  "Chromium. The delay of a token is the time from its websocket frame to the first frame of the screen that shows it;",
  "it depends on other load. A task is an uninterrupted run of code on the page's main thread; its time is processor",
  "time from Chromium's trace, which does not depend on other load.",
  "",
  sprintf(
    "Measured on %d processors, with a load average of %.1f at the start.",
    parallel::detectCores(), load
  ),
  "",
  "| answer | tokens | received in | delay, median | delay, 99 % | frame, 99 % | longest task | tasks over 50 ms |",
  "|---|---|---|---|---|---|---|---|"
)
writeLines(c(about, rows), "bench/CHAT_APP.md")
