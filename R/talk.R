#' Hold a conversation with a model
#'
#' @description
#' A conversation sends messages to a model and remembers them together with the
#' answers. Create one with `client$conversation()` of an [openai] client.
#'
#' A conversation is plain data: save it with `saveRDS()`, and continue it with
#' `readRDS()` in another session or on another machine, where the key is looked
#' up again (see [openai]). `print()` shows it in a readable form.
#'
#' A message becomes part of the conversation when its answer is complete. An
#' error leaves the conversation unchanged, so you can send the message again.
#' After an interrupt (Ctrl-C, Esc, Stop), the partial answer is kept.
#'
#' A conversation that exceeds the context window of its model is rejected with
#' an [openai_error] of class `openai_context_error`. `$compact()` shortens it;
#' with `compact = TRUE`, this happens automatically.
#'
#' @param ... The message: strings and parts created by [picture()],
#'   [document()] and [sound()], in any order.
#' @param echo `TRUE` prints the answer token by token as it arrives, and each
#'   tool call with its result.
#' @param max_rounds Maximum number of answers to request if the model calls
#'   tools.
#' @seealso `vignette("conversation", package = "openaistream")`.
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#'
#' talk <- client$conversation("gpt-6-luna", system = "Answer in one sentence.")
#' talk$say("What is a median?")
#' talk$say("And how does it differ from the mean?")
#' talk
#' talk$usage()
#'
#' other <- talk$fork()
#' other$undo()
#' server$stop()
Conversation <- R6::R6Class(
  "Conversation",
  public = list(
    #' @description Create a conversation; called by `client$conversation()`,
    #'   see [openai].
    #' @param client An [openai] client.
    #' @param model,system,tools,schema,api,fields,compact See `$conversation()`
    #'   of [openai]; `fields` are those of its `...`.
    initialize = function(client, model, system = NULL, tools = NULL,
                          schema = NULL, api = "responses", fields = list(),
                          compact = FALSE) {
      private$form <- talk_form()
      private$setup <- talk_setup(
        client, model, system, tools, schema, api, fields
      )
      private$history <- empty_history()
      private$compacts <- check_flag(compact, "compact")
    },

    #' @description Send a message and wait for the answer. Tools run
    #'   automatically.
    #' @return The answer, as returned by `$create()` of [chat] or [responses],
    #'   with the additional fields of `$run_tools()`; invisibly if it was
    #'   printed.
    say = function(..., echo = TRUE, max_rounds = 10) {
      answer <- private$ask(
        list(...), private$setup$schema, echo, max_rounds, sys.call()
      )
      if (echo) invisible(answer) else answer
    },

    #' @description The asynchronous version of `$say()` (packages promises and
    #'   later). Only one answer can be awaited at a time.
    #' @param on_event A function that is called with each event of the answer,
    #'   or `NULL`: the events of its streams (see [DataStream]), and for each
    #'   tool call `list(event = "tool_call", call = , tool = , arguments = )`,
    #'   with the id of the call, the name of the tool and JSON text, and then
    #'   `list(event = "tool_result", call = , tool = , output = , failed = )`.
    #'   If it fails, the promise is rejected.
    #' @return A promise of the answer, returned at once.
    say_async = function(..., on_event = NULL, max_rounds = 10) {
      check_installed(c("later", "promises"), "A promise of an answer")
      check_function(on_event, "on_event", optional = TRUE)
      check_number(max_rounds, "max_rounds", from = 1)
      so_far <- private$begin(list(...))
      run <- TalkRun$new(function() private$setup, max_rounds, on_event)
      private$run <- run
      finished <- function() {
        if (identical(private$run, run)) private$run <- NULL
      }
      promises::then(
        run$start(function(answers) {
          private$with_compaction(answers, so_far, asynchronous = TRUE)
        }),
        onFulfilled = function(answer) {
          finished()
          private$keep(answer)
        },
        onRejected = function(condition) {
          finished()
          questions <- length(private$history$starts)
          stop(talk_condition(condition, condition$call, questions))
        }
      )
    },

    #' @description Cancel the answer that `$say_async()` awaits: its connection
    #'   is closed, the partial answer is kept, and its promise is rejected with
    #'   a condition of class `openai_cancelled_error`. A tool call that is
    #'   already running continues, but its result is ignored. If the
    #'   conversation was just being shortened, it stays as it was.
    #' @return The conversation, invisibly.
    cancel = function() {
      run <- private$run
      if (!is.null(run)) {
        private$run <- NULL
        run$cancel()
        private$keep_cut(run$stream, run$so_far)
      }
      invisible(self)
    },

    #' @description Send a message and return the stream of the answer. The
    #'   answer becomes part of the conversation when the stream has been read
    #'   to its end or closed. If the model calls tools, `$stream()` without a
    #'   message runs them and returns the stream of the next answer, or `NULL`
    #'   if there are no calls: `while (!is.null(stream)) { ...; stream <-
    #'   talk$stream() }`. With `compact = TRUE`, the conversation is shortened
    #'   when the stream is read, if necessary, and R waits until that is done.
    #' @return A [DataStream], or `NULL`.
    stream = function(...) {
      if (...length() == 0L) {
        private$settle()
        if (is.null(private$open_turn)) {
          return(NULL)
        }
        so_far <- private$open_turn
      } else {
        so_far <- private$begin(list(...))
      }
      stream <- open_talk(private$setup, so_far)
      private$pending <- list(stream = stream, so_far = so_far)
      if (private$compacts) {
        reader_of(stream)$or_else(private$stream_with_compaction)
      }
      stream
    },

    #' @description Send a message and return the answer as an R value.
    #' @param schema Structure of the value: a type, such as one created by
    #'   [type_object()], or a [json_schema()]; defaults to the `schema` of the
    #'   conversation.
    #' @return The value, as in `parsed` of an answer.
    extract = function(..., schema = NULL, max_rounds = 10) {
      schema <- as_json_schema(schema) %||% private$setup$schema
      if (is.null(schema)) {
        abort_argument(
          "`schema` must describe the value to extract, such as ",
          "type_object(name = type_string())."
        )
      }
      private$ask(list(...), schema, FALSE, max_rounds, sys.call())$parsed
    },

    #' @description Get the token usage of the conversation.
    #' @return A data frame with a row for each message sent, and for each time
    #'   that the conversation was shortened: `model`, `requests`,
    #'   `input_tokens`, `cached_tokens`, `output_tokens`, `reasoning_tokens`
    #'   and `cost` in dollars (see [model_prices()]).
    usage = function() usage_of_talk(private$history$usage),

    #' @description Get the cost of the conversation.
    #' @return One number in dollars, `NA` if a price is unknown.
    cost = function() {
      sum(self$usage()$cost)
    },

    #' @description Remove the last message and its answer.
    #' @return The conversation, invisibly.
    undo = function() {
      private$settle()
      private$history <- without_last(private$history)
      private$open_turn <- NULL
      invisible(self)
    },

    #' @description Copy the conversation; both copies continue independently.
    #' @return The copy.
    fork = function() {
      private$settle()
      self$clone()
    },

    #' @description Shorten the conversation, for example when the context
    #'   window of the model is full. Responses use their own operation
    #'   (<https://platform.openai.com/docs/api-reference/responses/compact>),
    #'   chats a summary written by the model. If even that request exceeds the
    #'   context window, only the older half is shortened. This cannot be
    #'   undone.
    #' @return The conversation, invisibly.
    compact = function() {
      private$settle()
      if (length(private$history$messages)) {
        private$shorten(asynchronous = FALSE)
      }
      invisible(self)
    },

    #' @description Start an interactive conversation at the prompt. An empty
    #'   line ends it.
    #' @return The conversation, invisibly.
    console = function() {
      if (!interactive()) {
        abort_argument("`$console()` needs an interactive session.")
      }
      cat("An empty line ends the conversation.\n")
      while (nzchar(trimws(line <- readline("You: ")))) {
        tryCatch(self$say(line), openai_error = function(e) {
          message(conditionMessage(e))
        })
      }
      invisible(self)
    },

    #' @description Continue the conversation in the browser (packages shiny,
    #'   later and promises); see [chat_app()]. Closing the window ends it.
    #' @return The conversation, invisibly, including what was added there. If R
    #'   is not interactive, the Shiny app, which you can run with
    #'   [shiny::runApp()].
    app = function() {
      check_installed(c("shiny", "later", "promises"), "`$app()`")
      private$settle()
      app <- talk_app(self)
      if (!interactive()) {
        return(app)
      }
      shiny::runApp(app)
      invisible(self)
    },

    #' @description Print the conversation.
    #' @return The conversation, invisibly.
    print = function(...) {
      messages <- self$messages
      print_talk(private$setup, messages, private$history$usage)
      invisible(self)
    }
  ),
  active = list(
    #' @field messages The conversation as it is sent, a list: the messages of a
    #'   chat, or the items of responses. You can assign another such list.
    #'   While `$say_async()` awaits an answer, the conversation before that
    #'   message.
    messages = function(value) {
      if (!missing(value) || is.null(private$run)) {
        private$settle()
      }
      if (!missing(value)) {
        messages <- check_talk_messages(value, talk_api(private$setup))
        private$history <- with_messages(private$history, messages)
        private$open_turn <- NULL
      }
      private$history$messages
    },

    #' @field api The API, `"responses"` or `"chat"`.
    api = function(value) {
      check_read_only(value)
      private$setup$api
    },

    #' @field model Name of the model; you can assign another one.
    model = function(value) {
      if (missing(value)) {
        return(private$setup$model)
      }
      private$setup$model <- check_string(value, "model", optional = FALSE)
    }
  ),
  private = list(
    # The settings (R/talk_setup.R) and the history (R/talk_history.R).
    setup = NULL,
    history = NULL,
    form = NULL,
    compacts = FALSE,

    # The stream that the user reads, with its question; the conversation if the
    # model waits for another request; the run of an awaited promise.
    pending = NULL,
    open_turn = NULL,
    run = NULL,

    # The initial state of a run of answers.
    begin = function(content) {
      private$settle()
      begin_talk(private$setup, private$history$messages, content)
    },

    # `call` is the call in errors.
    ask = function(content, schema, echo, max_rounds, call) {
      check_flag(echo, "echo")
      check_number(max_rounds, "max_rounds", from = 1)
      so_far <- private$begin(content)
      stream <- NULL
      answer <- withCallingHandlers(
        tryCatch(
          private$with_compaction(function(on_start) {
            run_tools_loop(
              function(now) {
                so_far <<- now
                stream <<- NULL
                stream <<- open_talk(private$setup, now, schema)
                if (echo) stream$echo()
                talk_api(private$setup)$answer(stream)
              },
              on_start, talk_turns(private$setup, max_rounds, shown_by(echo))
            )
          }, so_far),
          interrupt = function(e) NULL
        ),
        openai_error = function(e) {
          stop(talk_condition(e, call, length(private$history$starts)))
        }
      )
      if (!is.null(answer)) {
        return(private$keep(answer))
      }
      warn_openai(
        "interrupted",
        "Interrupted: the conversation keeps the partial answer."
      )
      private$keep_cut(stream, so_far)
    },

    # Returns the answer of `run(so_far)`, a run of answers. If the context
    # window of the model is full and `compact` is TRUE, shortens the
    # conversation and continues.
    with_compaction = function(run, so_far, asynchronous = FALSE) {
      if (!private$compacts) {
        return(run(so_far))
      }
      answer_with_compaction(
        run, so_far, talk_api(private$setup)$state_field,
        function() private$history, function() private$shorten(asynchronous)
      )
    },

    # The same for the stream that the user reads, which failed with the error
    # `record`: returns another stream, or NULL.
    stream_with_compaction = function(record) {
      if (!can_shorten(private$history, openai_condition(record))) {
        return(NULL)
      }
      shorten <- function() private$shorten(asynchronous = FALSE)
      or_else(
        function() {
          private$pending$so_far <- compacted_state(
            private$pending$so_far, talk_api(private$setup)$state_field,
            private$history, shorten
          )
          open_talk(private$setup, private$pending$so_far)
        },
        function(condition) {
          message("That has failed: ", conditionMessage(condition))
        }
      )
    },

    # The shorter history, or a promise of it.
    shorten = function(asynchronous) {
      run <- private$run
      shorter <- shorter_history(private$history, private$setup, asynchronous)
      and_then(shorter, function(history) {
        # The answer was cancelled, and another one may have been kept since.
        if (!identical(private$run, run)) stop(cancelled_condition(list()))
        private$history <- history
      })
    },

    # Records the conversation of a finished run of answers, and returns it.
    keep = function(so_far) {
      private$history <- with_answer(private$history, so_far, private$setup)
      private$open_turn <- NULL
      so_far
    },

    # Closes the stream of an answer, keeps the partial answer as a message of
    # the model, and returns it. `stream` is NULL if none was open; it has failed
    # if the conversation was being shortened.
    keep_cut = function(stream, so_far) {
      if (!is.null(stream$error)) stream <- NULL
      if (!is.null(stream)) stream$close()
      text <- partial_text(stream)
      if (nzchar(text) || so_far$rounds > 0) {
        private$keep(with_partial(private$setup, so_far, text))
      }
      if (!is.null(stream)) stream$message()
    },

    # Records the outcome of a stream that the user read.
    settle = function() {
      check_talk_form(private$form)
      if (!is.null(private$run)) {
        abort_argument("The answer to the last message has not arrived yet.")
      }
      stream <- private$pending$stream
      if (is.null(stream)) {
        return()
      }
      check_stream_ended(stream)
      so_far <- private$pending$so_far
      private$pending <- NULL
      if (stream$get_state() == "close") {
        private$keep_cut(stream, so_far)
      } else if (is.null(stream$error)) {
        answer <- talk_api(private$setup)$answer(stream)
        turn <- talk_turns(private$setup, Inf)(answer, so_far)
        if (turn$finished) {
          private$keep(turn$value)
        } else {
          private$open_turn <- turn$so_far
        }
      }
    }
  )
)
