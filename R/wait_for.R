# Waits for something that a server does in the background.

# The delays between two polls, in seconds: the first, and the maximum.
first_pause <- 0.5
default_max_pause <- 5

# Polls until `is_over(value)`, with delays that grow up to the maximum, and
# returns the value; calls `late(value)` if that takes longer than `timeout`
# seconds. Returns a promise of the value if `ask()` returns promises.
wait_for <- function(ask, is_over, timeout, asynchronous, late,
                     max_pause = default_max_pause) {
  until <- proc.time()[["elapsed"]] + timeout
  poll <- if (asynchronous) poll_later else poll_now
  poll(ask, is_over, until, late, first_pause, max_pause)
}

poll_now <- function(ask, is_over, until, late, pause, max_pause) {
  line <- wait_line()
  on.exit(line$close())
  repeat {
    value <- ask()
    if (isFALSE(value$success) || is_over(value)) {
      return(value)
    }
    left <- until - proc.time()[["elapsed"]]
    if (left <= 0) {
      return(late(value))
    }
    line$pause(min(pause, left), state_words(value))
    pause <- min(pause * 1.5, max_pause)
  }
}

poll_later <- function(ask, is_over, until, late, pause, max_pause) {
  promises::then(ask(), function(value) {
    left <- until - proc.time()[["elapsed"]]
    if (is_over(value)) {
      value
    } else if (left <= 0) {
      late(value)
    } else {
      promises::promise(function(resolve, reject) {
        later::later(function() {
          next_pause <- min(pause * 1.5, max_pause)
          resolve(poll_later(ask, is_over, until, late, next_pause, max_pause))
        }, min(pause, left))
      })
    }
  })
}

# Signals an error because `value` has not finished in time: an object of `kind`
# ("response"), of the resource `resource` of a client, whose method `again`
# waits again, and whose method `ended_by` cancels it.
abort_late <- function(kind, id, value, timeout, resource, again = "wait",
                       ended_by = "cancel") {
  known <- structure(list(value), names = kind)
  stop(openai_condition(c(list(
    kind = "timeout",
    message = paste0(
      "The ", kind, " ", id, " has not finished after ", timeout, " seconds; ",
      "its status is \"", value$status, "\". It continues: call ",
      "client$", resource, "$", again, "() to wait again, or client$",
      resource, "$", ended_by, "() to stop it."
    )
  ), known)))
}
