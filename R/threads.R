#' Create threads
#'
#' @description
#' A thread is a conversation made of [messages], to which [runs] apply an
#' assistant. Available as `client$threads` of an [openai] client.
#'
#' A thread has an `id`, a creation time `created_at` (seconds since 1970) and
#' `metadata`. See <https://platform.openai.com/docs/api-reference/threads>.
#'
#' @param thread_id Id of the thread.
#' @template call
#' @template assistants-shut
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"thread_1","object":"thread"}')
#' hello <- list(role = "user", content = "Hello")
#' client$threads$create(messages = list(hello))$id
#' server$stop()
threads <- R6::R6Class(
  "threads",
  inherit = assistants_api,
  public = list(
    #' @description Create a thread.
    #' @param ... Fields of the request body, named as in the API reference:
    #'   `messages`, `tool_resources`, `metadata`. Without fields the thread is
    #'   empty.
    #' @return The thread as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    create = function(..., verbosity = 0) {
      private$operate_as_before(
        "beta.threads.create", list(), list(...), verbosity
      )
    },

    #' @description Get a thread.
    #' @return The thread as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(thread_id, verbosity = 0) {
      private$operate_as_before(
        "beta.threads.retrieve", list(thread_id = thread_id),
        verbosity = verbosity
      )
    },

    #' @description Change a thread.
    #' @param ... The fields to change, named as in the API reference:
    #'   `tool_resources`, `metadata`.
    #' @return The thread as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    modify = function(thread_id, ..., verbosity = 0) {
      private$operate_as_before(
        "beta.threads.update", list(thread_id = thread_id), list(...), verbosity
      )
    },

    #' @description Delete a thread.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    delete = function(thread_id, verbosity = 0) {
      private$operate_as_before(
        "beta.threads.delete", list(thread_id = thread_id),
        verbosity = verbosity
      )
    }
  )
)
