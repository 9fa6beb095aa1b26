#' Run assistants
#'
#' @description
#' A run applies an assistant to a thread. Available as `client$runs` of an
#' [openai] client.
#'
#' A run has an `id` and a `status`: `"queued"`, `"in_progress"`,
#' `"requires_action"` while it waits for the output of tools, and at the end
#' `"completed"`, `"failed"`, `"incomplete"`, `"cancelled"` or `"expired"`. Poll
#' it with `$retrieve()` until it has ended, then read the thread with
#' `client$messages$list()`; or stream it. See
#' <https://platform.openai.com/docs/api-reference/runs>.
#'
#' @param thread_id Id of the thread; see [threads].
#' @param run_id Id of the run.
#' @param assistant_id Id of the assistant; see [assistants].
#' @param step_id Id of the step.
#' @param stream `FALSE` returns the run in its initial state; `TRUE` returns a
#'   stream of the events of the run.
#' @param num Maximum number of events that one `$next_value` of the stream
#'   returns; ignored if `stream` is `FALSE`.
#' @template call
#' @template pages
#' @template assistants-shut
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"run_1","status":"queued"}')
#' run <- client$runs$create("thread_1", "asst_1")
#'
#' server$reply(body = '{"id":"run_1","status":"completed"}')
#' client$runs$retrieve("thread_1", run$id)$status
#' server$stop()
runs <- R6::R6Class(
  "runs",
  inherit = assistants_api,
  public = list(
    #' @description Start a run on a thread.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `instructions`, `model`, `tools` or `metadata`.
    #' @return With `stream = FALSE` the run as a list. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`. With
    #'   `stream = TRUE` a [DataStream].
    create = function(thread_id, assistant_id, stream = FALSE, num = 2, ...,
                      verbosity = 0) {
      private$start(
        "beta.threads.runs.create", list(thread_id = thread_id),
        list(..., assistant_id = assistant_id), stream, num, verbosity
      )
    },

    #' @description Get a run.
    #' @return The run as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(thread_id, run_id, verbosity = 0) {
      private$operate_as_before(
        "beta.threads.runs.retrieve",
        list(thread_id = thread_id, run_id = run_id), verbosity = verbosity
      )
    },

    #' @description Change a run.
    #' @param ... The fields to change, named as in the API reference:
    #'   `metadata`.
    #' @return The run as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    modify = function(thread_id, run_id, ..., verbosity = 0) {
      private$operate_as_before(
        "beta.threads.runs.update",
        list(thread_id = thread_id, run_id = run_id), list(...), verbosity
      )
    },

    #' @description List the runs of a thread.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`.
    #' @return A list whose `data` is a data frame with one row per run, and
    #'   whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    list = function(thread_id, ..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "beta.threads.runs.list", list(thread_id = thread_id), list(...),
        verbosity, pages = pages
      )
    },

    #' @description Submit the outputs of tools, so that a run that requires
    #'   them continues.
    #' @param tool_outputs A list with one list per tool call, of `tool_call_id`
    #'   and `output`, a string; or a data frame with these columns. All calls
    #'   must be answered in one request.
    #' @return With `stream = FALSE` the run as a list. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`. With
    #'   `stream = TRUE` a [DataStream].
    submit_tool_outputs = function(thread_id, run_id, tool_outputs,
                                   stream = FALSE, num = 2, verbosity = 0) {
      private$start(
        "beta.threads.runs.submit_tool_outputs",
        list(thread_id = thread_id, run_id = run_id),
        list(tool_outputs = tool_outputs), stream, num, verbosity
      )
    },

    #' @description Cancel a run.
    #' @return The run as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    cancel = function(thread_id, run_id, verbosity = 0) {
      private$operate_as_before(
        "beta.threads.runs.cancel",
        list(thread_id = thread_id, run_id = run_id), verbosity = verbosity
      )
    },

    #' @description Create a thread and start a run on it in one call.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `thread`, `instructions` or `model`.
    #' @return With `stream = FALSE` the run as a list, whose `thread_id` is the
    #'   id of the new thread. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`. With
    #'   `stream = TRUE` a [DataStream].
    create_tread = function(assistant_id, stream = FALSE, num = 2, ...,
                            verbosity = 0) {
      private$start(
        "beta.threads.create_and_run", list(),
        list(..., assistant_id = assistant_id), stream, num, verbosity
      )
    },

    #' @description Get a step of a run.
    #' @param ... Query parameters, named as in the API reference: `include`.
    #' @return The step as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    steps_retrieve = function(thread_id, run_id, step_id, verbosity = 0,
                              ...) {
      private$operate_as_before(
        "beta.threads.runs.steps.retrieve",
        list(thread_id = thread_id, run_id = run_id, step_id = step_id),
        list(...), verbosity
      )
    },

    #' @description List the steps of a run.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`.
    #' @return A list whose `data` is a data frame with one row per step, and
    #'   whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    steps_list = function(thread_id, run_id, ..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "beta.threads.runs.steps.list",
        list(thread_id = thread_id, run_id = run_id), list(...), verbosity,
        pages = pages
      )
    }
  ),
  private = list(
    # As in 0.3.0, requests say explicitly whether they stream.
    start = function(name, ids, fields, stream, num, verbosity) {
      if (!stream) fields <- c(fields, list(stream = FALSE))
      private$operate_as_before(name, ids, fields, verbosity, stream, num)
    }
  )
)
