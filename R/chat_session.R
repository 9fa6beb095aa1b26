# One person's conversation with a model: what was said so far, and the answer
# that is streaming. Knows nothing of Shiny: `open(messages)` opens a stream,
# and `send(message)` takes what the page is told, a list with `answer`, the
# page's number of the answer it is about, and `event`:
# - "text" with `text`, which continues the answer;
# - "end" with `state` ("complete", "stopped" or "failed") and, of a failure,
#   `error`, its message.
ChatSession <- R6::R6Class(
  "ChatSession",
  cloneable = FALSE,
  public = list(
    initialize = function(open, send) {
      private$open <- open
      private$send <- send
    },

    # Does nothing while an answer is under way.
    ask = function(question, answer) {
      if (!is.null(private$stream)) {
        return(invisible())
      }
      private$question <- list(role = "user", content = question)
      private$answer <- answer
      private$pieces <- character()
      private$shown <- 0L
      tryCatch(
        private$listen(
          private$open(c(private$history, list(private$question)))
        ),
        error = private$fail
      )
    },

    # Keeps what came.
    stop = function() {
      stream <- private$stream
      if (!is.null(stream)) {
        private$end("stopped")
        stream$close()
      }
    },

    clear = function() {
      stream <- private$stream
      private$stream <- NULL
      private$history <- list()
      if (!is.null(stream)) {
        stream$close()
      }
    }
  ),
  private = list(
    open = NULL,
    send = NULL,
    history = list(),
    question = NULL,
    answer = NULL,
    stream = NULL,
    # The text of the answer, whose first `shown` pieces were sent to the page.
    pieces = character(),
    shown = 0L,

    # An answer that was stopped or cleared away says nothing any more.
    listen = function(stream) {
      private$stream <- stream
      current <- function(f) {
        function(value) if (identical(private$stream, stream)) f(value)
      }
      stream$on_event(
        current(function(event) private$append(event$text)),
        on_done = current(function(answer) private$end("complete")),
        on_error = current(private$fail)
      )
    },

    # Events that arrived together are shown by one message.
    append = function(text) {
      if (!nzchar(text)) {
        return()
      }
      if (length(private$pieces) == private$shown) {
        later::later(private$show)
      }
      private$pieces[[length(private$pieces) + 1L]] <- text
    },

    show = function() {
      new <- private$pieces[seq_along(private$pieces) > private$shown]
      private$shown <- length(private$pieces)
      if (length(new) && !is.null(private$stream)) {
        private$tell("text", text = paste(new, collapse = ""))
      }
    },

    fail = function(condition) {
      private$end("failed", conditionMessage(condition))
    },

    # A question without an answer is no part of the conversation: it can be
    # sent again.
    end = function(state, error = NULL) {
      private$show()
      private$stream <- NULL
      if (state != "failed" && length(private$pieces)) {
        answer <- paste(private$pieces, collapse = "")
        private$history <- c(private$history, list(
          private$question, list(role = "assistant", content = answer)
        ))
      }
      private$tell("end", state = state, error = error)
    },

    tell = function(event, ...) {
      private$send(list(answer = private$answer, event = event, ...))
    }
  )
)
