#' Embeddings
#'
#' @description
#' Turns texts into vectors of numbers, to compare, search or cluster them.
#' Reached as `client$embeddings` of an [openai] client.
#'
#' An answer is a list whose `data` is a data frame with one row per text;
#' its column `embedding` is a list of numeric vectors. See
#' <https://platform.openai.com/docs/api-reference/embeddings>.
#'
#' @template call
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' answer <- client$embeddings$create(
#'   "text-embedding-3-small",
#'   c("a cat", "a dog")
#' )
#' # one row per text
#' vectors <- do.call(rbind, answer$data$embedding)
#' dim(vectors)
#' server$stop()
embeddings <- R6::R6Class(
  "embeddings",
  inherit = base_api,
  public = list(
    #' @description Compute the embeddings of one or more texts.
    #' @param model Name of the model.
    #' @param input One text, a character vector of texts, or a list of
    #'   vectors of token numbers.
    #' @param ... Further fields of the request body, named as in the API
    #'   reference, such as `dimensions`.
    #' @return The answer as a list, with `data`, `model` and `usage`; or the
    #'   list of a failed call, with `success = FALSE`, `message` and
    #'   `type = "general"`.
    create = function(model, input, ..., verbosity = 0) {
      private$request("POST", path_segments("embeddings"),
        body = json_object(..., model = model, input = input),
        verbosity = verbosity
      )
    }
  )
)
