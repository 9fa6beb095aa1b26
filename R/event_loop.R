# How threads of the core call R: through the event loop of the package later.

# The functions that wait to be woken, by number, and the last number given.
event_loop <- new.env(parent = emptyenv())
event_loop$last <- 0

# Has `fn` called once on the current event loop, as soon as the core wakes the
# number that `register(number, loop)` gives it. `fn` must not fail: under later
# 1.3.0 its error would reach whoever runs the loop, without its message.
when_woken <- function(fn, register) {
  connect_event_loop()
  event_loop$last <- event_loop$last + 1
  number <- event_loop$last
  name <- as.character(number)
  registered <- FALSE
  on.exit(if (!registered) rm(list = name, envir = event_loop))
  assign(name, fn, envir = event_loop)
  register(number, later::current_loop()$id)
  registered <- TRUE
}

connect_event_loop <- function() {
  check_installed("later", "What happens while R goes on")
  .Call("event_loop_connect", topenv(), PACKAGE = "openaistream")
}

# Called by src/event_loop.c.
wake <- function(number) {
  name <- as.character(number)
  fn <- event_loop[[name]]
  rm(list = name, envir = event_loop)
  fn()
}

# A promise of what `succeeded` makes of the answer to a request.
promised_call <- function(fields, succeeded) {
  promises::promise(function(resolve, reject) {
    pending <- NULL
    settle <- function() {
      tryCatch(
        resolve(unwrap(request_finish(pending), succeeded = succeeded)),
        error = reject,
        interrupt = function(e) reject(interrupted_condition())
      )
    }
    when_woken(settle, function(number, loop) {
      pending <<- unwrap(request_start(fields, number, loop))
    })
  })
}
