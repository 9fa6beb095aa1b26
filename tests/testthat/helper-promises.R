# Promises in tests.

# Runs the event loop until `condition()` is true.
run_loop_until <- function(condition, seconds = 20) {
  wait_until(function() {
    later::run_now(0.05)
    condition()
  }, seconds)
}

# The outcome of a promise: list(value = ) or list(error = ).
settled <- function(promise, seconds = 20) {
  result <- NULL
  promises::then(
    promise,
    function(value) result <<- list(value = value),
    function(error) result <<- list(error = error)
  )
  run_loop_until(function() !is.null(result), seconds)
  result
}

# The value of a fulfilled promise; signals the error of a rejected one.
value_of <- function(promise) {
  outcome <- settled(promise)
  if (!is.null(outcome$error)) stop(outcome$error)
  outcome$value
}
