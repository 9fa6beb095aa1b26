#' Classify harmful content
#'
#' @description
#' Checks whether texts or images may be harmful, by category. Available as
#' `client$moderations` of an [openai] client.
#'
#' An answer is a list whose `results` is a data frame with one row per input:
#' `flagged`, and the data frames `categories` and `category_scores`. See
#' <https://platform.openai.com/docs/api-reference/moderations>.
#'
#' @template call
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"id":"modr-1","results":[{"flagged":false}]}')
#' client$moderations$create("What a nice day.")$results$flagged
#' server$stop()
moderations <- R6::R6Class(
  "moderations",
  inherit = base_api,
  public = list(
    #' @description Classify one or more inputs.
    #' @param input One text, a character vector of texts, or a list of parts
    #'   with `type` `"text"` or `"image_url"`.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `model`.
    #' @return The answer as a list, with `id`, `model` and `results`. A failed
    #'   call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`.
    create = function(input, ..., verbosity = 0) {
      private$operate_as_before(
        "moderations.create", list(), list(..., input = input), verbosity
      )
    }
  )
)
