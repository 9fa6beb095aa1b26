# The current answer, as sent to the page. Nothing is sent after its end.
ChatAnswer <- R6::R6Class(
  "ChatAnswer",
  cloneable = FALSE,
  public = list(
    # The page's number of the answer.
    number = NULL,

    # `tell(message)` sends list(event = , ...).
    initialize = function(number, tell) {
      self$number <- number
      private$tell <- tell
    },

    # Handles an event, see `$say_async()` of a Conversation. Text that arrives
    # together is sent in one message; other events at once, because a tool may
    # take long.
    take = function(event) {
      for (message in chat_messages(event)) {
        if (message$event %in% c("text", "reasoning")) {
          private$append(message)
        } else {
          private$show()
          private$send(message)
        }
      }
    },

    # `fields` are those of the event "end".
    end = function(fields) {
      private$show()
      private$send(c(list(event = "end"), fields))
      self$drop()
    },

    drop = function() {
      private$is_over <- TRUE
      private$pieces <- list()
    }
  ),
  private = list(
    tell = NULL,
    is_over = FALSE,
    # Messages of text that have not been sent yet.
    pieces = list(),

    append = function(message) {
      if (length(private$pieces) == 0L) {
        later::later(private$show)
      }
      private$pieces[[length(private$pieces) + 1L]] <- message
    },

    show = function() {
      pieces <- private$pieces
      private$pieces <- list()
      kinds <- rle(vapply(pieces, `[[`, "", "event"))
      ends <- cumsum(kinds$lengths)
      texts <- vapply(pieces, `[[`, "", "text")
      for (run in seq_along(ends)) {
        run_of <- seq(to = ends[[run]], length.out = kinds$lengths[[run]])
        private$send(list(
          event = kinds$values[[run]],
          text = paste(texts[run_of], collapse = "")
        ))
      }
    },

    send = function(message) {
      if (!private$is_over) private$tell(message)
    }
  )
)
