#' Save images
#'
#' Writes the images of an answer of `client$images` to files, as the server
#' made them.
#'
#' Where the answer has addresses instead of bytes, each is downloaded, without
#' the API key; proxies are those of the environment variables, see [openai].
#'
#' @param answer The answer of `$create()` or `$edit()` of [images], an event of
#'   their streams, a response in which a model drew images, or the answer of
#'   `$create()` of [chat] whose message holds images.
#' @param path Path of the file, one string. Several images get a number each:
#'   `"bird.png"` becomes `"bird-1.png"`, `"bird-2.png"` and so on. Files that
#'   are there are replaced.
#' @return The paths, invisibly. An image that the answer lacks, as where one of
#'   two was filtered, has none, and a warning (`openai_image_warning`).
#' @section Errors:
#' An [openai_error] of class `openai_argument_error` where the call failed, the
#' answer holds no images, or the extension of `path` is that of another format
#' (`"bird.jpg"` for a PNG image); nothing is written then. That of the download
#' where one fails.
#' @seealso [openai_answer()] for looking at images, and
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

# The bytes of the images that an answer has.
images_there <- function(answer) {
  sources <- image_sources(answer)
  lapply(sources[!is.na(sources)], image_bytes)
}

# Where the images of an answer are: the base64 or the address of each, NA where
# there is none. One of them is there at least.
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
      "`b64_json` or `url`, an event with a picture, or a response or a chat ",
      "that holds images, not ",
      describe(answer), "."
    )
  }
  sources
}

# A column of texts; `otherwise` where it lacks, or is empty.
text_or_na <- function(frame, name, otherwise = NA_character_) {
  texts <- frame[[name]]
  texts <- if (is.character(texts)) texts else rep(NA_character_, nrow(frame))
  ifelse(is.na(texts) | !nzchar(texts), otherwise, texts)
}

# The images of the first choice of a chat, as gateways send those of models
# that draw (https://openrouter.ai/docs/features/multimodal/image-generation).
images_of_chat <- function(message) {
  images <- if (is.data.frame(message)) message[["images"]]
  first <- if (is.list(images) && length(images)) images[[1]]
  if (is.data.frame(first) && is.data.frame(first$image_url)) {
    text_or_na(first$image_url, "url")
  }
}

# The picture of an event of a stream, finished or not.
is_image_event <- function(event) {
  is_string(event[["b64_json"]]) || is_string(event[["partial_image_b64"]])
}

# The picture of an event, or those that a model drew in a response.
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

# The bytes of an image that is base64, a URL that holds base64, or an address.
image_bytes <- function(source) {
  if (grepl("^https?://", source)) {
    download(source)
  } else {
    unwrap(base64_read(source))
  }
}

# The bytes at an address, which gets neither key nor headers of the client.
download <- function(url) {
  fields <- list(
    method = "GET", base_url = url, path = character(), key = "",
    answer = "bytes", expected = "file"
  )
  unwrap(send_with_progress(fields))$value
}
