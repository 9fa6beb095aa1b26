# The settings of each client and each call.

# The options of a client for `openai$new()` and `$with_options()`; NULL keeps
# the current value.
call_options <- function(timeouts = NULL, max_retries = NULL, max_bytes = NULL,
                         on_error = NULL) {
  list(
    timeouts = check_timeouts(timeouts),
    max_retries = check_optional(max_retries, "max_retries", whole = TRUE),
    max_bytes = check_optional(max_bytes, "max_bytes", whole = TRUE),
    on_error = check_on_error(on_error)
  )
}

# `old` with the values that `new` sets; each timeout separately.
merge_options <- function(old, new) {
  timeouts <- old$timeouts
  timeouts[names(new$timeouts)] <- new$timeouts
  set <- Filter(Negate(is.null), new)
  old[names(set)] <- set
  old$timeouts <- timeouts
  old
}

timeout_names <- c("connect", "first_byte", "idle", "total")

check_timeouts <- function(timeouts) {
  usable <- is.null(timeouts) || (is.numeric(timeouts) && !anyNA(timeouts) &&
    all(timeouts > 0) && !is.null(names(timeouts)) &&
    all(names(timeouts) %in% timeout_names))
  if (!usable) {
    abort_argument(
      "`timeouts` must be seconds (Inf for no limit), named ",
      paste0("\"", timeout_names, "\"", collapse = ", "),
      ", such as c(idle = 30)."
    )
  }
  timeouts
}

check_optional <- function(x, name, whole = FALSE) {
  if (!is.null(x)) {
    check_number(x, name)
    if (whole && x != round(x)) {
      abort_argument("`", name, "` must be a whole number, not ", x, ".")
    }
  }
  x
}

check_on_error <- function(on_error, name = "`on_error`") {
  if (!is.null(on_error) && !(is_string(on_error) &&
    on_error %in% c("return", "stop"))) {
    abort_argument(
      name, " must be \"return\" or \"stop\", not ", describe(on_error), "."
    )
  }
  on_error
}
