#' Chat completions
#'
#' @description
#' Sends a conversation to a model and gets its next message, at once or as a
#' stream. Reached as `client$chat` of an [openai] client.
#'
#' An answer holds one or more choices, each with a `message` (`role`,
#' `content`, perhaps `tool_calls`) and a `finish_reason`, and the `usage` in
#' tokens. See <https://platform.openai.com/docs/api-reference/chat>.
#'
#' @param ... Further fields of the request body, named as in the API
#'   reference: `temperature`, `max_completion_tokens`, `tools`,
#'   `response_format` and so on. `tools` may hold what [tool()] makes, beside
#'   plain lists; `response_format` may be a [json_schema()]. Fields that are
#'   always arrays or always objects get that shape: `modalities = "text"` is
#'   sent as `["text"]`, `metadata = list()` as `{}`.
#' @template call
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
#' # Many at once, with what is done kept in a file:
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
    #' @param messages The conversation so far: one string, which is a message
    #'   of the user; one message, a list with `role` and `content`; a list of
    #'   messages; or a data frame with one row per message. Messages with
    #'   images need the list. Data frames in the list are their rows, without
    #'   what is `NA`, so that `answer$vres$message` can stand there.
    #' @param model Name of the model.
    #' @param stream `FALSE` waits for the whole answer; `TRUE` returns a
    #'   stream that gives it piece by piece.
    #' @param n Number of choices to generate.
    #' @param num Largest number of events that one `$next_value` of the
    #'   stream returns; ignored when `stream` is `FALSE`.
    #' @param echo `TRUE` prints the text of the first choice: of a stream token
    #'   by token as it comes, so that the call returns when the stream has
    #'   ended. A stream that fails stops then; where `on_error = "return"` was
    #'   set, it warns, and its `$error` has the condition.
    #' @param system What the model is told before the conversation, one string:
    #'   a message with the role `system` before `messages`; `NULL` for none.
    #' @return With `stream = FALSE` a list of `all_resp`, the whole answer,
    #'   `vres`, its choices as a data frame with one row per choice, and
    #'   `text`, the text of each choice, a character vector with `NA` where a
    #'   choice has none; or the list of a failed call, with `success = FALSE`,
    #'   `message` and `type = "general"`. With `stream = TRUE` a [DataStream],
    #'   whose `$message()` returns that list. Where `response_format` is a
    #'   [json_schema()], the list has `parsed` and `parsed_problem` before
    #'   `text`.
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
        if (echo) opened$echo()
        return(opened)
      }
      private$request("POST", path,
        body = body, verbosity = verbosity,
        then = function(answer) {
          result <- chat_result(answer, parse)
          if (echo) echo_choice(result$vres)
          warn_parsed(result)
        }
      )
    },

    #' @description Create many chat completions, some of them at a time.
    #' @param prompts A character vector, each element of which is the message
    #'   of a user; or a list of conversations, each a string or `messages` as
    #'   for `$create()`. Nothing is sent for a missing one (`NA`).
    #' @param model Name of the model.
    #' @param system The first message of each conversation, one string; `NULL`
    #'   for none.
    #' @param n As for `$create()`.
    #' @param ask_again With a `journal`: whether answers in it that were cut
    #'   (`finish_reason` `"length"`) or could not be parsed ([json_schema()])
    #'   are asked for again; `FALSE` returns them as they are.
    #' @param max_active,rpm,tpm,on_error,journal,progress,max_wait As for
    #'   `$parallel()` of [openai]: how many requests are under way, how many
    #'   requests and tokens are sent per minute, what a failed one does, where
    #'   answers are kept, whether a progress bar is shown, and how long the
    #'   server may make the run wait.
    #' @param workers R processes that send the requests, also on other
    #'   machines: `"future"` for those of [future::plan()], `"mirai"` for the
    #'   daemons of mirai, or the function of that name in the package; `NULL`
    #'   for none. `rpm` and `tpm` hold for all together, `max_active` for each.
    #'   See the article `vignette("machines", package =
    #'   "openaistream")`.
    #' @param engine `"direct"` sends each request by itself; `"batch"` all of
    #'   them as batches (see [batches]), at half the price: the answers come
    #'   within a day, and the call waits for them. With a `journal` another
    #'   session goes on with the batches of one that ended, and sends nothing
    #'   twice. The journal of one engine is none of the other. An interrupt
    #'   ends the waiting, and the batches go on. What a batch that expired or
    #'   was cancelled left undone is an `openai_batch_error`, and is sent again
    #'   by a run with the same journal. `max_active` and `max_wait` are for
    #'   `"direct"` alone, and `rpm`, `tpm` and `workers` are refused with
    #'   `"batch"`.
    #' @param batch_size The most requests of one batch, up to 50,000 as the API
    #'   says. A batch has 200 MB at most, too.
    #' @param results Path of a file that the answers go to, so that they need
    #'   not fit into memory, as [read_results()] tells. Where it is there, the
    #'   run goes on from it, if it has the results of the same prompts, model
    #'   and fields: what was answered is not sent again, whatever `ask_again`
    #'   says, and what failed is. `NULL` for none.
    #' @param in_order Whether `results` has the order of the prompts at the end
    #'   of the run; `FALSE` leaves it in that in which answers came, and saves
    #'   the time and the space in which a large file is sorted.
    #' @param estimate,max_cost As for `$parallel()` of [openai]: `TRUE` tells
    #'   requests, tokens, cost and time and sends nothing; the most that the
    #'   run may cost, in dollars. `max_cost` is not for `engine = "batch"` and
    #'   `workers`.
    #' @return A list as long as `prompts`, in their order and with their names,
    #'   of which `as.data.frame()` makes a table ([answers]):
    #'   what `$create()` returns for each, or the condition of a failed one
    #'   where `on_error` is `"return"`. The answer to a missing prompt has the
    #'   same elements: `NULL`, and `NA` as `text`. One warning
    #'   (`openai_parsed_warning`) tells which answers were not parsed. With
    #'   `results` a list of class `openai_results`: `file`, how many prompts
    #'   are `answered`, `failed` and `left` (`NA` where that is not known), and
    #'   `failure`, the condition of the first that failed, with its `index`; an
    #'   error that ends the run has such a list as `results`.
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

    #' @description Let a model call R functions until it has its answer: sends
    #'   the conversation, calls what the model wants called, appends the
    #'   outcome and sends again. What goes wrong in a call (an error of the
    #'   function, arguments that do not fit, a tool that is not there) is told
    #'   to the model.
    #' @param messages,model,system As for `$create()`.
    #' @param stream Whether each answer is streamed; the result is the same.
    #' @param tools What [tool()] makes: one, or a list, which may also hold
    #'   plain lists. The functions are called in the order in which the model
    #'   asks.
    #' @param max_rounds The most answers that are asked for.
    #' @param echo Whether each call, its result and the text of the answer are
    #'   shown, with `stream = TRUE` as the text comes.
    #' @return What `$create()` returns for the last answer, then `messages`,
    #'   the whole conversation with that answer, ready to be continued,
    #'   `rounds`, how many answers it took, and `total_usage`, the sum of their
    #'   `usage` (`NULL` where the server told none; that of the last answer
    #'   alone is `all_resp$usage`). A failed call stops with a condition that
    #'   has these three too, as has the list that it returns where `on_error =
    #'   "return"` was set. Where the model still calls tools after `max_rounds`
    #'   answers, this stops with a condition of class `openai_rounds_error`,
    #'   whose `messages` can be continued.
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
      run(
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
    }
  ),
  private = list(
    # The whole answer, streamed or not, with its message as it came: in
    # `reply`. A promise of it where calls are.
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

# An answer with the message that is sent back; a failed call has none.
with_reply <- function(answer, reply) {
  if (!isFALSE(answer$success)) {
    answer$reply <- reply
  }
  answer
}

# What makes `parsed` of an answer's choices; NULL where nothing is parsed.
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

# Whether an answer was cut, or could not be parsed.
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
