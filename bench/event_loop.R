# Measures streams on R's event loop, and prints the figures for README.
# Run by `make bench`.

library(openaistream)
# Loaded before the measurement, as in every app that has an event loop.
invisible(loadNamespace("later"))

hello <- list(list(role = "user", content = "x"))
chunk <- "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n"
now <- function() as.numeric(Sys.time())

# A stream of that many events, `pause` seconds apart.
paced <- function(server, events, pause, times = 1) {
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

# 200 events, 10 ms apart: from the server's write to the call of the function. A
# few go before, for R compiles what is called often while it runs; and R's garbage
# is collected before (a full collection takes 50 ms), as system.time() does.
handler_latency <- function(deliver, events = 200) {
  if (events == 200) handler_latency(deliver, events = 40)
  server <- local_server()
  on.exit(server$stop())
  called <- numeric()
  gc()
  stream <- paced(server, events, 0.01)()
  deliver(stream, function(event) called <<- c(called, now()))
  1000 * (called - server$requests()[[1]]$written_at[seq_along(called)])
}

# The longest gap between beats of 50 ms on the loop, while a server takes 5 s to
# answer 429 with `Retry-After: 3`, and then streams 200 events.
longest_gap <- function() {
  server <- local_server()
  on.exit(server$stop())
  server$reply(
    status = 429, headers = c("Retry-After" = "3"), body = "{}", delay = 5
  )
  open <- paced(server, 200, 0.005)
  beats <- now()
  over <- FALSE
  beat <- function() {
    beats <<- c(beats, now())
    if (!over) later::later(beat, 0.05)
  }
  beat()
  open()$on_event(function(event) NULL, on_done = function(x) over <<- TRUE)
  run_loop()
  1000 * max(diff(beats))
}

# Seconds until all of that many streams, each of a second, are complete.
side_by_side <- function(count) {
  server <- local_server()
  on.exit(server$stop())
  open <- paced(server, 100, 0.01, times = count)
  system.time({
    for (i in seq_len(count)) open()$on_event(function(event) NULL)
    run_loop()
  })[["elapsed"]]
}

# From close() in a function to the moment when the server sees it.
cancel_latency <- function() {
  server <- local_server()
  on.exit(server$stop())
  stream <- paced(server, 1000, 0.01)()
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

show <- function(what, milliseconds) {
  cat(sprintf(
    "%-44s median %.2f ms, 99 %% %.2f ms, most %.2f ms\n", what,
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
one <- median(replicate(3, side_by_side(1)))
twenty <- median(replicate(3, side_by_side(20)))
cat(sprintf(
  "20 streams at once: %.2f s, one: %.2f s, ratio %.2f\n",
  twenty, one, twenty / one
))
cat(sprintf(
  "longest gap between beats of 50 ms on the loop: %.0f ms\n", longest_gap()
))
