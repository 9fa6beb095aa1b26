# What the classes of the Assistants API and the vector stores share: the
# version header, and the content type, which these classes send with every
# call, with or without a body.
assistants_api <- R6::R6Class(
  "assistants_api",
  inherit = base_api,
  private = list(
    headers = c(
      "OpenAI-Beta" = "assistants=v2",
      "Content-Type" = "application/json"
    ),

    # The files of an assistant or a message, which only exist in version 1.
    operate_v1 = function(name, ids, fields = list(), verbosity = 0) {
      warn_v1(name)
      private$operate(
        operation_v1(name), ids, fields,
        verbosity = verbosity, is_new = FALSE
      )
    }
  )
)
