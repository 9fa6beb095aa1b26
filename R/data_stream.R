#' A stream of an answer
#'
#' @description
#' What `stream = TRUE` returns, for responses, chat completions and all else
#' that can be streamed. The request has left when the stream is made; a thread
#' of its own reads the answer, so that events wait for R and not R for events.
#'
#' Choose one way to read it:
#' - `$text()` or `$message()`: the whole text, or the whole answer;
#' - `$echo()`: the text on the console, as it comes;
#' - `$each()`, `$next_event()`, `iterators::nextElem()`, `coro::loop()`: event
#'   by event;
#' - `$on_event()`, `promises::as.promise()`: event by event, or the whole
#'   answer, while R goes on (packages later and promises);
#' - `$next_value`: the batches of version 0.3.0.
#'
#' They can be mixed: each goes on where the last one stopped, and `$text()`,
#' `$message()`, `$usage` and `as.data.frame()` tell of all that was taken,
#' whichever way. `as.data.frame()` has a row for each piece of text, with
#' `time` (seconds from the request until it came), `choice` (counted from 1)
#' and `text`.
#'
#' States, in this order: `"initialized"`, `"httr2_open"` from the first event
#' on, then `"complete"` at the end or `"close"` after `$close()`.
#'
#' An error (a failed request, a broken connection, an answer that stops in the
#' middle) comes after everything that arrived before it, as a condition (see
#' [openai_error]), which `$error` keeps. `$next_value` returns it once;
#' `$message()` does with it what the client does with failed calls (`on_error`
#' of [openai]); the others stop with it, or reject their promise.
#'
#' An interrupt while an event is awaited closes the stream, and so does the
#' garbage collector when a stream is dropped: the server sees the connection
#' close and stops working for it.
#'
#' @section Events:
#' `$each()` and all others that give single events give lists: `text`, the new
#' text of the event's first choice (`""` if there is none); `event`, what it
#' is, such as `"response.output_text.delta"` (events of chats and completions
#' do not say); `reasoning`, where the event tells what the model thinks; and
#' then the data of the event, as `jsonlite::fromJSON()` parses it, such as
#' `choices` with `delta` and `finish_reason`. In events of a response arrays
#' and objects are lists, so that items can be sent again. An event of speech is
#' a raw vector, unless the request has `stream_format = "sse"`.
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
    #' @description Make a stream; methods such as `chat$create()` do it.
    #' @param requery The opened stream of the core.
    #' @param num The most events of one `$next_value`; of speech, half the
    #'   number of bytes.
    #' @param then What makes the value of `$message()` of the answer, a
    #'   function.
    #' @param failed What `$message()` returns for the record of an error, a
    #'   function.
    #' @param reopen What sends the request again, in another form, for the
    #'   record of an error before which nothing came: a function that returns
    #'   an opened stream, or `NULL`.
    #' @param begun What is told the id of a response when the first of its
    #'   events was taken, a function, or `NULL`.
    initialize = function(requery, num = 2, then = identity,
                          failed = failed_call,
                          reopen = function(record) NULL, begun = NULL) {
      private$reader <- StreamReader$new(requery, reopen, begun)
      private$num <- num
      private$then <- then
      private$failed <- failed
    },

    #' @description The whole text; waits for the end of the stream.
    #' @param choice Which choice, counted from 1.
    #' @return One string; `NA` where the model refused and said nothing else.
    #'   Stops with the condition of a stream that failed (its field `text` has
    #'   what came). After `$close()`, the text that was taken.
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

    #' @description What the model thought before it answered, of what was
    #'   taken: the summary of its reasoning and all of it that a response
    #'   tells, or what servers send as `reasoning_content` or `reasoning` of a
    #'   chat. It waits for nothing.
    #' @param choice Number of the choice, counted from 1.
    #' @return One string, empty where the model told nothing of it. Parts of a
    #'   response's reasoning are apart by a blank line.
    reasoning = function(choice = 1) {
      check_number(choice, "choice", from = 1)
      unwrap(stream_reasoning(private$reader$source, choice))
    },

    #' @description The tool calls that were taken, each put together from its
    #'   parts. `$message()` has them, too.
    #' @param choice Number of the choice, counted from 1.
    #' @return A data frame with one row per call, with `id`, `type` and
    #'   `function`, a data frame of `name` and `arguments` (JSON text); `NULL`
    #'   where there are none. Of a run the calls of all its steps.
    tool_calls = function(choice = 1) {
      check_number(choice, "choice", from = 1)
      unwrap(stream_tool_calls(private$reader$source, choice))
    },

    #' @description The whole answer; waits for the end of the stream. Tokens
    #'   that were used are in it where the request asked for them with
    #'   `stream_options = list(include_usage = TRUE)`.
    #' @param partial `TRUE` gives what came of the answer of a stream that
    #'   failed, too.
    #' @return What the same call without `stream` returns: for chat completions
    #'   `list(all_resp = , vres = )`, for speech a raw vector, for runs the
    #'   run, for events of which nothing is known a list of them. A stream that
    #'   failed stops with its condition; where the client has `on_error =
    #'   "return"`, it warns and gives a failed call. After `$close()`, what was
    #'   taken; `NULL` where nothing was.
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

    #' @description The message of the first choice, to be appended to the
    #'   conversation: as it came, with all that servers add to it.
    #' @return A list with `role`, `content` and so on, in which objects and
    #'   arrays are lists; `NULL` where no message was taken.
    reply = function() {
      unwrap(stream_message(private$reader$source))
    },

    #' @description Call a function with each event, in order, as it comes.
    #' @param fn A function of one event, see below. If it returns `FALSE`, or
    #'   fails, the stream is closed.
    #' @return The stream, invisibly. Stops with the condition of a stream that
    #'   failed.
    each = function(fn) {
      check_function(fn, "fn")
      done <- FALSE
      on.exit(if (!done) self$close())
      reader <- private$reader
      while (!reader$is_over()) {
        taken <- reader$take(most_at_once, "events")
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

    #' @description The next event.
    #' @param timeout How long to wait for it, in seconds.
    #' @return An event, see below; `NULL` at the end of the stream, or when
    #'   none came in time (`$get_state()` tells). Stops with the condition of a
    #'   stream that failed, once.
    next_event = function(timeout = Inf) {
      check_timeout(timeout)
      if (private$reader$is_over()) {
        return(NULL)
      }
      taken <- private$reader$take(1, "events", if (is.finite(timeout)) timeout)
      private$reader$raise(taken$end, unless = length(taken$items) > 0L)
      if (length(taken$items)) taken$items[[1]]
    },

    #' @description Print the text of the first choice as it comes, up to the
    #'   end of the stream.
    #' @return The stream, invisibly. A stream that failed stops with its
    #'   condition; where the client has `on_error = "return"`, it warns (class
    #'   `openai_failed_call_warning`), and `$error` has the condition.
    echo = function() {
      shown <- FALSE
      while (!private$reader$is_over()) {
        taken <- private$reader$take(most_at_once, "text")
        cat(taken$items)
        shown <- shown || any(nzchar(taken$items))
        utils::flush.console()
        private$reader$conclude(taken$end)
      }
      if (shown) cat("\n")
      if (!is.null(private$reader$record)) {
        private$fail()
      } else if (!shown) {
        echo_choice(unwrap(stream_answer(private$reader$source))$value$choices)
      }
      invisible(self)
    },

    #' @description Have functions called on R's event loop (package later),
    #'   while R goes on: events in order, then once how the stream ended.
    #'   Several may be added. R calls them when it is idle, in a Shiny app, or
    #'   in `later::run_now()`.
    #' @param fn A function of one event, see below, or `NULL`. If it fails, the
    #'   stream is closed, and its error is what the stream ended with.
    #' @param on_done A function of the finished answer, as `$message()` gives
    #'   it.
    #' @param on_error A function of the condition that ended the stream
    #'   instead; after `$close()` it has the class `openai_cancelled_error`.
    #'   Where nobody listens, errors are printed as messages.
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

    #' @description Cancel the stream and close its connection. Does nothing to
    #'   a stream that has ended.
    #' @return The string `"close success"`.
    close = function() {
      private$reader$close()
      "close success"
    },

    #' @description The state.
    #' @return `"initialized"`, `"httr2_open"`, `"complete"` or `"close"`.
    get_state = function() {
      private$reader$state
    },

    #' @description The texts that were taken; what `as.data.frame()` gives.
    #' @return A data frame with one row for each piece of text and the columns
    #'   `time`, `choice` and `text`.
    pieces = function() {
      as.data.frame(unwrap(stream_pieces(private$reader$source)))
    },

    #' @description Show the state, and what was taken.
    #' @param ... Not used.
    #' @return The stream, invisibly.
    print = function(...) {
      cat("<DataStream> ", private$reader$state, "\n", sep = "")
      known <- tryCatch(private$reader$summary(), error = function(e) NULL)
      facts <- c(
        model = known$model, events = known$events,
        characters = known$characters, tokens = known$usage$total_tokens,
        "request id" = known$request_id, "response id" = known$response_id,
        error = if (!is.null(self$error)) conditionMessage(self$error)
      )
      cat(sprintf("%s: %s\n", names(facts), facts), sep = "")
      invisible(self)
    }
  ),
  active = list(
    #' @field next_value The next events; waits for the first of them.
    #'
    #'   Chat: `list(all_resp = , vres = )` with up to `num` events that have
    #'   arrived: their JSON texts, and for each a data frame with one row per
    #'   choice, `index` and the columns of the choice's `delta` (`role`,
    #'   `content`, ...). The event of usage, which has no choices, is
    #'   `data.frame(index = "-2", content = "usage:<total_tokens>")`.
    #'
    #'   Others: the same, where `vres` has the parsed data of each event, a
    #'   list with what the event is as its first element `event`.
    #'
    #'   Speech: a raw vector of `2 * num` bytes, the last one shorter, and then
    #'   an empty one.
    #'
    #'   At the end, and ever after, the string `"complete"`; after `$close()`
    #'   the string `"close"`.
    next_value = function(value) {
      reader <- private$reader
      if (missing(value) && is.null(reader$held)) {
        # What waits already takes the short way.
        batch <- .Call(stream_next, reader$source, private$num)
        if (!is.null(batch)) {
          if (reader$state == "initialized") reader$begin()
          return(batch)
        }
      }
      check_read_only(value)
      if (reader$is_over()) {
        return(reader$state)
      }
      countable <- is.numeric(private$num)
      taken <- reader$take(if (countable) private$num else 1, "values")
      if (!countable) {
        # The words of 0.3.0, which computed with it.
        reader$failure <- simpleError(
          "non-numeric argument to binary operator"
        )
        reader$finish()
        return(reader$failure)
      }
      reader$deliver(taken, private$num)
    },

    #' @field error The condition that ended the stream, as `$next_value`
    #'   returned it; `NULL` as long as nothing failed.
    error = function(value) {
      check_read_only(value)
      private$reader$failure
    },

    #' @field usage The tokens that were used, a list; `NULL` unless the request
    #'   asked for them and the stream told them.
    usage = function(value) {
      check_read_only(value)
      private$reader$summary()$usage
    },

    #' @field request_id The server's id of the request, one string; `NULL` as
    #'   long as the answer has not begun, or where the server tells none.
    request_id = function(value) {
      check_read_only(value)
      private$reader$summary()$request_id
    },

    #' @field response_id The id of the response that is streamed, one string;
    #'   `NULL` of other streams, or as long as it is not known.
    response_id = function(value) {
      check_read_only(value)
      private$reader$summary()$response_id
    },

    #' @field sequence_number The number of the last event of a response that
    #'   was taken: `client$responses$retrieve()` with `stream = TRUE` and
    #'   `starting_after` goes on behind it. `NULL` where events have none.
    sequence_number = function(value) {
      check_read_only(value)
      private$reader$summary()$sequence_number
    },

    #' @field timings Seconds from the request to the `first_byte` of the
    #'   answer, to the `first_token` (text) and to the end (`total`), as the
    #'   thread that reads the stream saw them, and `tokens_per_second` from the
    #'   first token to the end, of the tokens that the usage tells, else of the
    #'   pieces of text. A named numeric vector, `NA` what is not known yet.
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
    told = FALSE,
    delivery = NULL,

    # What `failed` makes of the error that ended the stream; who was warned
    # once is not warned again.
    fail = function() {
      if (private$told) {
        return(failed_call(private$reader$record))
      }
      private$told <- TRUE
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
