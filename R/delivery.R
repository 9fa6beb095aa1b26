#' Delivery of a stream to functions
#'
#' @description
#' Calls functions on R's event loop with the events of one stream, in order, and
#' once with how it ended; `$on_event()` of a [DataStream] makes one. The thread
#' that reads the stream wakes the loop; nothing is polled.
#'
#' Nothing is thrown out of a callback of the loop: what fails ends the delivery.
#' @noRd
Delivery <- R6::R6Class(
  "Delivery",
  cloneable = FALSE,
  public = list(
    # `source` is the stream of the core; `arrived()` gives what has come, without
    # waiting, as list(items = , end = ); `conclude(end)` notes the end; `is_over()`
    # tells whether there was one; `outcome()` which, a condition or
    # list(value = ); `close()` cancels the stream.
    initialize = function(source, arrived, conclude, is_over, outcome, close) {
      private$source <- source
      private$arrived <- arrived
      private$conclude <- conclude
      private$is_over <- is_over
      private$outcome <- outcome
      private$close <- close
    },

    # Adds functions; NULL where one is not wanted.
    add = function(on_event, on_done, on_error) {
      listener <- list(
        on_event = on_event, on_done = on_done, on_error = on_error
      )
      private$listeners <- c(private$listeners, list(listener))
      private$await()
    }
  ),
  private = list(
    source = NULL,
    arrived = NULL,
    conclude = NULL,
    is_over = NULL,
    outcome = NULL,
    close = NULL,
    listeners = list(),
    awaiting = FALSE,

    await = function() {
      if (!private$awaiting) {
        when_woken(private$deliver, function(number, loop) {
          unwrap(stream_notify(private$source, number, loop))
        })
        private$awaiting <- TRUE
      }
    },

    deliver = function() {
      private$awaiting <- FALSE
      ended <- tryCatch(
        private$deliver_for(seconds = 0.01),
        error = private$fail,
        interrupt = function(e) private$fail(interrupted_condition())
      )
      if (!ended) {
        private$await()
      }
    },

    # Others on the loop get their turn, however fast events come.
    deliver_for = function(seconds) {
      until <- proc.time()[["elapsed"]] + seconds
      repeat {
        arrived <- private$arrived()
        for (event in arrived$items) {
          private$tell(event)
        }
        private$conclude(arrived$end)
        if (private$is_over()) {
          private$settle(private$outcome())
          return(TRUE)
        }
        late <- proc.time()[["elapsed"]] >= until
        if (late || length(arrived$items) == 0L) {
          return(FALSE)
        }
      }
    },

    # A function may close the stream: then no one hears of it any more.
    tell = function(event) {
      for (listener in private$listeners) {
        if (!is.null(listener$on_event) && !private$is_over()) {
          listener$on_event(event)
        }
      }
    },

    fail = function(condition) {
      private$close()
      private$settle(condition)
      TRUE
    },

    # Tells all how the stream ended. An error in a function that is told replaces
    # the outcome for it and for those that follow.
    settle = function(outcome) {
      listeners <- private$listeners
      private$listeners <- list()
      heard <- FALSE
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
          heard <- TRUE
          tryCatch(listener$on_error(outcome), error = report_error)
        }
      }
      expected <- heard || inherits(outcome, "openai_cancelled_error")
      if (inherits(outcome, "error") && !expected) {
        report_error(outcome)
      }
    }
  )
)

# Tells of an error that nobody handles, where it must not be thrown.
report_error <- function(condition) {
  message("Error in a stream: ", conditionMessage(condition))
}
