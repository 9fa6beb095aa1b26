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
      private$client <- client$with_options(on_error = "stop")
      private$name <- check_string(model, "model", optional = FALSE)
      private$system <- check_string(system, "system")
      private$tools <- check_talk_tools(tools)
      private$schema <- as_json_schema(schema)
      private$api_name <- check_api(api)
      private$fields <- check_talk_fields(fields)
      private$compacts <- check_flag(compact, "compact")
    },

    #' @description Send a message and wait for the answer. Tools run
    #'   automatically.
    #' @return The answer, as returned by `$create()` of [chat] or [responses],
    #'   with the additional fields of `$run_tools()`; invisibly if it was
    #'   printed.
    say = function(..., echo = TRUE, max_rounds = 10) {
      answer <- private$ask(
        list(...), private$schema, echo, max_rounds, sys.call()
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
      run <- TalkRun$new(
        function(so_far) private$open(so_far, private$schema),
        private$dialect()$answer,
        private$turn(max_rounds, on_event %||% shown_by(FALSE)), on_event
      )
      private$run <- run
      over <- function() {
        if (identical(private$run, run)) private$run <- NULL
      }
      promises::then(
        private$with_room(run$start, so_far, asynchronous = TRUE),
        onFulfilled = function(answer) {
          over()
          private$keep(answer)
        },
        onRejected = function(condition) {
          over()
          questions <- length(private$starts)
          stop(talk_condition(condition, condition$call, questions))
        }
      )
    },

    #' @description Cancel the answer that `$say_async()` awaits: its connection
    #'   is closed, the partial answer is kept, and its promise is rejected with
    #'   a condition of class `openai_cancelled_error`. A tool call that is
    #'   already running continues, but its result is ignored.
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
    #'   talk$stream() }`.
    #' @return A [DataStream], or `NULL`.
    stream = function(...) {
      if (...length() == 0L) {
        private$settle()
        if (is.null(private$owed)) {
          return(NULL)
        }
        so_far <- private$owed
      } else {
        so_far <- private$begin(list(...))
      }
      stream <- private$open(so_far, private$schema)
      private$pending <- list(stream = stream, so_far = so_far)
      stream
    },

    #' @description Send a message and return the answer as an R value.
    #' @param schema Structure of the value: a type, such as one created by
    #'   [type_object()], or a [json_schema()]; defaults to the `schema` of the
    #'   conversation.
    #' @return The value, as in `parsed` of an answer.
    extract = function(..., schema = NULL, max_rounds = 10) {
      schema <- as_json_schema(schema) %||% private$schema
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
    usage = function() usage_of_talk(private$use()),

    #' @description Get the cost of the conversation.
    #' @return One number in dollars, `NA` if a price is unknown.
    cost = function() {
      sum(self$usage()$cost)
    },

    #' @description Remove the last message and its answer.
    #' @return The conversation, invisibly.
    undo = function() {
      private$settle()
      count <- length(private$starts)
      if (count == 0L) {
        abort_argument("There is nothing to undo.")
      }
      private$said <- private$said[seq_len(private$starts[[count]] - 1L)]
      private$starts <- private$starts[-count]
      private$owed <- NULL
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
      if (length(private$said)) private$shorten(asynchronous = FALSE)
      invisible(self)
    },

    #' @description Start an interactive conversation at the prompt. An empty
    #'   line ends it.
    #' @return The conversation, invisibly.
    console = function() {
      if (!interactive()) {
        abort_argument("`$console()` needs an interactive session.")
      }
      while (nzchar(line <- readline("> "))) {
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
      said <- self$messages
      cat("<conversation> ", private$name, "\n", sep = "")
      if (!is.null(private$system)) show_said("system", private$system)
      for (item in said) show_item(item)
      if (length(private$used)) {
        used <- private$use()
        tokens <- c(sum(used$input), sum(used$output))
        print_tokens(sum(tokens), tokens[[1]], tokens[[2]])
      }
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
        private$said <- check_said(value, private$dialect())
        private$starts <- which(vapply(value, is_question, NA))
        private$owed <- NULL
      }
      private$said
    },

    #' @field api The API, `"responses"` or `"chat"`.
    api = function(value) {
      check_read_only(value)
      private$api_name
    },

    #' @field model Name of the model; you can assign another one.
    model = function(value) {
      if (missing(value)) {
        return(private$name)
      }
      private$name <- check_string(value, "model", optional = FALSE)
    }
  ),
  private = list(
    client = NULL,
    name = NULL,
    system = NULL,
    tools = NULL,
    schema = NULL,
    form = NULL,
    # "chat" or "responses": a name, so that a saved conversation contains no
    # functions.
    api_name = NULL,
    fields = NULL,
    compacts = FALSE,

    # The conversation so far, the positions of the questions in it, and the
    # usage of each.
    said = list(),
    starts = integer(),
    used = list(),

    # The stream that the user reads, with its question; the conversation if the
    # model waits for another request; the run of an awaited promise.
    pending = NULL,
    owed = NULL,
    run = NULL,

    dialect = function() talk_apis[[private$api_name]],

    # The initial state of a run of answers.
    begin = function(content) {
      private$settle()
      question <- list(
        role = "user", content = talk_content(content, private$dialect())
      )
      so_far <- list(rounds = 0, total_usage = NULL)
      so_far[[private$dialect()$said]] <- c(private$said, list(question))
      so_far
    },

    request_fields = function(schema = NULL) {
      fields <- private$dialect()$fields(private$system, schema)
      fields[names(private$fields)] <- private$fields
      if (length(private$tools)) fields$tools <- private$tools
      fields
    },

    open = function(so_far, schema) {
      do.call(private$dialect()$open, c(
        list(private$client, so_far[[private$dialect()$said]], private$name),
        private$request_fields(schema)
      ))
    },

    turn = function(max_rounds, show = shown_by(FALSE)) {
      function(answer, so_far) {
        private$dialect()$take_turn(
          answer, so_far, tools_by_name(private$tools), max_rounds, show
        )
      }
    },

    # `call` is the call in errors.
    ask = function(content, schema, echo, max_rounds, call) {
      check_flag(echo, "echo")
      check_number(max_rounds, "max_rounds", from = 1)
      so_far <- private$begin(content)
      stream <- NULL
      answer <- withCallingHandlers(
        tryCatch(
          private$with_room(function(begun) {
            run_tools_loop(
              function(now) {
                so_far <<- now
                stream <<- NULL
                stream <<- private$open(now, schema)
                if (echo) stream$echo()
                private$dialect()$answer(stream)
              },
              begun, private$turn(max_rounds, shown_by(echo))
            )
          }, so_far),
          interrupt = function(e) NULL
        ),
        openai_error = function(e) {
          stop(talk_condition(e, call, length(private$starts)))
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

    # The answer of `run(so_far)`, a run of answers. If the context window of
    # the model is full and the user wants that, the conversation is shortened
    # and the run continues.
    with_room = function(run, so_far, asynchronous = FALSE) {
      or_failed(function() run(so_far), function(condition) {
        can_help <- inherits(condition, "openai_context_error") &&
          private$compacts && length(private$starts)
        if (!can_help) stop(condition)
        message(
          "The model's context window is full: shortening the conversation."
        )
        name <- private$dialect()$said
        so_far <- condition[c(name, "rounds", "total_usage")]
        new <- so_far[[name]][-seq_along(private$said)]
        and_then(private$shorten(asynchronous), function(done) {
          so_far[[name]] <- c(private$said, new)
          private$with_room(run, so_far, asynchronous)
        })
      })
    },

    shorten = function(asynchronous) {
      shorter <- compacted_talk(private$said, private$starts, function(said) {
        private$dialect()$compact(
          private$client, said, private$name, private$request_fields(),
          asynchronous
        )
      })
      and_then(shorter, function(shorter) {
        private$said <- shorter$said
        private$starts <- shorter$starts
        private$note_use(1, shorter$usage)
      })
    },

    # Records the conversation of a finished run of answers, and returns it.
    keep = function(so_far) {
      private$starts <- c(private$starts, length(private$said) + 1L)
      private$said <- so_far[[private$dialect()$said]]
      private$note_use(so_far$rounds, so_far$total_usage)
      private$owed <- NULL
      so_far
    },

    # Closes the stream of an answer, keeps the partial answer as the model's
    # own words, and returns it; `stream` is NULL if none was open.
    keep_cut = function(stream, so_far) {
      text <- ""
      if (!is.null(stream)) {
        stream$close()
        text <- stream$text()
      }
      # A refusal has no text.
      text <- if (is.na(text)) "" else text
      if (nzchar(text)) {
        said <- private$dialect()$said
        cut <- list(role = "assistant", content = text)
        so_far[[said]] <- c(so_far[[said]], list(cut))
      }
      if (nzchar(text) || so_far$rounds > 0) {
        private$keep(so_far)
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
      state <- stream$get_state()
      if (!state %in% c("complete", "close")) {
        abort_argument(
          "The stream of the last answer has not ended: read it to its end or ",
          "close it with `$close()`."
        )
      }
      so_far <- private$pending$so_far
      private$pending <- NULL
      if (state == "close") {
        private$keep_cut(stream, so_far)
      } else if (is.null(stream$error)) {
        answer <- private$dialect()$answer(stream)
        turn <- private$turn(Inf)(answer, so_far)
        if (turn$over) private$keep(turn$value) else private$owed <- turn$so_far
      }
    },

    # The usage of each message, in the kinds of `tokens_of_usages()`.
    use = function() do.call(rbind, c(list(no_use()), private$used)),

    note_use = function(requests, usage) {
      row <- row_of_use(private$name, requests, usage)
      private$used <- c(private$used, list(row))
    }
  )
)
