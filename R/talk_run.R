# An asynchronous answer of a conversation, awaited on R's event loop, with the
# tools that it calls.
TalkRun <- R6::R6Class(
  "TalkRun",
  cloneable = FALSE,
  public = list(
    # The state of the run, and the stream of the current answer, NULL if there
    # is none yet.
    so_far = NULL,
    stream = NULL,

    # `setup()` returns the settings of the conversation (R/talk_setup.R);
    # `on_event` is NULL, or called with each event.
    initialize = function(setup, max_rounds, on_event) {
      private$setup <- setup
      private$max_rounds <- max_rounds
      private$on_event <- on_event
    },

    # Returns a promise of the last answer, with the conversation so far.
    # `begin(answers)` begins the run with `answers(so_far)`, which returns such
    # a promise.
    start = function(begin) {
      promises::promise(function(resolve, reject) {
        private$reject <- reject
        promises::then(
          begin(private$answers), onFulfilled = resolve, onRejected = reject
        )
      })
    },

    # Rejects the promise immediately, even if a tool, the stream or the
    # shortening of the conversation is still running.
    cancel = function() {
      private$is_cancelled <- TRUE
      private$reject(cancelled_condition(list()))
    }
  ),
  private = list(
    setup = NULL,
    max_rounds = NULL,
    on_event = NULL,
    reject = NULL,
    is_cancelled = FALSE,

    answers = function(so_far) {
      show <- private$on_event %||% shown_by(FALSE)
      turns <- talk_turns(private$setup(), private$max_rounds, show)
      run_tools_promise(private$ask, so_far, turns)
    },

    ask = function(so_far) {
      if (private$is_cancelled) {
        return(promises::promise_reject(cancelled_condition(list())))
      }
      self$so_far <- so_far
      self$stream <- NULL
      tryCatch(
        {
          setup <- private$setup()
          stream <- open_talk(setup, so_far)
          self$stream <- stream
          if (!is.null(private$on_event)) stream$on_event(private$on_event)
          promises::then(promises::as.promise(stream), function(value) {
            talk_api(setup)$answer(stream)
          })
        },
        error = promises::promise_reject
      )
    }
  )
)
