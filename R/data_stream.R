#' A stream of an answer
#'
#' @description
#' What `stream = TRUE` returns, for chat completions, speech and runs. The
#' request has left when the stream is made; a thread of its own reads the
#' answer, so that events wait for R and not R for events.
#'
#' Read `$next_value` until it is the string `"complete"` (or `"close"`, after
#' `$close()`). States, in this order: `"initialized"`, `"httr2_open"` from the
#' first value on, then `"complete"` at the end or `"close"`.
#'
#' An error (a failed request, a broken connection, an answer that stops in the
#' middle) comes from `$next_value` once, as a condition object (its classes end
#' in `"error"`, `"condition"`; see [openai_error]), after everything that arrived
#' before it; then comes `"complete"`, and `$error` keeps the condition.
#'
#' An interrupt while a value is awaited closes the stream, and so does the
#' garbage collector when a stream is dropped: the server sees the connection
#' close and stops working for it.
#'
#' A stream belongs to the R session and the process that made it. One that was
#' saved, sent to a worker or inherited by a forked process says so when it is
#' read.
#'
#' @seealso [chat], [audio], [runs], and
#'   <https://platform.openai.com/docs/api-reference/chat-streaming>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' stream <- client$chat$create(
#'   list(list(role = "user", content = "Hello")), "gpt-6-luna", stream = TRUE
#' )
#' while (is.list(batch <- stream$next_value)) {
#'   for (event in batch$vres) cat(event$content)
#' }
#' stream$get_state()
#' server$stop()
DataStream <- R6::R6Class(
  "DataStream",
  cloneable = FALSE,
  public = list(
    #' @description Make a stream; methods such as `chat$create()` do it.
    #' @param requery The opened stream of the core.
    #' @param num The most events of one `$next_value`; of speech, half the
    #'   number of bytes.
    initialize = function(requery, num = 2) {
      private$source <- requery
      private$num <- num
    },

    #' @description Cancel the stream and close its connection. Does nothing to a
    #'   stream that has ended.
    #' @return The string `"close success"`.
    close = function() {
      if (private$state != "complete") {
        private$state <- "close"
      }
      private$release()
      "close success"
    },

    #' @description The state.
    #' @return `"initialized"`, `"httr2_open"`, `"complete"` or `"close"`.
    get_state = function() {
      private$state
    },

    #' @description Show the state.
    #' @param ... Not used.
    #' @return The stream, invisibly.
    print = function(...) {
      cat("<DataStream> ", private$state, "\n", sep = "")
      invisible(self)
    }
  ),
  active = list(
    #' @field next_value The next events; waits for the first of them.
    #'
    #'   Chat: `list(all_resp = , vres = )` with up to `num` events that have
    #'   arrived: their JSON texts, and for each a data frame with one row,
    #'   `index` and the columns of the first choice's `delta` (`role`,
    #'   `content`, ...). The event of usage, which has no choices, is
    #'   `data.frame(index = "-2", content = "usage:<total_tokens>")`.
    #'
    #'   Runs: the same, where `vres` has the parsed data of each event, a list
    #'   with the name of the event as its first element `event`.
    #'
    #'   Speech: a raw vector of `2 * num` bytes, the last one shorter, and then
    #'   an empty one.
    #'
    #'   At the end, and ever after, the string `"complete"`; after `$close()`
    #'   the string `"close"`.
    next_value = function(value) {
      if (!missing(value)) {
        stop("This property is read-only.", call. = FALSE)
      }
      if (private$state %in% c("complete", "close")) {
        return(private$state)
      }
      countable <- is.numeric(private$num)
      taken <- private$take(if (countable) private$num else 1)
      if (!countable) {
        # The words of 0.3.0, which computed with it.
        return(private$fail(
          simpleError("non-numeric argument to binary operator")
        ))
      }
      private$deliver(taken)
    },

    #' @field error The condition that ended the stream, as `$next_value`
    #'   returned it; `NULL` as long as nothing failed.
    error = function(value) {
      if (!missing(value)) {
        stop("This property is read-only.", call. = FALSE)
      }
      private$failure
    }
  ),
  private = list(
    source = NULL,
    num = NULL,
    state = "initialized",
    failure = NULL,
    held = NULL,
    warned = FALSE,

    # What was taken is held while R warns: whoever catches the warning gets
    # the events with the next `$next_value`.
    take = function(num) {
      private$held <- private$held %||% unwrap(
        stream_take(private$source, list(num = num)),
        cancelled = self$close
      )
      if (private$held$replaced && !private$warned) {
        private$warned <- TRUE
        warn_replaced()
      }
      taken <- private$held
      private$held <- NULL
      taken
    },

    # `taken` is list(items = , end = ): NULL or a value; NULL, "complete" or
    # the record of an error. Only a batch that is not full, and only an empty
    # piece of speech, tell the end, as in 0.3.0; else it comes with the next.
    deliver = function(taken) {
      private$state <- "httr2_open"
      if (is.null(taken$items)) {
        return(if (is.list(taken$end)) {
          private$fail(openai_condition(taken$end))
        } else {
          private$finish(taken$end)
        })
      }
      last <- if (is.raw(taken$items)) {
        length(taken$items) == 0L
      } else {
        length(taken$items$vres) < private$num
      }
      if (last && identical(taken$end, "complete")) {
        private$finish()
      }
      taken$items
    },

    fail = function(condition) {
      private$failure <- condition
      private$finish(condition)
    },

    finish = function(value = NULL) {
      private$state <- "complete"
      private$release()
      value
    },

    release = function() {
      if (!is.null(private$source)) {
        stream_close(private$source)
        private$source <- NULL
      }
    }
  )
)
