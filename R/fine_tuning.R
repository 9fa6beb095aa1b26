#' Fine-tune models
#'
#' @description
#' Trains a model on your own examples. Available as `client$fine_tuning` of an
#' [openai] client.
#'
#' A job has an `id`, a `status` (`"validating_files"`, `"queued"`, `"running"`,
#' `"succeeded"`, `"failed"`, `"cancelled"`) and, once it has succeeded, the
#' name of the new model in `fine_tuned_model`. See
#' <https://platform.openai.com/docs/api-reference/fine-tuning>.
#'
#' OpenAI accepts new jobs until 2027-01-06, except from organizations that had
#' stopped fine-tuning before 2026-07-02. Existing fine-tuned models work until
#' their base model is retired.
#'
#' @param job_id Id of the job.
#' @param ... Query parameters, named as in the API reference: `limit` and
#'   `after`.
#' @template call
#' @template pages
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"ftjob-1","status":"queued"}')
#' job <- client$fine_tuning$create("gpt-6-luna", "file-1", suffix = "demo")
#'
#' server$reply(body = '{"id":"ftjob-1","status":"succeeded"}')
#' client$fine_tuning$retrieve(job$id)$status
#' server$stop()
fine_tuning <- R6::R6Class(
  "fine_tuning",
  inherit = base_api,
  public = list(
    #' @description Create a job.
    #' @param model Name of the model to start from.
    #' @param training_file Id of an uploaded file of examples as JSON lines;
    #'   see [files].
    #' @param hyperparameters Named list of settings such as `n_epochs`, the
    #'   number of passes over the data. The API now expects them in the field
    #'   `method`: pass that in `...` together with `hyperparameters = NULL`,
    #'   which omits this field.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `suffix`, `validation_file` or `method`.
    #' @return The job as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    create = function(model, training_file,
                      hyperparameters = list(n_epochs = 1), ...,
                      verbosity = 0) {
      fields <- list(..., model = model, training_file = training_file)
      fields$hyperparameters <- hyperparameters
      private$operate_as_before(
        "fine_tuning.jobs.create", list(), fields, verbosity
      )
    },

    #' @description List the jobs.
    #' @return A list whose `data` is a data frame with one row per job, and
    #'   whose `has_more` is whether there are more. A failed call returns a
    #'   list with `success = FALSE`, `message` and `type = "general"`.
    list = function(verbosity = 0, ..., pages = 1) {
      private$operate_as_before(
        "fine_tuning.jobs.list", list(), list(...), verbosity, pages = pages
      )
    },

    #' @description Get a job.
    #' @return The job as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    retrieve = function(job_id, verbosity = 0) {
      private$operate_as_before(
        "fine_tuning.jobs.retrieve", list(job_id = job_id),
        verbosity = verbosity
      )
    },

    #' @description Cancel a job.
    #' @return The job as a list. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    cancel = function(job_id, verbosity = 0) {
      private$operate_as_before(
        "fine_tuning.jobs.cancel", list(job_id = job_id), verbosity = verbosity
      )
    },

    #' @description List the events of a job.
    #' @return A list whose `data` is a data frame with one row per event. A
    #'   failed call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    events = function(job_id, ..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "fine_tuning.jobs.list_events", list(job_id = job_id), list(...),
        verbosity, pages = pages
      )
    },

    #' @description List the checkpoints of a job: the models saved during
    #'   training.
    #' @return A list whose `data` is a data frame with one row per checkpoint.
    #'   A failed call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    checkpoints = function(job_id, ..., verbosity = 0, pages = 1) {
      private$operate_as_before(
        "fine_tuning.jobs.checkpoints.list", list(job_id = job_id), list(...),
        verbosity, pages = pages
      )
    }
  )
)
