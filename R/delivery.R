# Delivers a stream to functions on R's event loop, in order, and then reports
# once how it ended; created by `$on_event()` of a DataStream. The thread that
# reads the stream wakes the loop; nothing is polled. Callbacks of the loop
# never throw: an error ends the delivery.
#
# A delivery is an environment, not an R6 object: R compiles methods when they
# are first called in a session, which would delay the first events.

# `reader` is the StreamReader; `outcome()` returns how the stream ended, a
# condition or list(value = ).
new_delivery <- function(reader, outcome) {
  delivery <- environment()
  delivery$listeners <- list()
  delivery$awaiting <- FALSE
  delivery
}

# Adds functions; NULL if one is not needed.
deliver_to <- function(delivery, on_event, on_done, on_error) {
  listener <- list(
    on_event = on_event, on_done = on_done, on_error = on_error
  )
  delivery$listeners <- c(delivery$listeners, list(listener))
  await_delivery(delivery)
}

await_delivery <- function(delivery) {
  if (!delivery$awaiting) {
    when_woken(function() deliver(delivery), function(number, loop) {
      unwrap(stream_notify(delivery$reader$source, number, loop))
    })
    delivery$awaiting <- TRUE
  }
}

deliver <- function(delivery) {
  delivery$awaiting <- FALSE
  fail <- function(condition) {
    delivery$reader$close()
    end_delivery(delivery, condition)
    TRUE
  }
  ended <- tryCatch(
    deliver_for(delivery, seconds = 0.01),
    error = fail,
    interrupt = function(e) fail(interrupted_condition())
  )
  if (!ended) {
    await_delivery(delivery)
  }
}

# Other callbacks on the loop get their turn, however fast events arrive.
deliver_for <- function(delivery, seconds) {
  deadline <- proc.time()[["elapsed"]] + seconds
  repeat {
    arrived <- delivery$reader$arrived()
    for (event in arrived$items) {
      notify_listeners(delivery, event)
    }
    delivery$reader$record_end(arrived$end)
    if (delivery$reader$is_finished()) {
      end_delivery(delivery, delivery$outcome())
      return(TRUE)
    }
    timed_out <- proc.time()[["elapsed"]] >= deadline
    if (timed_out || length(arrived$items) == 0L) {
      return(FALSE)
    }
  }
}

# A function may close the stream: then no further events are delivered.
notify_listeners <- function(delivery, event) {
  for (listener in delivery$listeners) {
    if (!is.null(listener$on_event) && !delivery$reader$is_finished()) {
      listener$on_event(event)
    }
  }
}

# Reports how the stream ended to all listeners. If one of their functions
# fails, its error replaces the outcome for its own `on_error` and for later
# listeners.
end_delivery <- function(delivery, outcome) {
  listeners <- delivery$listeners
  delivery$listeners <- list()
  is_handled <- FALSE
  for (listener in listeners) {
    if (!inherits(outcome, "error") && !is.null(listener$on_done)) {
      outcome <- tryCatch(
        {
          listener$on_done(outcome$value)
          outcome
        },
        error = identity
      )
    }
    if (inherits(outcome, "error") && !is.null(listener$on_error)) {
      is_handled <- TRUE
      tryCatch(listener$on_error(outcome), error = report_error)
    }
  }
  expected <- is_handled || inherits(outcome, "openai_cancelled_error")
  if (inherits(outcome, "error") && !expected) {
    report_error(outcome)
  }
}

# Reports an unhandled error where it must not be thrown.
report_error <- function(condition) {
  message("Error in a stream: ", conditionMessage(condition))
}
