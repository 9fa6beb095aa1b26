#' Create responses
#'
#' @description
#' Sends input to a model and returns its response, complete or as a stream;
#' long responses can be created in the background. Available as
#' `client$responses` of an [openai] client.
#'
#' A response contains items (`output`): messages, tool calls, and summaries of
#' the model's reasoning. Items are lists in which objects are named lists and
#' arrays are unnamed lists, so they can be sent back unchanged. The `status` is
#' `"queued"`, `"in_progress"`, `"completed"`, `"incomplete"`, `"failed"` or
#' `"cancelled"`. See
#' <https://platform.openai.com/docs/api-reference/responses>.
#'
#' @param response_id Id of the response.
#' @param ... Additional fields of the request, named as in the API reference:
#'   `instructions`, `previous_response_id`, `conversation`, `reasoning`,
#'   `tools`, `background`, `store` and so on. `tools` can contain tools created
#'   by [tool()] as well as plain lists such as `list(type = "web_search")`.
#'   `text` can be a [json_schema()]; so can `response_format`, which means the
#'   same.
#' @template call
#' @template map
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#'
#' response <- client$responses$create("Say hello.", "gpt-6-luna")
#' response$output_text
#'
#' # The model remembers the previous response:
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
    #' @param input Input of the model: one string, which is sent as a user
    #'   message; a list of messages and other items, such as the `output` of
    #'   earlier responses; one item; or a data frame of messages.
    #' @param model Name of the model.
    #' @param stream `FALSE` waits for the complete response; `TRUE` returns a
    #'   stream of its events. With `background = TRUE`, the stream reconnects
    #'   and resumes by itself if the connection is lost.
    #' @param num Maximum number of events that one `$next_value` of the stream
    #'   returns.
    #' @param echo `TRUE` prints the text. A stream is printed token by token,
    #'   and the call returns when the stream has ended.
    #' @return With `stream = FALSE` the response as a list, which prints its
    #'   text. In addition to the fields of the API it contains
    #'   * `output_text`: the text of its messages, one string; `NA` if it has
    #'     none;
    #'   * `tool_calls`: the function calls that the model requests, a data
    #'     frame with `call_id`, `name` and `arguments`; `NULL` if there are
    #'     none;
    #'   * `parsed` and `parsed_problem`, if the request had a [json_schema()]:
    #'     the parsed value, and the reason why it could not be parsed, or `NA`.
    #'
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
      if (echo && stream) answer$echo()
      if (echo) invisible(answer) else answer
    },

    #' @description Get a response stored on the server, in its current state.
    #' @param stream `TRUE` returns a stream of the events of a response that
    #'   was created with `background = TRUE` and `stream = TRUE`. With
    #'   `starting_after`, the stream contains only the events after that
    #'   `sequence_number`.
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

    #' @description Cancel a background response.
    #' @return The response, as `$create()` returns it.
    cancel = function(response_id, ..., verbosity = 0) {
      private$operate(
        operations[["responses.cancel"]], list(response_id = response_id),
        list(...), verbosity,
        then = response_result
      )
    },

    #' @description Wait for a background response: polls the server until it
    #'   has finished. An interrupt stops waiting, and the response continues.
    #' @param timeout How long to wait, in seconds.
    #' @return The response, as `$create()` returns it, whatever its `status`.
    #'   If it has not finished in time, this signals an error of class
    #'   `openai_timeout_error`, whose `response` is its last state.
    wait = function(response_id, timeout = Inf, verbosity = 0) {
      check_timeout(timeout)
      wait_for(
        function() self$retrieve(response_id, verbosity = verbosity),
        is_finished = function(response) !is_pending(response),
        timeout, private$asynchronous,
        on_timeout = function(response) {
          abort_timeout("response", response_id, response, timeout, "responses")
        }
      )
    },

    #' @description Create responses for many prompts in parallel.
    #' @param model As for `$create()`.
    #' @param prompts A character vector, each element of which is the input of
    #'   a response; or a list of inputs as for `$create()`. Missing prompts
    #'   (`NA`) are not sent. For very many prompts, a file (see
    #'   [prompts_file()]), a connection with such lines, or a function that
    #'   returns the next prompts.
    #' @param ask_again With a `journal` or `results`: whether to send prompts
    #'   again whose recorded responses are incomplete or could not be parsed
    #'   ([json_schema()]). `FALSE` returns these responses unchanged.
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
    #'   of a failed request. The answer to a missing prompt has `NA` as
    #'   `output_text`. With `results`, a list of class `openai_results`, as for
    #'   [chat].
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

    #' @description Let a model call R functions until it has its final answer.
    #'   This sends the input, calls the functions that the model requests, and
    #'   sends their results. Problems with a tool call are reported to the
    #'   model. The rounds are linked by `previous_response_id`, or by the
    #'   `conversation` if one is given; with `store = FALSE`, each round sends
    #'   all items again.
    #' @param tools Tools created by [tool()]: one, or a list, which may also
    #'   hold plain lists of tools that the server runs.
    #' @param input,model As for `$create()`.
    #' @param stream Whether to stream each response; the result is the same.
    #' @param max_rounds Maximum number of responses to request.
    #' @param echo Whether to print each tool call, its result and the text of
    #'   the answer; with `stream = TRUE` the text is printed as it arrives.
    #' @return What `$create()` returns for the last response, and
    #'   * `items`: the input and all items that followed, ready to be
    #'     continued;
    #'   * `rounds`: the number of responses;
    #'   * `total_usage`: the sum of their `usage`.
    #'
    #'   A failed call signals an error that contains these three fields, too.
    #'   If the model still calls functions after `max_rounds` responses, this
    #'   signals an error of class `openai_rounds_error`.
    run_tools = function(input, model, tools, ..., stream = FALSE,
                         max_rounds = 10, echo = FALSE, verbosity = 0) {
      tools <- as_tools(tools)
      fields <- check_fields(list(...))
      check_run(tools, 1, max_rounds)
      check_flag(stream, "stream")
      check_flag(echo, "echo")
      show <- shown_by(echo)
      send <- function(so_far) {
        rest <- response_chain(fields, so_far)
        rest <- c(rest, list(tools = tools, verbosity = verbosity, echo = echo))
        private$whole(stream, c(list(so_far$input, model), rest))
      }
      run <- if (private$asynchronous) run_tools_promise else run_tools_loop
      response <- run(
        send,
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
      if (echo) invisible(response) else response
    }
  ),
  private = list(
    # The complete response, streamed or not; a promise of it if calls are
    # asynchronous.
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
