# The outcomes of a map on workers that have not been read yet.
UnreadOutcomes <- R6::R6Class(
  "UnreadOutcomes",
  cloneable = FALSE,
  public = list(
    initialize = function() private$clear(),

    # `index` are the positions of the requests; `effort`, see
    # `new_answers()`, is unknown for requests that a worker lost when it died.
    add = function(index, outcomes, effort = request_effort(outcomes)) {
      private$index <- c(private$index, index)
      private$outcomes <- c(private$outcomes, outcomes)
      private$effort <- Map(c, private$effort, effort)
    },

    # Returns and forgets them, as `parallel_take()`; `end` is how the run
    # ended, or NULL.
    take = function(end) {
      received <- list(
        index = private$index, outcomes = private$outcomes,
        attempts = private$effort$attempts, seconds = private$effort$seconds,
        blocked_seconds = 0, end = end
      )
      private$clear()
      received
    }
  ),
  private = list(
    index = NULL,
    outcomes = NULL,
    effort = NULL,

    clear = function() {
      private$index <- integer()
      private$outcomes <- list()
      private$effort <- unsent_effort(0L)
    }
  )
)
