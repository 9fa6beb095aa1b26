#' Models
#'
#' @description
#' Lists the models that your key may use, and deletes your fine-tuned ones.
#' Reached as `client$models` of an [openai] client.
#'
#' A model has an `id`, the name by which other calls ask for it, a time of
#' creation `created` (seconds since 1970) and an owner `owned_by`. See
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
    #' @return A data frame with one row per model; or the list of a failed
    #'   call, with `success = FALSE`, `message` and `type = "general"`.
    list = function(verbosity = 0) {
      private$request("GET", operations$models.list$segments,
        headers = c("Content-Type" = "application/json"),
        verbosity = verbosity, then = function(answer) answer$data
      )
    },

    #' @description Look up one model.
    #' @return The model as a list; or the list of a failed call, with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(model, verbosity = 0) {
      private$operate_as_before(
        "models.retrieve", list(model = model), verbosity = verbosity
      )
    },

    #' @description Delete a fine-tuned model of your organization.
    #' @return A list of `id`, `object` and `deleted`; or the list of a failed
    #'   call, with `success = FALSE`, `message` and `type = "general"`.
    delete = function(model, verbosity = 0) {
      private$operate_as_before(
        "models.delete", list(model = model), verbosity = verbosity
      )
    }
  )
)
