# Measures streams on R's event loop, and prints the figures for README.
# Run by `make bench`.

library(openaistream)
# Loaded before the measurement, as in every app with an event loop.
invisible(loadNamespace("later"))

hello <- list(list(role = "user", content = "x"))
chunk <- "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n"
now <- function() as.numeric(Sys.time())

# Returns a function that opens a stream of `events` events, `pause` seconds
# apart.
stream_opener <- function(server, events, pause, times = 1) {
  server$reply(
    chunks = c(rep(chunk, events), "data: [DONE]\n\n"), pause = pause,
    times = times
  )
  client <- openai$new("sk-bench", base_url = server$url)
  function() client$chat$create(hello, "m", stream = TRUE)
}

run_loop <- function() {
  while (!later::loop_empty()) later::run_now(10)
}

# Milliseconds from the server's write of an event to the call of the function,
# for 200 events 10 ms apart. Some events are read before the measurement, so
# that R compiles the functions; and garbage is collected before it, as
# system.time() does (a full collection takes 50 ms).
handler_latency <- function(deliver, events = 200) {
  if (events == 200) handler_latency(deliver, events = 40)
  server <- local_server()
  on.exit(server$stop())
  called <- numeric()
  gc()
  stream <- stream_opener(server, events, 0.01)()
  deliver(stream, function(event) called <<- c(called, now()))
  1000 * (called - server$requests()[[1]]$written_at[seq_along(called)])
}

# The longest gap in milliseconds between calls that run every 50 ms on the
# loop, while a server takes 5 s to respond with status 429 and `Retry-After:
# 3`, and then streams 200 events.
longest_gap <- function() {
  server <- local_server()
  on.exit(server$stop())
  server$reply(
    status = 429, headers = c("Retry-After" = "3"), body = "{}", delay = 5
  )
  open <- stream_opener(server, 200, 0.005)
  times <- now()
  is_done <- FALSE
  tick <- function() {
    times <<- c(times, now())
    if (!is_done) later::later(tick, 0.05)
  }
  tick()
  open()$on_event(function(event) NULL, on_done = function(x) is_done <<- TRUE)
  run_loop()
  1000 * max(diff(times))
}

# Seconds until `count` concurrent streams, each of a second, are complete.
concurrent_seconds <- function(count) {
  server <- local_server()
  on.exit(server$stop())
  open <- stream_opener(server, 100, 0.01, times = count)
  system.time({
    for (i in seq_len(count)) open()$on_event(function(event) NULL)
    run_loop()
  })[["elapsed"]]
}

# Milliseconds from close() in a function until the server sees the closed
# connection.
cancel_latency <- function() {
  server <- local_server()
  on.exit(server$stop())
  stream <- stream_opener(server, 1000, 0.01)()
  closed <- NULL
  seen <- 0
  stream$on_event(function(event) {
    seen <<- seen + 1
    if (seen == 10) {
      closed <<- now()
      stream$close()
    }
  })
  run_loop()
  while (is.null(at <- server$requests()[[1]]$closed_at)) Sys.sleep(0.001)
  1000 * (at - closed)
}

show <- function(name, milliseconds) {
  cat(sprintf(
    "%-44s median %.2f ms, 99 %% %.2f ms, maximum %.2f ms\n", name,
    median(milliseconds), quantile(milliseconds, 0.99), max(milliseconds)
  ))
}

show("event to the function of $each()", handler_latency(
  function(stream, fn) stream$each(fn)
))
show("event to the function of $on_event()", handler_latency(
  function(stream, fn) {
    stream$on_event(fn)
    run_loop()
  }
))
show("close() in a function to the server", replicate(5, cancel_latency()))
one <- median(replicate(3, concurrent_seconds(1)))
twenty <- median(replicate(3, concurrent_seconds(20)))
cat(sprintf(
  "20 concurrent streams: %.2f s, one: %.2f s, ratio %.2f\n",
  twenty, one, twenty / one
))
cat(sprintf(
  "longest gap between calls every 50 ms on the loop: %.0f ms\n", longest_gap()
))
