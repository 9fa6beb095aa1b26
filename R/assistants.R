#' Create assistants
#'
#' @description
#' An assistant is a model with instructions and tools; [runs] apply it to
#' [threads]. Available as `client$assistants` of an [openai] client.
#'
#' An assistant has an `id`, a `name`, a `model`, `instructions` and `tools`.
#' See <https://platform.openai.com/docs/api-reference/assistants>.
#'
#' @param assistant_id Id of the assistant.
#' @param file_id Id of the file.
#' @template call
#' @template pages
#' @template assistants-shut
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"asst_1","object":"assistant","name":"Tutor"}')
#' client$assistants$create("gpt-6-luna", name = "Tutor")$id
#' server$stop()
assistants <- R6::R6Class(
  "assistants",
  inherit = assistants_api,
  public = list(
    #' @description Create an assistant.
    #' @param model Name of the model.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `name`, `instructions`, `tools` or `metadata`.
    #' @return The assistant as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    create = function(model, ..., verbosity = 0) {
      private$operate_as_before(
        "beta.assistants.create", list(), list(..., model = model), verbosity
      )
    },

    #' @description Get an assistant.
    #' @return The assistant as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(assistant_id, verbosity = 0) {
      private$operate_as_before(
        "beta.assistants.retrieve", list(assistant_id = assistant_id),
        verbosity = verbosity
      )
    },

    #' @description Change an assistant.
    #' @param ... The fields to change, named as in the API reference.
    #' @return The assistant as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    modify = function(assistant_id, ..., verbosity = 0) {
      private$operate_as_before(
        "beta.assistants.update", list(assistant_id = assistant_id), list(...),
        verbosity
      )
    },

    #' @description Delete an assistant.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    delete = function(assistant_id, verbosity = 0) {
      private$operate_as_before(
        "beta.assistants.delete", list(assistant_id = assistant_id),
        verbosity = verbosity
      )
    },

    #' @description List the assistants.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`.
    #' @return A list whose `data` is a data frame with one row per assistant,
    #'   and whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    list = function(..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "beta.assistants.list", list(), list(...), verbosity, pages = pages
      )
    },

    #' @description Attach a file to an assistant. The methods for files belong
    #'   to version 1 of the API and warn of that, each once per session
    #'   (`openai_version_warning`). If the server no longer has assistants, the
    #'   files are those of the code interpreter.
    #' @return The attached file as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    file_create = function(assistant_id, file_id, verbosity = 0) {
      private$operate_v1(
        "assistants.files.create", list(assistant_id = assistant_id),
        list(file_id = file_id), verbosity
      )
    },

    #' @description Get a file of an assistant.
    #' @return The attached file as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    file_retrieve = function(assistant_id, file_id, verbosity = 0) {
      private$operate_v1(
        "assistants.files.retrieve",
        list(assistant_id = assistant_id, file_id = file_id),
        verbosity = verbosity
      )
    },

    #' @description Detach a file from an assistant. The file itself is kept.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    file_delete = function(assistant_id, file_id, verbosity = 0) {
      private$operate_v1(
        "assistants.files.delete",
        list(assistant_id = assistant_id, file_id = file_id),
        verbosity = verbosity
      )
    },

    #' @description List the files of an assistant.
    #' @param ... Query parameters, named as in the API reference: `limit`,
    #'   `order`, `after`, `before`.
    #' @return A list whose `data` is a data frame with one row per file. A
    #'   failed call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    file_list = function(assistant_id, ..., verbosity = 0) {
      private$operate_v1(
        "assistants.files.list", list(assistant_id = assistant_id), list(...),
        verbosity
      )
    }
  )
)
