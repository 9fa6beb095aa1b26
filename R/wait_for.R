# Waits for something that a server does in the background.

# The delays between two polls, in seconds: the first, and the maximum.
first_pause <- 0.5
default_max_pause <- 5

# Polls until `is_finished(value)`, with delays that grow up to the maximum, and
# returns the value; calls `on_timeout(value)` if that takes longer than
# `timeout` seconds. Returns a promise of the value if `fetch()` returns
# promises.
wait_for <- function(fetch, is_finished, timeout, asynchronous, on_timeout,
                     max_pause = default_max_pause) {
  deadline <- proc.time()[["elapsed"]] + timeout
  poll <- if (asynchronous) poll_later else poll_now
  poll(fetch, is_finished, deadline, on_timeout, first_pause, max_pause)
}

poll_now <- function(fetch, is_finished, deadline, on_timeout, pause,
                     max_pause) {
  line <- wait_line()
  on.exit(line$close())
  repeat {
    value <- fetch()
    if (isFALSE(value$success) || is_finished(value)) {
      return(value)
    }
    remaining <- deadline - proc.time()[["elapsed"]]
    if (remaining <= 0) {
      return(on_timeout(value))
    }
    line$pause(min(pause, remaining), describe_state(value))
    pause <- min(pause * 1.5, max_pause)
  }
}

poll_later <- function(fetch, is_finished, deadline, on_timeout, pause,
                       max_pause) {
  promises::then(fetch(), function(value) {
    remaining <- deadline - proc.time()[["elapsed"]]
    if (is_finished(value)) {
      value
    } else if (remaining <= 0) {
      on_timeout(value)
    } else {
      promises::promise(function(resolve, reject) {
        later::later(function() {
          next_pause <- min(pause * 1.5, max_pause)
          resolve(poll_later(
            fetch, is_finished, deadline, on_timeout, next_pause, max_pause
          ))
        }, min(pause, remaining))
      })
    }
  })
}

# Signals an error because `value` has not finished in time: an object of `kind`
# ("response"), of the resource `resource` of a client, whose method
# `poll_method` waits again, and whose method `cancel_method` cancels it.
abort_timeout <- function(kind, id, value, timeout, resource,
                          poll_method = "wait", cancel_method = "cancel") {
  fields <- structure(list(value), names = kind)
  stop(openai_condition(c(list(
    kind = "timeout",
    message = paste0(
      "The ", kind, " ", id, " has not finished after ", timeout, " seconds; ",
      "its status is \"", value$status, "\". It continues: call ",
      "client$", resource, "$", poll_method, "() to wait again, or client$",
      resource, "$", cancel_method, "() to stop it."
    )
  ), fields)))
}
