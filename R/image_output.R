#' Save images to files
#'
#' Writes the images in an answer of `client$images` to files, as received from
#' the server.
#'
#' If the answer contains URLs instead of data, each image is downloaded without
#' the API key, using proxies from the environment variables (see [openai]).
#'
#' @param answer The answer of `$create()` or `$edit()` of [images], an event of
#'   their streams, a response in which a model generated images, or the answer
#'   of `$create()` of [chat] whose message contains images.
#' @param path Path of the file, one string. Several images are numbered:
#'   `"bird.png"` becomes `"bird-1.png"`, `"bird-2.png"` and so on. Existing
#'   files are replaced.
#' @return The paths, invisibly. An image that is missing from the answer, for
#'   example because it was filtered, has no path and causes a warning
#'   (`openai_image_warning`).
#' @section Errors:
#' An [openai_error] of class `openai_argument_error` if the call failed, if the
#' answer contains no images, or if the extension of `path` belongs to another
#' format (`"bird.jpg"` for a PNG image); nothing is written then. If a download
#' fails, the error of the download.
#' @seealso [openai_answer()] to display images, and
#'   <https://platform.openai.com/docs/api-reference/images>
#'   <https://platform.openai.com/docs/api-reference/images>
#' @examples
#' # An image as the API would send it.
#' path <- tempfile(fileext = ".png")
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' server$reply(body = paste0(
#'   "{\"data\":[{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1Pe",
#'   "AAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC\"}]}"
#' ))
#'
#' answer <- client$images$create("a bird", model = "gpt-image-2.5-flare")
#' save_image(answer, path)
#' file.size(path)
#' server$stop()
#' @export
save_image <- function(answer, path) {
  check_target(path)
  sources <- image_sources(answer)
  is_there <- !is.na(sources)
  if (!all(is_there)) {
    warn_openai(
      "image", "The answer lacks ", sum(!is_there), " of ", length(sources),
      " images; they may have been filtered."
    )
  }
  images <- lapply(sources[is_there], image_bytes)
  for (image in images) {
    check_extension(path, file_format(image))
  }
  paths <- if (length(sources) == 1L) path else numbered(path, length(sources))
  paths <- paths[is_there]
  Map(writeBin, images, paths)
  invisible(paths)
}

numbered <- function(path, count) {
  ending <- regexpr("([.][[:alnum:]]+)?$", path)
  paste0(
    substr(path, 1L, ending - 1L), "-", seq_len(count),
    substr(path, ending, nchar(path))
  )
}

# The bytes of the images that an answer contains.
images_there <- function(answer) {
  sources <- image_sources(answer)
  lapply(sources[!is.na(sources)], image_bytes)
}

# The sources of the images in an answer: base64 or URL, NA if missing. There is
# at least one.
image_sources <- function(answer) {
  check_succeeded(answer, "image")
  sources <- if (is_images(answer)) {
    text_or_na(answer$data, "b64_json", text_or_na(answer$data, "url"))
  } else if (is.list(answer) && !is.data.frame(answer) &&
    (is_image_event(answer) || !is.null(answer[["output"]]))) {
    images_of_response(answer)
  } else if (is.list(answer) && is.data.frame(answer$vres)) {
    images_of_chat(answer$vres[["message"]])
  }
  if (all(is.na(sources))) {
    abort_argument(
      "`answer` must be an answer of `client$images`, whose `data` has ",
      "`b64_json` or `url`, an event with an image, or a response or chat ",
      "that contains images, not ",
      describe(answer), "."
    )
  }
  sources
}

# A column of texts; `otherwise` if it is missing or empty.
text_or_na <- function(frame, name, otherwise = NA_character_) {
  texts <- frame[[name]]
  texts <- if (is.character(texts)) texts else rep(NA_character_, nrow(frame))
  ifelse(is.na(texts) | !nzchar(texts), otherwise, texts)
}

# The images of the first choice of a chat, in the form in which gateways send
# images of models
# (https://openrouter.ai/docs/features/multimodal/image-generation).
images_of_chat <- function(message) {
  images <- if (is.data.frame(message)) message[["images"]]
  first <- if (is.list(images) && length(images)) images[[1]]
  if (is.data.frame(first) && is.data.frame(first$image_url)) {
    text_or_na(first$image_url, "url")
  }
}

# The image in an event of a stream, final or partial.
is_image_event <- function(event) {
  is_string(event[["b64_json"]]) || is_string(event[["partial_image_b64"]])
}

# The image in an event, or those that a model generated in a response.
images_of_response <- function(answer) {
  if (is_image_event(answer)) {
    return(answer[["b64_json"]] %||% answer[["partial_image_b64"]])
  }
  drawn <- items_of_type(answer[["output"]], "image_generation_call")
  vapply(drawn, function(item) {
    if (is_string(item$result)) item$result else NA_character_
  }, "")
}

is_images <- function(answer) {
  is.list(answer) && is.data.frame(answer$data) &&
    any(c("b64_json", "url") %in% names(answer$data))
}

# The bytes of an image given as base64, data URL, or URL.
image_bytes <- function(source) {
  if (grepl("^https?://", source)) {
    download(source)
  } else {
    unwrap(base64_read(source))
  }
}

# Downloads the bytes at a URL, without the key and headers of the client.
download <- function(url) {
  fields <- list(
    method = "GET", base_url = url, path = character(), key = "",
    answer = "bytes", expected = "file"
  )
  unwrap(send_with_progress(fields))$value
}
