# Measures the delay of streamed events, the delay of an interrupt and the time
# of library(openaistream), and prints the figures for README. Run by `make
# bench`.

library(openaistream)

quantiles <- function(seconds) {
  milliseconds <- 1000 * quantile(seconds, c(0.5, 0.99, 1))
  sprintf(
    "median %.2f ms, 99 %% %.2f ms, maximum %.2f ms",
    milliseconds[[1]], milliseconds[[2]], milliseconds[[3]]
  )
}

# Seconds from the server's write of an event to its value in R, for 200 events
# 10 ms apart.
event_latency <- function(events = 200, pause = 0.01) {
  server <- local_server()
  on.exit(server$stop())
  chunk <- "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n"
  server$reply(chunks = c(rep(chunk, events), "data: [DONE]\n\n"), pause = pause)
  client <- openai$new("sk-bench", base_url = server$url)
  stream <- client$chat$create(
    list(list(role = "user", content = "x")), "m",
    stream = TRUE
  )
  arrived <- numeric()
  while (is.list(batch <- stream$next_value)) {
    arrived <- c(arrived, rep(as.numeric(Sys.time()), length(batch$vres)))
  }
  written <- server$requests()[[1]]$written_at[seq_len(events)]
  stopifnot(length(arrived) == events)
  arrived - written
}

# Seconds from the signal to the end of the interrupted call, in separate R
# processes.
interrupt_latency <- function(times = 10) {
  one <- function(i) {
    ready <- tempfile()
    process <- callr::r_bg(function(ready) {
      library(openaistream)
      server <- local_server()
      server$reply(chunks = "", framing = "close", abort = "stall")
      client <- openai$new("sk-bench", base_url = server$url)
      file.create(ready)
      tryCatch(client$models$list(), interrupt = function(e) NULL)
      as.numeric(Sys.time())
    }, list(ready = ready))
    while (!file.exists(ready)) Sys.sleep(0.01)
    Sys.sleep(0.3 + stats::runif(1, 0, 0.1))
    signalled <- as.numeric(Sys.time())
    process$interrupt()
    process$wait(10000)
    process$get_result() - signalled
  }
  vapply(seq_len(times), one, 0)
}

# Seconds that library(openaistream) adds to an Rscript process.
load_seconds <- function(times = 11) {
  run <- function(code) {
    system.time(system2("Rscript", c("-e", shQuote(code))))[["elapsed"]]
  }
  pairs <- vapply(seq_len(times), function(i) {
    c(empty = run("invisible()"), loaded = run("library(openaistream)"))
  }, c(empty = 0, loaded = 0))
  stats::median(pairs["loaded", ]) - stats::median(pairs["empty", ])
}

cat("event to R, 200 events 10 ms apart:", quantiles(event_latency()), "\n")
cat("SIGINT to the condition:           ", quantiles(interrupt_latency()), "\n")
cat("library(openaistream):             ", sprintf(
  "%.0f ms over an empty Rscript\n", 1000 * load_seconds()
))
