#' List models
#'
#' @description
#' Lists the models that your key can access, and deletes your fine-tuned
#' models. Available as `client$models` of an [openai] client.
#'
#' A model has an `id`, which is its name in other calls, a creation time
#' `created` (seconds since 1970) and an owner `owned_by`. See
#' <https://platform.openai.com/docs/api-reference/models>.
#'
#' @param model Name of the model.
#' @template call
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' client$models$list()$id
#' server$stop()
models <- R6::R6Class(
  "models",
  inherit = base_api,
  public = list(
    #' @description List the models.
    #' @return A data frame with one row per model. A failed call returns a list
    #'   with `success = FALSE`, `message` and `type = "general"`.
    list = function(verbosity = 0) {
      private$request("GET", operations$models.list$segments,
        headers = c("Content-Type" = "application/json"),
        verbosity = verbosity, then = function(answer) answer$data
      )
    },

    #' @description Get a model.
    #' @return The model as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(model, verbosity = 0) {
      private$operate_as_before(
        "models.retrieve", list(model = model), verbosity = verbosity
      )
    },

    #' @description Delete a fine-tuned model of your organization.
    #' @return A list of `id`, `object` and `deleted`. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    delete = function(model, verbosity = 0) {
      private$operate_as_before(
        "models.delete", list(model = model), verbosity = verbosity
      )
    }
  )
)
