#' Images
#'
#' @description
#' Draws images from a description, and edits given ones. Reached as
#' `client$images` of an [openai] client.
#'
#' An answer is a list whose `data` is a data frame with one row per image:
#' `b64_json`, the image in base64, or `url`, its address, depending on the
#' model; [save_image()] writes them to files, and `plot(openai_answer(answer))`
#' draws them. See <https://platform.openai.com/docs/api-reference/images>.
#'
#' OpenAI asks for a `model` in every call and no longer answers
#' `$variation()`, which remains for other servers; `$edit()` with a prompt
#' does the like.
#'
#' @param prompt Description of the image that is wanted.
#' @param image Path of the image; for `$edit()` up to 16 paths.
#' @param ... Further fields of the request, named as in the API reference,
#'   such as `model`, `size`, `quality` or `n`, the number of images.
#' @template call
#' @template upload
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = '{"created":1,"data":[{"b64_json":"iVBORw0KGgo="}]}')
#' answer <- client$images$create("a bird", model = "gpt-image-2.5-flare")
#' answer$data$b64_json
#' server$stop()
images <- R6::R6Class(
  "images",
  inherit = base_api,
  public = list(
    #' @description Draw images.
    #' @param stream `TRUE` returns a [DataStream] of events: with
    #'   `partial_images` a picture as far as it is, then the finished ones;
    #'   [save_image()] writes that of an event.
    #' @param num Of a stream, the most events of one `$next_value`.
    #' @return The answer as a list, with `data`; or the list of a failed
    #'   call, with `success = FALSE`, `message` and `type = "general"`.
    create = function(prompt, ..., verbosity = 0, stream = FALSE, num = 2) {
      private$operate_as_before(
        "images.generate", list(), list(..., prompt = prompt), verbosity,
        stream, num,
        then = classed
      )
    },

    #' @description Edit an image, or make one of several.
    #' @param ... Further fields of the request, named as in the API
    #'   reference. `mask` is the path of an image whose transparent parts
    #'   show where to edit.
    #' @param stream,num As for `$create()`.
    #' @return The answer as a list, with `data`; or the list of a failed
    #'   call, with `success = FALSE`, `message` and `type = "general"`; or,
    #'   when a file cannot be sent, a list with `success = FALSE` and `data`.
    edit = function(image, prompt, ..., verbosity = 0, stream = FALSE,
                    num = 2) {
      private$operate_as_before(
        "images.edit", list(), list(..., prompt = prompt, image = image),
        verbosity, stream, num,
        then = classed
      )
    },

    #' @description Draw variations of an image.
    #' @return As `$edit()`, or a failed call.
    variation = function(image, ..., verbosity = 0) {
      private$operate_as_before(
        "images.create_variation", list(), list(..., image = image), verbosity,
        then = classed
      )
    }
  )
)
