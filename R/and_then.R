# Sequential steps, for blocking calls and for calls that return promises.

# Applies `f` to a value, or to the value of a promise once it is resolved.
and_then <- function(value, f) {
  if (inherits(value, "promise")) promises::then(value, f) else f(value)
}

# Applies `f` to the elements of `items`, one after the other; returns a list.
in_sequence <- function(items, f, done = list()) {
  for (index in seq_along(items)) {
    value <- f(items[[index]])
    if (inherits(value, "promise")) {
      rest <- items[-seq_len(index)]
      return(promises::then(value, function(value) {
        in_sequence(rest, f, c(done, list(value)))
      }))
    }
    done <- c(done, list(value))
  }
  done
}

# The value of `call()`; if it fails with an API error, what `failed` returns
# for the condition.
or_else <- function(call, failed) {
  value <- tryCatch(call(), openai_error = failed)
  if (inherits(value, "promise")) {
    value <- promises::catch(value, function(e) {
      if (inherits(e, "openai_error")) failed(e) else stop(e)
    })
  }
  value
}

# Waits, or returns a promise that resolves after the wait.
pause_for <- function(seconds, asynchronous) {
  if (!asynchronous) {
    return(Sys.sleep(seconds))
  }
  promises::promise(function(resolve, reject) {
    later::later(function() resolve(NULL), seconds)
  })
}
