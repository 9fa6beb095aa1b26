# Reads a stream: keeps what was read from the core, the state and the end. A
# DataStream is its public interface.
StreamReader <- R6::R6Class(
  "StreamReader",
  cloneable = FALSE,
  # R looks for `$` methods of every object with a class, which costs more than
  # reading the field; each `$next_value` reads some of these.
  class = FALSE,
  public = list(
    # The opened stream of the core.
    source = NULL,
    # "initialized", "httr2_open", "complete" or "close".
    state = "initialized",
    # The record of the error that ended the stream, and its condition.
    record = NULL,
    failure = NULL,
    # What was read while R warned, for the next call of the same kind.
    unread = NULL,

    # `reopen` returns another source for the record of an error that occurred
    # before the first event, or NULL; `on_start` is called with the id of the
    # response when its first event has been read; `span` is that of the call,
    # or NULL.
    initialize = function(source, reopen = function(record) NULL,
                          on_start = NULL, span = NULL) {
      self$source <- source
      private$reopen <- reopen
      private$on_start <- on_start
      if (!is.null(span)) {
        private$span <- span
        reg.finalizer(self, abandoning(span))
      }
    },

    # `open_other(record)` returns a DataStream to read instead if the request
    # failed before the first event, or NULL.
    or_else = function(open_other) {
      private$open_other <- open_other
    },

    # The first event has been read.
    begin = function() {
      self$state <- "httr2_open"
      if (!is.null(private$on_start)) {
        id <- self$summary()$response_id
        if (!is.null(id)) private$on_start(id)
      }
    },

    is_finished = function() {
      self$state %in% c("complete", "close")
    },

    summary = function() {
      unwrap(stream_summary(self$source))
    },

    # Reads up to `num` items in a shape ("events", "text", "values") as
    # list(items = , end = ): `items` is NULL or a value; `end` is NULL,
    # "complete" or the record of an error. Waits for the first for `timeout`
    # seconds; NULL means no timeout.
    take = function(num, shape, timeout = NULL) {
      options <- list(num = num, shape = shape, timeout = timeout)
      received <- self$unread
      if (is.null(received) || received$shape != shape) {
        received <- private$take_next(options)
        received$shape <- shape
      }
      if (received$replaced) {
        self$unread <- received
        self$warn_once(TRUE)
        self$unread <- NULL
      }
      if (!is.null(received$items) && self$state == "initialized") {
        self$begin()
      }
      received
    },

    # What has arrived, for the event loop, and how the stream ended.
    arrived = function() {
      if (!self$is_finished()) {
        self$take(max_events_per_read, "events", timeout = 0)
      }
    },

    read_to_end = function() {
      if (!self$is_finished()) {
        repeat {
          finished <- unwrap(
            with_progress(function(draw) stream_finish(self$source, draw)),
            cancelled = self$close
          )
          if (!private$reopens(finished$end)) break
        }
        if (self$state == "initialized") self$begin()
        self$record_end(finished$end)
      }
    },

    # Waits for the value of `$next_value`. As in 0.3.0, only an incomplete
    # batch, or an empty piece of speech, reports the end at once; otherwise the
    # next call does.
    next_batch = function(num) {
      if (self$is_finished()) {
        return(self$state)
      }
      is_countable <- is.numeric(num)
      received <- self$take(if (is_countable) num else 1, "values")
      if (!is_countable) {
        # The error message of 0.3.0, which computed with the value.
        self$failure <- simpleError("non-numeric argument to binary operator")
        self$finish()
        return(self$failure)
      }
      self$state <- "httr2_open"
      if (is.null(received$items)) {
        self$record_end(received$end)
        return(self$failure %||% received$end)
      }
      last <- if (is.raw(received$items)) {
        length(received$items) == 0L
      } else {
        length(received$items$vres) < num
      }
      if (last && identical(received$end, "complete")) {
        self$finish()
      }
      received$items
    },

    # Records the end reported by the core, unless the stream was closed.
    record_end = function(end) {
      if (self$is_finished()) {
        return()
      }
      if (is.list(end)) {
        self$record <- end
        self$failure <- openai_condition(end)
      }
      if (!is.null(end)) {
        self$finish()
      }
    },

    # The same, but signals an error; later if items must be returned first.
    raise = function(end, is_deferred = FALSE) {
      if (!is_deferred) {
        self$record_end(end)
        if (is.list(end) && !is.null(self$failure)) {
          stop(self$failure)
        }
      }
    },

    warn_once = function(replaced) {
      if (replaced && !private$warned) {
        private$warned <- TRUE
        warn_replaced()
      }
    },

    finish = function() {
      self$state <- "complete"
      stream_close(self$source)
      if (!is.null(private$span)) private$end_span()
    },

    close = function() {
      if (self$state != "complete") {
        self$state <- "close"
      }
      stream_close(self$source)
      if (!is.null(private$span)) private$end_span()
    }
  ),
  private = list(
    warned = FALSE,
    # Whether text was returned as text.
    has_text = FALSE,
    reopen = NULL,
    open_other = NULL,
    # The reader of the other stream, whose end would end its span.
    other = NULL,
    on_start = NULL,
    span = NULL,

    # At the time at which the stream ended.
    end_span = function() {
      ended <- self$summary()$ended
      if (!is.null(self$record)) {
        private$span$failed(self$record, ended)
      } else if (self$state == "close") {
        private$span$abandoned(ended)
      } else {
        private$span$answered(unwrap(stream_answer(self$source))$value, ended)
      }
      private$span <- NULL
    },

    # Shows the wait until something was returned that the user may have printed
    # on the same line.
    take_with_progress = function(options) {
      is_silent <- self$state == "initialized" ||
        (options$shape == "text" && !private$has_text)
      if (!is_silent || identical(options$timeout, 0)) {
        return(stream_take(self$source, options))
      }
      received <- with_progress(function(draw) {
        stream_take(self$source, c(options, list(progress = draw)))
      })
      if (options$shape == "text") {
        private$has_text <- any(nzchar(received$ok$items))
      }
      received
    },

    # What was read during an interrupt is read again if the interrupt is
    # resumed.
    take_next = function(options) {
      repeat {
        received <- private$take_with_progress(options)
        if (!is.null(received$given_back)) {
          .Call("interrupt_raise", PACKAGE = "openaistream")
          next
        }
        received <- unwrap(received, cancelled = self$close)
        if (!is.null(received$items) || !private$reopens(received$end)) {
          return(received)
        }
      }
    },

    # Whether the request was sent again in another form after an error that
    # occurred before the first event.
    reopens = function(end) {
      if (self$state != "initialized" || !is.list(end) || is.null(end$status)) {
        return(FALSE)
      }
      source <- private$reopen(end)
      stream <- if (is.null(source) && !is.null(private$open_other)) {
        private$open_other(end)
      }
      if (!is.null(stream)) {
        if (!is.null(private$span)) private$span$failed(end)
        private$other <- reader_of(stream)
        source <- private$other$source
        other_private <- private$other$.__enclos_env__$private
        private$reopen <- other_private$reopen
        private$span <- other_private$span
      }
      if (!is.null(source)) {
        stream_close(self$source)
        self$source <- source
      }
      !is.null(source)
    }
  )
)

reader_of <- function(stream) stream$.__enclos_env__$private$reader

# How many events to read at once when they are delivered one by one: few enough
# that the first need not wait for the others.
max_events_per_read <- 32
