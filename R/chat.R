#' Create chat completions
#'
#' @description
#' Sends a conversation to a model and returns its next message, complete or as
#' a stream. Available as `client$chat` of an [openai] client.
#'
#' An answer contains one or more choices and the `usage` in tokens. Each choice
#' has a `message` (`role`, `content`, and possibly `tool_calls`) and a
#' `finish_reason`. See <https://platform.openai.com/docs/api-reference/chat>.
#'
#' @param ... Additional fields of the request body, named as in the API
#'   reference: `temperature`, `max_completion_tokens`, `tools`,
#'   `response_format` and so on. `tools` can contain tools created by [tool()]
#'   as well as plain lists; `response_format` can be a [json_schema()]. Fields
#'   that are always arrays or always objects are sent in that shape:
#'   `modalities = "text"` as `["text"]`, `metadata = list()` as `{}`.
#' @template call
#' @template map
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' messages <- list(list(role = "user", content = "Say hello."))
#'
#' answer <- client$chat$create(messages, model = "gpt-6-luna")
#' answer$text
#'
#' stream <- client$chat$create(messages, model = "gpt-6-luna", stream = TRUE)
#' repeat {
#'   value <- stream$next_value
#'   if (!is.list(value) || inherits(value, "error")) break
#'   for (delta in value$vres) cat(delta$content)
#' }
#' stream$get_state()
#'
#' # Many prompts at once, with a journal of the completed answers:
#' journal <- tempfile(fileext = ".jsonl")
#' answers <- client$chat$map(
#'   c(sun = "Describe the sun.", moon = "Describe the moon."), "gpt-6-luna",
#'   system = "One sentence.", rpm = 600, journal = journal
#' )
#' answers$moon$text
#' server$stop()
chat <- R6::R6Class(
  "chat",
  inherit = base_api,
  public = list(
    #' @description Create a chat completion.
    #' @param messages The conversation so far: one string, which is sent as a
    #'   user message; one message, a list with `role` and `content`; a list of
    #'   messages; or a data frame with one row per message. Messages with
    #'   images must be lists. A data frame inside the list stands for its rows,
    #'   without `NA` values, so `answer$vres$message` can be an element.
    #' @param model Name of the model.
    #' @param stream `FALSE` waits for the complete answer; `TRUE` returns a
    #'   stream.
    #' @param n Number of choices to generate.
    #' @param num Maximum number of events that one `$next_value` of the stream
    #'   returns; ignored if `stream` is `FALSE`.
    #' @param echo `TRUE` prints the text of the first choice. A stream is
    #'   printed token by token, and the call returns when the stream has ended.
    #'   If the stream fails, the call signals an error; with `on_error =
    #'   "return"`, it warns, and the condition is in `$error` of the stream.
    #' @param system System message sent before the conversation, one string;
    #'   `NULL` for none.
    #' @return With `stream = FALSE` a list with
    #'   * `all_resp`: the complete response;
    #'   * `vres`: its choices, a data frame with one row per choice;
    #'   * `parsed` and `parsed_problem`: only if `response_format` is a
    #'     [json_schema()];
    #'   * `text`: the text of each choice, a character vector; `NA` if a choice
    #'     has none.
    #'
    #'   A failed call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`. With `stream = TRUE` a [DataStream], whose
    #'   `$message()` returns that list.
    create = function(messages, model, stream = FALSE, n = 1, num = 2,
                      verbosity = 0, ..., echo = FALSE, system = NULL) {
      check_flag(echo, "echo")
      path <- operations$chat.completions.create$segments
      fields <- list(...)
      parse <- choices_parser(fields[["response_format"]], n)
      rest <- list(model = model, stream = stream, n = n)
      conversation <- c(system_message(system), as_conversation(messages))
      body <- c(fields, list(messages = conversation), rest)
      if (stream) {
        opened <- private$stream(
          path, body, num, "chat", verbosity,
          then = function(answer) warn_parsed(chat_result(answer, parse))
        )
        return(if (echo) opened$echo() else opened)
      }
      answer <- private$request("POST", path,
        body = body, verbosity = verbosity,
        then = function(answer) {
          result <- chat_result(answer, parse)
          if (echo) echo_choice(result$vres)
          warn_parsed(result)
        }
      )
      if (echo) invisible(answer) else answer
    },

    #' @description Create chat completions for many prompts in parallel.
    #' @param prompts A character vector, each element of which is a user
    #'   message; or a list of conversations, each a string or `messages` as for
    #'   `$create()`. Missing prompts (`NA`) are not sent. For very many
    #'   prompts, a file (see [prompts_file()]), a connection with such lines,
    #'   or a function that returns the next prompts.
    #' @param model Name of the model.
    #' @param system System message sent before each conversation, one string;
    #'   `NULL` for none.
    #' @param n As for `$create()`.
    #' @param ask_again With a `journal` or `results`: whether to send prompts
    #'   again whose recorded answers were truncated (`finish_reason`
    #'   `"length"`) or could not be parsed ([json_schema()]). `FALSE` returns
    #'   these answers unchanged.
    #' @param max_active,rpm,tpm,on_error,journal,progress,max_wait As for
    #'   `$parallel()` of [openai]: the maximum number of concurrent requests,
    #'   the maximum number of requests and tokens per minute, what to do when a
    #'   request fails, the file that records completed answers, whether to show
    #'   a progress bar, and the longest wait that the server may ask for.
    #' @param estimate,max_cost As for `$parallel()` of [openai]: `TRUE`
    #'   estimates requests, tokens, cost and time and sends nothing; and the
    #'   maximum cost of the run in dollars. `max_cost` cannot be combined with
    #'   `engine = "batch"` or `workers`.
    #' @return A list as long as `prompts`, in their order and with their names,
    #'   which `as.data.frame()` turns into a table ([answers]). Each element is
    #'   what `$create()` returns or, with `on_error = "return"`, the condition
    #'   of a failed request. The answer to a missing prompt has the same
    #'   elements, which are `NULL`, and `NA` as `text`. A single warning
    #'   (`openai_parsed_warning`) reports the answers that could not be parsed.
    #'
    #'   With `results`, a list of class `openai_results`: `file`; the number of
    #'   prompts that were `answered`, that `failed` and that are `left` (`NA`
    #'   if unknown); and `failure`, the condition of the first failure with its
    #'   `index`. An error that ends the run contains such a list as `results`.
    map = function(prompts, model, ..., system = NULL, n = 1, max_active = 10,
                   rpm = NULL, tpm = NULL, on_error = "stop",
                   journal = NULL, progress = NULL, ask_again = TRUE,
                   max_wait = 120, workers = NULL, engine = "direct",
                   batch_size = 50000, results = NULL, in_order = TRUE,
                   estimate = FALSE, max_cost = NULL) {
      fields <- map_fields(list(...))
      settings <- parallel_settings(
        max_active, rpm, tpm, on_error, journal, progress, max_wait
      )
      settings <- with_engine(settings, engine, batch_size, workers)
      rest <- list(model = model, stream = FALSE, n = n)
      parse <- choices_parser(fields[["response_format"]], n)
      task <- map_task(
        "chat/completions", "messages",
        c(fields, list(messages = "..."), rest),
        read = as_conversations,
        then = function(answer) chat_result(answer, parse),
        missing = missing_answer(n, parsed = !is.null(parse)),
        is_unusable = is_unusable,
        first = system_message(system), schema = fields[["response_format"]]
      )
      run_map(
        task, prompts, settings, ask_again, private$config,
        private$user_call(), private$asynchronous, workers, results, in_order,
        estimate, max_cost
      )
    },

    #' @description Let a model call R functions until it has its final answer.
    #'   This sends the conversation, calls the functions that the model
    #'   requests, appends their results and sends the conversation again.
    #'   Problems with a tool call (an error in the function, invalid arguments,
    #'   an unknown tool) are reported to the model.
    #' @param messages,model,system As for `$create()`.
    #' @param stream Whether to stream each answer; the result is the same.
    #' @param tools Tools created by [tool()]: one, or a list, which may also
    #'   hold plain lists. The functions are called in the order in which the
    #'   model requests them.
    #' @param max_rounds Maximum number of answers to request.
    #' @param echo Whether to print each tool call, its result and the text of
    #'   the answer; with `stream = TRUE` the text is printed as it arrives.
    #' @return What `$create()` returns for the last answer, and
    #'   * `messages`: the whole conversation including that answer, ready to be
    #'     continued;
    #'   * `rounds`: the number of answers;
    #'   * `total_usage`: the sum of their `usage`, `NULL` if the server
    #'     reported none. The usage of the last answer alone is
    #'     `all_resp$usage`.
    #'
    #'   A failed call signals an error that contains these three fields, too,
    #'   as does the list it returns with `on_error = "return"`. If the model
    #'   still calls tools after `max_rounds` answers, this signals an error of
    #'   class `openai_rounds_error`, whose `messages` can be continued.
    run_tools = function(messages, model, tools, ..., stream = FALSE,
                         max_rounds = 10, echo = FALSE, system = NULL) {
      tools <- as_tools(tools)
      fields <- check_fields(list(...))
      check_run(tools, fields[["n"]] %||% 1, max_rounds)
      check_flag(stream, "stream")
      check_flag(echo, "echo")
      conversation <- c(system_message(system), as_conversation(messages))
      run <- if (private$asynchronous) run_tools_promise else run_tools_loop
      show <- shown_by(echo)
      answer <- run(
        ask = function(so_far) {
          private$answer(
            stream, so_far$messages, model,
            tools = tools, echo = echo, ...
          )
        },
        so_far = list(messages = conversation, rounds = 0, total_usage = NULL),
        take_turn = function(answer, so_far) {
          take_chat_turn(answer, so_far, tools_by_name(tools), max_rounds, show)
        }
      )
      if (echo) invisible(answer) else answer
    }
  ),
  private = list(
    # The complete answer, streamed or not, with its unchanged message as
    # `reply`; a promise of it if calls are asynchronous.
    answer = function(stream, ...) {
      asked <- private$as_new()
      own <- asked$.__enclos_env__$private
      own$keeps_message <- TRUE
      answer <- asked$create(..., stream = stream)
      reply <- function() if (stream) answer$reply() else own$message
      if (private$asynchronous) {
        promise <- if (stream) promises::as.promise(answer) else answer
        promises::then(promise, function(value) with_reply(value, reply()))
      } else {
        value <- if (stream) answer$message() else answer
        with_reply(value, reply())
      }
    }
  )
)

