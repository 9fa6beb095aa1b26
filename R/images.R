#' Create images
#'
#' @description
#' Generates images from a description, and edits existing ones. Available as
#' `client$images` of an [openai] client.
#'
#' An answer is a list whose `data` is a data frame with one row per image:
#' `b64_json`, the image in base64, or `url`, depending on the model.
#' [save_image()] writes them to files, and `plot(openai_answer(answer))` draws
#' them. See <https://platform.openai.com/docs/api-reference/images>.
#'
#' OpenAI requires a `model` in every call. It no longer supports
#' `$variation()`, which remains for other servers; use `$edit()` with a prompt
#' instead.
#'
#' @param prompt Description of the image.
#' @param image Path of the image; for `$edit()` up to 16 paths.
#' @param ... Additional fields of the request, named as in the API reference,
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
    #' @description Generate images.
    #' @param stream `TRUE` returns a [DataStream] of events: with
    #'   `partial_images`, previews of an image, then the final images.
    #'   [save_image()] writes the image of an event.
    #' @param num Maximum number of events that one `$next_value` of the stream
    #'   returns.
    #' @return The answer as a list, with `data`. A failed call returns a list
    #'   with `success = FALSE`, `message` and `type = "general"`.
    create = function(prompt, ..., verbosity = 0, stream = FALSE, num = 2) {
      private$operate_as_before(
        "images.generate", list(), list(..., prompt = prompt), verbosity,
        stream, num,
        then = classed
      )
    },

    #' @description Edit an image, or combine several into one.
    #' @param ... Additional fields of the request, named as in the API
    #'   reference. `mask` is the path of an image whose transparent parts show
    #'   where to edit.
    #' @param stream,num As for `$create()`.
    #' @return The answer as a list, with `data`. A failed call returns a list
    #'   with `success = FALSE`, `message` and `type = "general"`; if a file
    #'   cannot be sent, a list with `success = FALSE` and `data`.
    edit = function(image, prompt, ..., verbosity = 0, stream = FALSE,
                    num = 2) {
      private$operate_as_before(
        "images.edit", list(), list(..., prompt = prompt, image = image),
        verbosity, stream, num,
        then = classed
      )
    },

    #' @description Generate variations of an image.
    #' @return As `$edit()`, or a failed call.
    variation = function(image, ..., verbosity = 0) {
      private$operate_as_before(
        "images.create_variation", list(), list(..., image = image), verbosity,
        then = classed
      )
    }
  )
)
