#' A conversation
#'
#' @description
#' Talks with a model and remembers what was said. `client$conversation()` of an
#' [openai] client makes one.
#'
#' It is plain data: `saveRDS()` keeps it, and `readRDS()` in another session or
#' on another machine goes on with it, where the key is found again (see
#' [openai]). `print()` shows it as people read it.
#'
#' What is said is kept when its answer is complete. An error leaves the
#' conversation as it was, so that the same can be said again. An interrupt
#' (Ctrl-C, Esc, Stop) keeps what had come of the answer.
#'
#' A conversation that is longer than the context of its model is refused with
#' an [openai_error] of class `openai_context_error`: `$compact()` shortens it,
#' and one that was made with `compact = TRUE` does so by itself.
#' @param ... What is said: strings, and what [picture()], [document()] and
#'   [sound()] make, in any order.
#' @param echo `TRUE` prints the answer token by token as it comes, and each
#'   call of a tool with its result.
#' @param max_rounds The most answers that are asked for where the model calls
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
    #' @description Make a conversation; `client$conversation()` does so, see
    #'   [openai].
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

    #' @description Say something, and wait for the answer. Tools run by
    #'   themselves.
    #' @return The answer, as `$create()` of [chat] or [responses] returns it,
    #'   with what `$run_tools()` adds; invisibly where it was printed.
    say = function(..., echo = TRUE, max_rounds = 10) {
      answer <- private$ask(
        list(...), private$schema, echo, max_rounds, sys.call()
      )
      if (echo) invisible(answer) else answer
    },

    #' @description The same as a promise of the answer, which is returned at
    #'   once (packages promises and later). One answer at a time can be
    #'   awaited.
    #' @param on_event A function of each event while the answer is made, or
    #'   `NULL`: the events of its streams (see [DataStream]), and of each call
    #'   of a tool `list(event = "tool_call", call = , tool = , arguments = )`,
    #'   with the id of the call, the name of the tool and JSON text, and then
    #'   `list(event = "tool_result", call = , tool = , output = , failed = )`.
    #'   If it fails, the promise is rejected.
    #' @return A promise.
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

    #' @description Stop the answer that `$say_async()` awaits: its connection
    #'   is closed, what had come of it is kept, and its promise is rejected by
    #'   a condition of class `openai_cancelled_error`. A call of a tool that is
    #'   under way goes on, and nobody hears of it.
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

    #' @description Say something, and get the stream of the answer. It becomes
    #'   part of the conversation when it was read to its end or closed. Where
    #'   the model calls tools, `$stream()` without anything to say runs them
    #'   and gives the stream of the next answer, `NULL` where there are no
    #'   calls: `while (!is.null(stream)) { ...; stream <- talk$stream() }`.
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

    #' @description Say something, and get the answer as a value.
    #' @param schema What the value is: a type, such as [type_object()] makes,
    #'   or a [json_schema()]; by default the `schema` of the conversation.
    #' @return The value, as `parsed` of an answer has it.
    extract = function(..., schema = NULL, max_rounds = 10) {
      schema <- as_json_schema(schema) %||% private$schema
      if (is.null(schema)) {
        abort_argument(
          "`schema` must say what is extracted, such as ",
          "type_object(name = type_string())."
        )
      }
      private$ask(list(...), schema, FALSE, max_rounds, sys.call())$parsed
    },

    #' @description The tokens that were used.
    #' @return A data frame with a row for each thing that was said, and for
    #'   each time that the conversation was shortened: `model`, `requests`, `input_tokens`, `cached_tokens`, `output_tokens`,
    #'   `reasoning_tokens` and `cost` in dollars (see [model_prices()]).
    usage = function() usage_of_talk(private$use()),

    #' @description What the conversation cost.
    #' @return One number of dollars, `NA` where a price is not known.
    cost = function() {
      sum(self$usage()$cost)
    },

    #' @description Take back the last thing that was said, and its answer.
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

    #' @description Copy the conversation: each of the two goes on by itself.
    #' @return The copy.
    fork = function() {
      private$settle()
      self$clone()
    },

    #' @description Shorten what was said, where the context of the model is
    #'   full: responses by their own operation
    #'   (<https://platform.openai.com/docs/api-reference/responses/compact>),
    #'   chats by a summary that the model writes. Where even that is more than
    #'   the context holds, the older half is shortened. What was shortened
    #'   cannot be undone.
    #' @return The conversation, invisibly.
    compact = function() {
      private$settle()
      if (length(private$said)) private$shorten(asynchronous = FALSE)
      invisible(self)
    },

    #' @description Talk at the prompt: what is typed is said, and an empty line
    #'   ends it.
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

    #' @description Go on in the browser (packages shiny, later and promises);
    #'   see [chat_app()]. Closing the window ends it.
    #' @return The conversation, invisibly, with what was said there. Where R is
    #'   not interactive, the Shiny app, which [shiny::runApp()] runs.
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

    #' @description Show the conversation.
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
    #' @field messages What was said, as it is sent: the messages of a chat, or
    #'   the items of responses; a list. Another such list can be set. While
    #'   `$say_async()` awaits an answer, what was said before.
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

    #' @field api What answers, `"responses"` or `"chat"`.
    api = function(value) {
      check_read_only(value)
      private$api_name
    },

    #' @field model Name of the model; another one can be set.
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
    # "chat" or "responses": a name, so that what is saved holds no functions.
    api_name = NULL,
    fields = NULL,
    compacts = FALSE,

    # What was said, where in it each question is, and what each took.
    said = list(),
    starts = integer(),
    used = list(),

    # A stream that the user reads, with what it answers; what was said where
    # the model waits for another request; the run of a promise that is awaited.
    pending = NULL,
    owed = NULL,
    run = NULL,

    dialect = function() talk_apis[[private$api_name]],

    # What a run of answers begins with.
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

    # `call` is what errors tell.
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
        "Interrupted: the conversation keeps what had come of the answer."
      )
      private$keep_cut(stream, so_far)
    },

    # The answer of `run(so_far)`, a run of answers. Where the context of the
    # model is full and the user wants that, what was said before is shortened,
    # and the run goes on.
    with_room = function(run, so_far, asynchronous = FALSE) {
      or_failed(function() run(so_far), function(condition) {
        can_help <- inherits(condition, "openai_context_error") &&
          private$compacts && length(private$starts)
        if (!can_help) stop(condition)
        message(
          "The context of the model is full: what was said before is shortened."
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

    # Notes what was said in a run of answers that is over, and returns it.
    keep = function(so_far) {
      private$starts <- c(private$starts, length(private$said) + 1L)
      private$said <- so_far[[private$dialect()$said]]
      private$note_use(so_far$rounds, so_far$total_usage)
      private$owed <- NULL
      so_far
    },

    # Closes the stream of an answer, keeps what had come of it as the model's
    # own words, and returns that; `stream` is NULL where none was open.
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

    # What became of a stream that the user read.
    settle = function() {
      check_talk_form(private$form)
      if (!is.null(private$run)) {
        abort_argument("The answer to what was said last is still awaited.")
      }
      stream <- private$pending$stream
      if (is.null(stream)) {
        return()
      }
      state <- stream$get_state()
      if (!state %in% c("complete", "close")) {
        abort_argument(
          "The stream of the last answer is not over: read it to its end, or ",
          "close it by its `$close()`."
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

    # What each thing that was said took, in the kinds of `tokens_of_usages()`.
    use = function() do.call(rbind, c(list(no_use()), private$used)),

    note_use = function(requests, usage) {
      row <- row_of_use(private$name, requests, usage)
      private$used <- c(private$used, list(row))
    }
  )
)