# Adds the message to send back to an answer; a failed call has none.
with_reply <- function(answer, reply) {
  if (!isFALSE(answer$success)) {
    answer$reply <- reply
  }
  answer
}

# Returns the function that adds `parsed` to an answer; NULL if nothing is
# parsed.
choices_parser <- function(response_format, n) {
  type <- schema_type(response_format)
  if (!is.null(type)) {
    function(choices) parse_choices(choices, type, several = n > 1)
  }
}

# What a chat returns for an answer; `parse` is a function of its choices.
chat_result <- function(answer, parse = NULL) {
  classed(c(
    list(all_resp = answer, vres = answer$choices),
    if (!is.null(parse)) parse(answer$choices),
    list(text = choice_texts(answer$choices))
  ))
}

# Whether an answer was truncated or could not be parsed.
is_unusable <- function(answer) {
  choices <- answer$vres
  (is.data.frame(choices) && "length" %in% choices$finish_reason) ||
    any(!is.na(answer$parsed_problem))
}

# The answer to a prompt that is missing.
missing_answer <- function(n, parsed) {
  c(
    list(all_resp = NULL, vres = NULL),
    if (parsed) list(parsed = NULL, parsed_problem = rep(NA_character_, n)),
    list(text = rep(NA_character_, n))
  )
}
