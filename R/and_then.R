# Steps one after the other, for calls that wait and for calls that return
# promises.

# What `f` makes of a value, or the promise of what it makes of the value of a
# promise.
and_then <- function(value, f) {
  if (inherits(value, "promise")) promises::then(value, f) else f(value)
}

# A list of what `f` makes of the elements of `items`, one after the other.
in_turn <- function(items, f, done = list()) {
  for (place in seq_along(items)) {
    value <- f(items[[place]])
    if (inherits(value, "promise")) {
      rest <- items[-seq_len(place)]
      return(promises::then(value, function(value) {
        in_turn(rest, f, c(done, list(value)))
      }))
    }
    done <- c(done, list(value))
  }
  done
}

# The value of `call()`; where that fails with an error of the API, what
# `failed` makes of the condition.
or_failed <- function(call, failed) {
  value <- tryCatch(call(), openai_error = failed)
  if (inherits(value, "promise")) {
    value <- promises::catch(value, function(e) {
      if (inherits(e, "openai_error")) failed(e) else stop(e)
    })
  }
  value
}

# Waits, or promises to have waited.
pause_for <- function(seconds, asynchronous) {
  if (!asynchronous) {
    return(Sys.sleep(seconds))
  }
  promises::promise(function(resolve, reject) {
    later::later(function() resolve(NULL), seconds)
  })
}
