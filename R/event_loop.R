# How threads of the core call R: through the event loop of the package later.

# The waiting functions, by number; the last number assigned, and whether the
# loop was found.
event_loop <- new.env(parent = emptyenv())
event_loop$last <- 0

# Calls `fn` once on the current event loop, as soon as the core wakes the
# number that `register(number, loop)` receives. `fn` must not fail: under later
# 1.3.0 its error would reach whoever runs the loop, without its message.
when_woken <- function(fn, register) {
  connect_event_loop()
  # Until then the loop must not look empty to code that runs it until it is.
  release <- later::later(function() NULL, delay = 1e6)
  event_loop$last <- event_loop$last + 1
  number <- event_loop$last
  waiting <- list(fn = fn, release = release)
  assign(as.character(number), waiting, envir = event_loop)
  registered <- FALSE
  on.exit(if (!registered) forget(number))
  register(number, later::current_loop()$id)
  registered <- TRUE
}

# Once per session: this runs for each event of a slow stream.
connect_event_loop <- function() {
  if (!isTRUE(event_loop$connected)) {
    check_installed("later", "Calling functions on R's event loop")
    .Call("event_loop_connect", topenv(), PACKAGE = "openaistream")
    event_loop$connected <- TRUE
  }
}

# Returns and removes what waited under a number.
forget <- function(number) {
  name <- as.character(number)
  waiting <- event_loop[[name]]
  rm(list = name, envir = event_loop)
  waiting$release()
  waiting
}

# Called by src/event_loop.c. An unknown number was assigned before the package
# was unloaded and loaded again.
wake <- function(number) {
  if (!is.null(event_loop[[as.character(number)]])) {
    forget(number)$fn()
  }
}

# A promise of what `succeeded` returns for the response to a request.
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
