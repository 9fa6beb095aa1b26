#' Create messages of a thread
#'
#' @description
#' A thread contains messages of the user and those that [runs] add. Available
#' as `client$messages` of an [openai] client.
#'
#' A message has an `id`, a `role` and a `content`, a data frame with one row
#' per part; the text of a part is in its `text$value`. See
#' <https://platform.openai.com/docs/api-reference/messages>.
#'
#' @param thread_id Id of the thread; see [threads].
#' @param message_id Id of the message.
#' @param file_id Id of the file.
#' @template call
#' @template pages
#' @template assistants-shut
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"msg_1","object":"thread.message"}')
#' client$messages$create("thread_1", "user", "How are you?")$id
#' server$stop()
messages <- R6::R6Class(
  "messages",
  inherit = assistants_api,
  public = list(
    #' @description Add a message to a thread.
    #' @param role `"user"` or `"assistant"`.
    #' @param content The text, or a list of parts with texts and images.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference: `attachments`, `metadata`.
    #' @return The message as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    create = function(thread_id, role, content, ..., verbosity = 0) {
      private$operate_as_before(
        "beta.threads.messages.create", list(thread_id = thread_id),
        list(..., role = role, content = content), verbosity
      )
    },

    #' @description Get a message.
    #' @return The message as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(thread_id, message_id, verbosity = 0) {
      private$operate_as_before(
        "beta.threads.messages.retrieve",
        list(thread_id = thread_id, message_id = message_id),
        verbosity = verbosity
      )
    },

    #' @description Change a message.
    #' @param ... The fields to change, named as in the API reference:
    #'   `metadata`.
    #' @return The message as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    modify = function(thread_id, message_id, ..., verbosity = 0) {
      private$operate_as_before(
        "beta.threads.messages.update",
        list(thread_id = thread_id, message_id = message_id), list(...),
        verbosity
      )
    },

    #' @description List the messages of a thread, newest first.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`, `run_id`.
    #' @return A list whose `data` is a data frame with one row per message, and
    #'   whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    list = function(thread_id, ..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "beta.threads.messages.list", list(thread_id = thread_id), list(...),
        verbosity, pages = pages
      )
    },

    #' @description Delete a message.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    delete = function(thread_id, message_id, verbosity = 0) {
      private$operate_as_before(
        "beta.threads.messages.delete",
        list(thread_id = thread_id, message_id = message_id),
        verbosity = verbosity
      )
    },

    #' @description Get a file of a message. This and `$file_list()` belong to
    #'   version 1 of the API and warn of that, each once per session
    #'   (`openai_version_warning`). If the server no longer has threads, the
    #'   files are those attached to the message.
    #' @return The attached file as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    file_retrieve = function(thread_id, message_id, file_id, verbosity = 0) {
      private$operate_v1(
        "threads.messages.files.retrieve",
        list(
          thread_id = thread_id, message_id = message_id, file_id = file_id
        ),
        verbosity = verbosity
      )
    },

    #' @description List the files of a message.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`.
    #' @return A list whose `data` is a data frame with one row per file. A
    #'   failed call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    file_list = function(thread_id, message_id, ..., verbosity = 0) {
      private$operate_v1(
        "threads.messages.files.list",
        list(thread_id = thread_id, message_id = message_id), list(...),
        verbosity
      )
    }
  )
)
