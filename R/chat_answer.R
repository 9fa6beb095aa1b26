# The current answer, as sent to the page. Nothing is sent after its end.
ChatAnswer <- R6::R6Class(
  "ChatAnswer",
  cloneable = FALSE,
  public = list(
    # The page's number of the answer.
    number = NULL,

    # `send(message)` sends list(event = , ...) to the page.
    initialize = function(number, send) {
      self$number <- number
      private$send <- send
    },

    # Handles an event, see `$say_async()` of a Conversation. Text that arrives
    # together is sent in one message; other events are sent immediately,
    # because a tool may take long.
    handle = function(event) {
      for (message in chat_messages(event)) {
        if (message$event %in% c("text", "reasoning")) {
          private$append(message)
        } else {
          private$send_texts()
          private$send_message(message)
        }
      }
    },

    # `fields` are those of the event "end".
    end = function(fields) {
      private$send_texts()
      private$send_message(c(list(event = "end"), fields))
      self$discard()
    },

    discard = function() {
      private$has_ended <- TRUE
      private$texts <- list()
    }
  ),
  private = list(
    send = NULL,
    has_ended = FALSE,
    # Messages of text that have not been sent yet.
    texts = list(),

    append = function(message) {
      if (length(private$texts) == 0L) {
        later::later(private$send_texts)
      }
      private$texts[[length(private$texts) + 1L]] <- message
    },

    # Sends one message for consecutive texts with the same event.
    send_texts = function() {
      messages <- private$texts
      private$texts <- list()
      events <- rle(vapply(messages, `[[`, "", "event"))
      ends <- cumsum(events$lengths)
      texts <- vapply(messages, `[[`, "", "text")
      for (run in seq_along(ends)) {
        indexes <- seq(to = ends[[run]], length.out = events$lengths[[run]])
        private$send_message(list(
          event = events$values[[run]],
          text = paste(texts[indexes], collapse = "")
        ))
      }
    },

    send_message = function(message) {
      if (!private$has_ended) private$send(message)
    }
  )
)
