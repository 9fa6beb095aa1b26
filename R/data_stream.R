#' Read a streamed response
#'
#' @description
#' Every call with `stream = TRUE` returns a `DataStream`: responses, chat
#' completions and everything else that can be streamed. The request is sent
#' when the stream is created, and a background thread receives the response, so
#' events wait for R instead of R waiting for events.
#'
#' Choose one way to read it:
#' - `$text()` or `$message()`: the complete text, or the complete answer;
#' - `$echo()`: print the text as it arrives;
#' - `$each()`, `$next_event()`, `iterators::nextElem()`, `coro::loop()`: event
#'   by event;
#' - `$on_event()`, `promises::as.promise()`: event by event, or the complete
#'   answer, without blocking R (packages later and promises);
#' - `$next_value`: the batches of version 0.3.0.
#'
#' You can mix these: each continues where the last one stopped. `$text()`,
#' `$message()`, `$usage` and `as.data.frame()` cover everything that was read,
#' regardless of how. `as.data.frame()` has one row per piece of text, with
#' `time` (seconds from the request until it arrived), `choice` (counted from 1)
#' and `text`.
#'
#' The state of a stream is `"initialized"`, then `"httr2_open"` from the first
#' event on, then `"complete"` at the end or `"close"` after `$close()`.
#'
#' An error (a failed request, a broken connection, a response that ends early)
#' is reported after everything that arrived before it, as a condition (see
#' [openai_error]) that is kept in `$error`. `$next_value` returns it once.
#' `$message()` treats it as a failed call, depending on `on_error` of the
#' client ([openai]). All others signal it, or reject their promise.
#'
#' An interrupt while waiting for an event closes the stream, and so does the
#' garbage collector when the stream is no longer referenced. The server sees
#' the connection close and stops generating.
#'
#' @section Events:
#' `$each()` and all other functions that return single events return lists with
#' - `text`: the new text of the event's first choice, `""` if there is none;
#' - `event`: the type of the event, such as `"response.output_text.delta"`;
#'   absent for chat completions and completions;
#' - `reasoning`: the reasoning text, if the event contains any;
#' - the data of the event, parsed as by `jsonlite::fromJSON()`, such as
#'   `choices` with `delta` and `finish_reason`. In events of a response, arrays
#'   and objects are lists, so items can be sent back.
#'
#' An event of speech is a raw vector, unless the request has `stream_format =
#' "sse"`.
#'
#' A stream belongs to the R session and process that created it. A stream that
#' was saved, sent to a worker or inherited by a forked process signals an error
#' when it is read.
#'
#' @seealso [chat], [audio], [runs], and
#'   <https://platform.openai.com/docs/api-reference/chat-streaming>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' messages <- list(list(role = "user", content = "Hello"))
#'
#' stream <- client$chat$create(messages, "gpt-6-luna", stream = TRUE)
#' stream$each(function(event) cat(event$text))
#' stream$message()$vres$finish_reason
#' stream$timings
#'
#' # As in version 0.3.0:
#' stream <- client$chat$create(messages, "gpt-6-luna", stream = TRUE)
#' while (is.list(batch <- stream$next_value)) {
#'   for (event in batch$vres) cat(event$content)
#' }
#' stream$get_state()
#' server$stop()
DataStream <- R6::R6Class(
  "DataStream",
  cloneable = FALSE,
  public = list(
    #' @description Create a stream; called by methods such as `chat$create()`.
    #' @param requery The opened stream of the core.
    #' @param num Maximum number of events per `$next_value`; for speech, half
    #'   the number of bytes.
    #' @param then A function that converts the answer to the value of
    #'   `$message()`.
    #' @param failed A function that returns the value of `$message()` for the
    #'   record of an error.
    #' @param reopen A function that is called with the record of an error that
    #'   occurred before the first event; it returns another opened stream, for
    #'   example of a modified request, or `NULL`.
    #' @param on_start A function that is called with the id of a response when
    #'   its first event has been read, or `NULL`.
    #' @param span The OpenTelemetry span of the call, or `NULL`.
    initialize = function(requery, num = 2, then = identity,
                          failed = failed_call,
                          reopen = function(record) NULL, on_start = NULL,
                          span = NULL) {
      private$reader <- StreamReader$new(requery, reopen, on_start, span)
      private$num <- num
      private$then <- then
      private$failed <- failed
    },

    #' @description Get the complete text. Waits for the end of the stream.
    #' @param choice Number of the choice, counted from 1.
    #' @return One string; `NA` if the model refused and wrote nothing else. If
    #'   the stream fails, signals its condition, whose field `text` is the text
    #'   received so far. After `$close()`, the text that was read.
    text = function(choice = 1) {
      check_number(choice, "choice", from = 1)
      private$reader$read_to_end()
      if (!is.null(private$reader$failure)) {
        stop(private$reader$failure)
      }
      text <- unwrap(stream_text(private$reader$source, choice))
      if (is.null(text) && choice > 1) {
        abort_argument("The answer has no choice ", choice, ".")
      }
      if (identical(text %||% "", "") && private$is_refused(choice)) {
        return(NA_character_)
      }
      text %||% ""
    },

    #' @description Get the model's reasoning read so far, without waiting: the
    #'   summary of the reasoning and all reasoning text that a response
    #'   contains, or what servers send as `reasoning_content` or `reasoning` of
    #'   a chat.
    #' @param choice Number of the choice, counted from 1.
    #' @return One string, empty if there is no reasoning text. Parts of a
    #'   response's reasoning are separated by a blank line.
    reasoning = function(choice = 1) {
      check_number(choice, "choice", from = 1)
      unwrap(stream_reasoning(private$reader$source, choice))
    },

    #' @description Get the tool calls read so far, each assembled from its
    #'   parts. `$message()` contains them, too.
    #' @param choice Number of the choice, counted from 1.
    #' @return A data frame with one row per call and the columns `id`, `type`
    #'   and `function`, a data frame of `name` and `arguments` (JSON text);
    #'   `NULL` if there are none. For a run, the calls of all its steps.
    tool_calls = function(choice = 1) {
      check_number(choice, "choice", from = 1)
      unwrap(stream_tool_calls(private$reader$source, choice))
    },

    #' @description Get the complete answer. Waits for the end of the stream. A
    #'   chat reports its token usage if the request contains `stream_options =
    #'   list(include_usage = TRUE)`.
    #' @param partial `TRUE` also returns the partial answer of a stream that
    #'   failed.
    #' @return What the same call returns without `stream`: for chat completions
    #'   `list(all_resp = , vres = )`, for speech a raw vector, for runs the
    #'   run, and for unknown events a list of them. If the stream failed,
    #'   signals its condition; with `on_error = "return"` of the client, warns
    #'   and returns a failed call. After `$close()`, the part that was read;
    #'   `NULL` if nothing was read.
    message = function(partial = FALSE) {
      private$reader$read_to_end()
      if (!is.null(private$reader$record) && !partial) {
        return(private$fail())
      }
      answer <- unwrap(stream_answer(private$reader$source))
      private$reader$warn_once(answer$replaced)
      if (!is.null(answer$value)) {
        private$then(answer$value)
      }
    },

    #' @description Get the message of the first choice, to append it to the
    #'   conversation. It is unchanged, including fields that only some servers
    #'   add.
    #' @return A list with `role`, `content` and so on, in which objects and
    #'   arrays are lists; `NULL` if no message was read.
    reply = function() {
      unwrap(stream_message(private$reader$source))
    },

    #' @description Call a function with each event, in order, as it arrives.
    #' @param fn A function of one event (see the section on events). If it
    #'   returns `FALSE` or fails, the stream is closed.
    #' @return The stream, invisibly. If the stream fails, signals its
    #'   condition.
    each = function(fn) {
      check_function(fn, "fn")
      done <- FALSE
      on.exit(if (!done) self$close())
      reader <- private$reader
      while (!reader$is_finished()) {
        taken <- reader$take(max_events_per_read, "events")
        for (event in taken$items) {
          if (isFALSE(fn(event))) {
            return(invisible(self))
          }
          # The function may have closed the stream.
          if (reader$state == "close") break
        }
        reader$raise(taken$end)
      }
      done <- TRUE
      invisible(self)
    },

    #' @description Get the next event.
    #' @param timeout How long to wait for it, in seconds.
    #' @return An event (see the section on events); `NULL` at the end of the
    #'   stream, or if none arrived in time (check `$get_state()`). If the
    #'   stream fails, signals its condition, once.
    next_event = function(timeout = Inf) {
      check_timeout(timeout)
      if (private$reader$is_finished()) {
        return(NULL)
      }
      taken <- private$reader$take(1, "events", if (is.finite(timeout)) timeout)
      private$reader$raise(taken$end, is_deferred = length(taken$items) > 0L)
      if (length(taken$items)) taken$items[[1]]
    },

    #' @description Print the text of the first choice as it arrives, until the
    #'   end of the stream.
    #' @return The stream, invisibly. If the stream fails, signals its
    #'   condition; with `on_error = "return"` of the client, warns (class
    #'   `openai_failed_call_warning`) and keeps the condition in `$error`.
    echo = function() {
      shown <- FALSE
      while (!private$reader$is_finished()) {
        taken <- private$reader$take(max_events_per_read, "text")
        cat(taken$items)
        shown <- shown || any(nzchar(taken$items))
        utils::flush.console()
        private$reader$record_end(taken$end)
      }
      if (shown) cat("\n")
      if (!is.null(private$reader$record)) {
        private$fail()
      } else if (!shown) {
        echo_choice(unwrap(stream_answer(private$reader$source))$value$choices)
      }
      invisible(self)
    },

    #' @description Call functions on R's event loop (package later) without
    #'   blocking R: first with the events in order, then once when the stream
    #'   has ended. You can add several. R calls them when it is idle, in a
    #'   Shiny app, or in `later::run_now()`.
    #' @param fn A function of one event (see the section on events), or `NULL`.
    #'   If it fails, the stream is closed and ends with its error.
    #' @param on_done A function of the complete answer, as returned by
    #'   `$message()`.
    #' @param on_error A function of the condition that ended the stream
    #'   instead; after `$close()` the condition has the class
    #'   `openai_cancelled_error`. Errors without a handler are printed as
    #'   messages.
    #' @return The stream, invisibly, at once.
    on_event = function(fn = NULL, on_done = NULL, on_error = NULL) {
      check_function(fn, "fn", optional = TRUE)
      check_function(on_done, "on_done", optional = TRUE)
      check_function(on_error, "on_error", optional = TRUE)
      private$delivery <- private$delivery %||% new_delivery(
        private$reader, private$outcome
      )
      deliver_to(private$delivery, fn, on_done, on_error)
      invisible(self)
    },

    #' @description Cancel the stream and close its connection. Has no effect on
    #'   a stream that has ended.
    #' @return The string `"close success"`.
    close = function() {
      private$reader$close()
      "close success"
    },

    #' @description Get the state of the stream.
    #' @return `"initialized"`, `"httr2_open"`, `"complete"` or `"close"`.
    get_state = function() {
      private$reader$state
    },

    #' @description Get the texts read so far, as returned by `as.data.frame()`.
    #' @return A data frame with one row per piece of text and the columns
    #'   `time`, `choice` and `text`.
    pieces = function() {
      as.data.frame(unwrap(stream_pieces(private$reader$source)))
    },

    #' @description Print the state and a summary of what was read.
    #' @param ... Not used.
    #' @return The stream, invisibly.
    print = function(...) {
      print_stream(private$reader)
      invisible(self)
    }
  ),
  active = list(
    #' @field next_value The next events; waits for the first of them.
    #'
    #'   Chat: `list(all_resp = , vres = )` with up to `num` events that have
    #'   arrived: `all_resp` their JSON text; `vres` a data frame for each, with
    #'   one row per choice, `index` and the columns of the choice's `delta`
    #'   (`role`, `content`, ...). The usage event, which has no choices, is
    #'   `data.frame(index = "-2", content = "usage:<total_tokens>")`.
    #'
    #'   Other streams: the same, but `vres` contains the parsed data of each
    #'   event, a list whose first element `event` is the type of the event.
    #'
    #'   Speech: a raw vector of `2 * num` bytes; the last one is shorter, and
    #'   an empty one follows.
    #'
    #'   At the end, and from then on, the string `"complete"`; after `$close()`
    #'   the string `"close"`.
    next_value = function(value) {
      reader <- private$reader
      if (missing(value) && is.null(reader$unread)) {
        # Shortcut for events that have already arrived.
        batch <- .Call(stream_next, reader$source, private$num)
        if (!is.null(batch)) {
          if (reader$state == "initialized") reader$begin()
          return(batch)
        }
      }
      check_read_only(value)
      reader$next_batch(private$num)
    },

    #' @field error The condition that ended the stream, as returned by
    #'   `$next_value`; `NULL` unless the stream failed.
    error = function(value) {
      check_read_only(value)
      private$reader$failure
    },

    #' @field usage The token usage, a list; `NULL` unless the request asked for
    #'   it and the server reported it.
    usage = function(value) {
      check_read_only(value)
      private$reader$summary()$usage
    },

    #' @field request_id The server's id of the request, one string; `NULL`
    #'   before the response has begun, or if the server sends none.
    request_id = function(value) {
      check_read_only(value)
      private$reader$summary()$request_id
    },

    #' @field response_id The id of the streamed response, one string; `NULL`
    #'   for other streams, or if it is not known yet.
    response_id = function(value) {
      check_read_only(value)
      private$reader$summary()$response_id
    },

    #' @field sequence_number The number of the last event of a response that
    #'   was read. To resume after it, call `client$responses$retrieve()` with
    #'   `stream = TRUE` and `starting_after`. `NULL` if the events are not
    #'   numbered.
    sequence_number = function(value) {
      check_read_only(value)
      private$reader$summary()$sequence_number
    },

    #' @field call The record of the stream's call so far, an [openai_call].
    call = function(value) {
      check_read_only(value)
      call_record(unwrap(stream_call(private$reader$source)))
    },

    #' @field timings Seconds from the request to the `first_byte` of the
    #'   response, to the `first_token` (text) and to the end (`total`), as
    #'   measured by the background thread; and `tokens_per_second` from the
    #'   first token to the end, based on the reported usage or else on the
    #'   number of pieces of text. A named numeric vector; values that are not
    #'   known yet are `NA`.
    timings = function(value) {
      check_read_only(value)
      stream_timings(private$reader$summary())
    }
  ),
  private = list(
    reader = NULL,
    num = NULL,
    then = NULL,
    failed = NULL,
    failure_reported = FALSE,
    delivery = NULL,

    # Fails with the error that ended the stream; a second call does not warn
    # again.
    fail = function() {
      if (private$failure_reported) {
        return(failed_call(private$reader$record))
      }
      private$failure_reported <- TRUE
      private$failed(private$reader$record)
    },

    is_refused = function(choice) {
      choices <- unwrap(stream_answer(private$reader$source))$value$choices
      length(refusal_of(choices, choice)) > 0L
    },

    outcome = function() {
      reader <- private$reader
      if (reader$state == "close") {
        cancelled_condition(reader$summary())
      } else {
        reader$failure %||% list(value = self$message())
      }
    }
  )
)
