#' Responses
#'
#' @description
#' Sends an input to a model and gets its response, at once or as a stream; in
#' the background where it takes long. Reached as `client$responses` of an
#' [openai] client.
#'
#' A response holds items (`output`): messages, calls of tools, summaries of the
#' model's reasoning. They are lists, in which objects are named lists and
#' arrays lists, so that they can be sent again as they came. The `status` tells
#' how far it is: `"queued"`, `"in_progress"`, `"completed"`, `"incomplete"`,
#' `"failed"` or `"cancelled"`. See
#' <https://platform.openai.com/docs/api-reference/responses>.
#'
#' @param response_id Id of the response.
#' @param ... Further fields of the request, named as in the API reference:
#'   `instructions`, `previous_response_id`, `conversation`, `reasoning`,
#'   `tools`, `background`, `store` and so on. `tools` may hold what [tool()]
#'   makes, beside plain lists such as `list(type = "web_search")`. `text` may
#'   be a [json_schema()], as may `response_format`, which means the same.
#' @template call
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#'
#' response <- client$responses$create("Say hello.", "gpt-6-luna")
#' response$output_text
#'
#' # The model knows what was said before:
#' client$responses$create(
#'   "And now in French.", "gpt-6-luna",
#'   previous_response_id = response$id
#' )
#'
#' stream <- client$responses$create("Count.", "gpt-6-luna", stream = TRUE)
#' stream$each(function(event) cat(event$text))
#' stream$message()$usage$output_tokens
#' server$stop()
responses <- R6::R6Class(
  "responses",
  inherit = base_api,
  public = list(
    #' @description Create a response.
    #' @param input What the model answers: one string, which is a message of
    #'   the user; a list of messages and other items, such as the `output` of
    #'   responses; one of them; or a data frame of messages.
    #' @param model Name of the model.
    #' @param stream `FALSE` waits for the whole response; `TRUE` returns a
    #'   stream that gives it event by event. With `background = TRUE` such a
    #'   stream goes on by itself where the connection breaks.
    #' @param num Largest number of events that one `$next_value` of the stream
    #'   returns.
    #' @param echo `TRUE` prints the text, of a stream token by token as it
    #'   comes, so that the call returns when the stream has ended.
    #' @return With `stream = FALSE` the response as a list, with `output_text`,
    #'   the texts of its messages in one string (`NA` where it has none),
    #'   `tool_calls`, a data frame with `call_id`, `name` and `arguments` of
    #'   the functions that the model calls (`NULL` where it calls none), and,
    #'   where the request had a [json_schema()], `parsed`, the value, and
    #'   `parsed_problem`, why there is none, or `NA`. `print()` shows the text.
    #'   With `stream = TRUE` a [DataStream], whose `$message()` returns that
    #'   list.
    create = function(input = NULL, model = NULL, ..., stream = FALSE, num = 2,
                      echo = FALSE, verbosity = 0) {
      check_flag(echo, "echo")
      fields <- response_fields(input, model, list(...))
      answer <- private$operate(
        operations[["responses.create"]], list(), fields$sent, verbosity,
        stream, num,
        then = function(response) {
          result <- response_result(response, fields$parse)
          if (echo && !stream) echo_response(result)
          warn_parsed(result)
        }
      )
      if (echo && stream) answer$echo() else answer
    },

    #' @description Get a response that the server has stored, as far as it is.
    #' @param stream `TRUE` gives its events, of a response that was created
    #'   with `background = TRUE` and `stream = TRUE`; with `starting_after`
    #'   those behind that `sequence_number`.
    #' @param num As for `$create()`.
    #' @return What `$create()` returns.
    retrieve = function(response_id, ..., stream = FALSE, num = 2,
                        verbosity = 0) {
      private$operate(
        operations[["responses.retrieve"]], list(response_id = response_id),
        list(...), verbosity, stream, num,
        then = response_result
      )
    },

    #' @description Stop a response that is made in the background.
    #' @return The response, as `$create()` returns it.
    cancel = function(response_id, ..., verbosity = 0) {
      private$operate(
        operations[["responses.cancel"]], list(response_id = response_id),
        list(...), verbosity,
        then = response_result
      )
    },

    #' @description Wait for a response that is made in the background: asks for
    #'   it until it is over. An interrupt ends the waiting, and the response
    #'   goes on.
    #' @param timeout How long to wait, in seconds.
    #' @return The response, as `$create()` returns it, whatever its `status`.
    #'   Where it is not over in time, this stops with an error of class
    #'   `openai_timeout_error`, whose `response` is what there was.
    wait = function(response_id, timeout = Inf, verbosity = 0) {
      check_timeout(timeout)
      wait_for(
        function() self$retrieve(response_id, verbosity = verbosity),
        is_over = function(response) !is_pending(response),
        timeout, private$asynchronous,
        late = function(response) {
          abort_late("response", response_id, response, timeout, "responses")
        }
      )
    },

    #' @description Create many responses, some of them at a time.
    #' @param model As for `$create()`.
    #' @param prompts A character vector, each element of which is the input of
    #'   a response; or a list of inputs as for `$create()`. Nothing is sent for
    #'   a missing one (`NA`). Of many prompts: a file of them, as
    #'   [prompts_file()] tells, a connection with such lines, or a function
    #'   that gives the next ones.
    #' @param ask_again With a `journal`: whether responses in it that are not
    #'   complete, or could not be parsed ([json_schema()]), are asked for
    #'   again; `FALSE` returns them as they are.
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
    #'   where `on_error` is `"return"`. The answer to a missing prompt has `NA`
    #'   as `output_text`. With `results` a list of class `openai_results`, as
    #'   that of [chat].
    map = function(prompts, model, ..., max_active = 10, rpm = NULL,
                   tpm = NULL, on_error = "stop", journal = NULL,
                   progress = NULL, ask_again = TRUE, max_wait = 120,
                   workers = NULL, engine = "direct", batch_size = 50000,
                   results = NULL, in_order = TRUE,
                   estimate = FALSE, max_cost = NULL) {
      settings <- parallel_settings(
        max_active, rpm, tpm, on_error, journal, progress, max_wait
      )
      settings <- with_engine(settings, engine, batch_size, workers)
      fields <- response_fields(NULL, model, map_fields(list(...)))
      task <- map_task(
        "responses", "input", c(list(input = "..."), fields$sent),
        read = response_inputs,
        then = function(answer) response_result(answer, fields$parse),
        missing = missing_response,
        is_unusable = is_unusable_response, answer = "items",
        schema = fields$schema
      )
      run_map(
        task, prompts, settings, ask_again, private$config,
        private$user_call(), private$asynchronous, workers, results, in_order,
        estimate, max_cost
      )
    },

    #' @description Let a model call R functions until it has its answer: sends
    #'   the input, calls what the model wants called, and sends the outcome.
    #'   What goes wrong in a call is told to the model. The rounds are chained
    #'   by `previous_response_id`; in the `conversation` where one is given;
    #'   and with `store = FALSE` all items are sent again.
    #' @param tools What [tool()] makes: one, or a list, which may also hold
    #'   plain lists of tools that the server runs.
    #' @param input,model As for `$create()`.
    #' @param stream Whether each response is streamed; the result is the same.
    #' @param max_rounds The most responses that are asked for.
    #' @param echo Whether each call, its result and the text of the answer are
    #'   shown, with `stream = TRUE` as the text comes.
    #' @return What `$create()` returns for the last response, then `items`, the
    #'   input and all that came of it, ready to be continued, `rounds`, how
    #'   many responses it took, and `total_usage`, the sum of their `usage`. A
    #'   failed call stops with a condition that has these three too. Where the
    #'   model still calls functions after `max_rounds` responses, this stops
    #'   with a condition of class `openai_rounds_error`.
    run_tools = function(input, model, tools, ..., stream = FALSE,
                         max_rounds = 10, echo = FALSE, verbosity = 0) {
      tools <- as_tools(tools)
      fields <- check_fields(list(...))
      check_run(tools, 1, max_rounds)
      check_flag(stream, "stream")
      check_flag(echo, "echo")
      show <- shown_by(echo)
      ask <- function(so_far) {
        rest <- response_chain(fields, so_far)
        rest <- c(rest, list(tools = tools, verbosity = verbosity, echo = echo))
        private$whole(stream, c(list(so_far$input, model), rest))
      }
      run <- if (private$asynchronous) run_tools_promise else run_tools_loop
      run(
        ask,
        so_far = list(
          items = as_items(input), input = as_items(input),
          rounds = 0, total_usage = NULL
        ),
        take_turn = function(answer, so_far) {
          take_response_turn(
            answer, so_far, tools_by_name(tools), max_rounds, show,
            sends_all = sends_all_items(fields)
          )
        }
      )
    }
  ),
  private = list(
    # The whole response, streamed or not; a promise of it where calls are.
    whole = function(stream, arguments) {
      answer <- do.call(self$create, c(arguments, stream = stream))
      if (!stream) {
        answer
      } else if (private$asynchronous) {
        promises::as.promise(answer)
      } else {
        answer$message()
      }
    }
  )
)
