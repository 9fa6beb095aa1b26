#' Save images
#'
#' Writes the images of an answer of `client$images` to files, as the server
#' made them.
#'
#' Where the answer has addresses instead of bytes, each is downloaded, without
#' the API key; proxies are those of the environment variables, see [openai].
#'
#' @param answer The answer of `$create()` or `$edit()` of [images].
#' @param path Path of the file, one string. Several images get a number each:
#'   `"bird.png"` becomes `"bird-1.png"`, `"bird-2.png"` and so on. Files that
#'   are there are replaced.
#' @return The paths, invisibly.
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
  images <- image_bytes(answer)
  for (image in images) {
    check_extension(path, file_format(image))
  }
  paths <- if (length(images) == 1L) path else numbered(path, length(images))
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

# The images of an answer, a raw vector each.
image_bytes <- function(answer) {
  check_succeeded(answer, "image")
  if (!is_images(answer)) {
    abort_argument(
      "`answer` must be an answer of `client$images`, whose `data` has ",
      "`b64_json` or `url`, not ", describe(answer), "."
    )
  }
  images <- answer$data
  lapply(seq_len(nrow(images)), function(i) {
    encoded <- images$b64_json[i]
    if (is_string(encoded)) {
      unwrap(base64_read(encoded))
    } else {
      download(images$url[i])
    }
  })
}

is_images <- function(answer) {
  is.list(answer) && is.data.frame(answer$data) &&
    any(c("b64_json", "url") %in% names(answer$data))
}

# The bytes at an address, which gets neither key nor headers of the client.
download <- function(url) {
  if (!is_string(url)) {
    abort_argument("An image of the answer has neither `b64_json` nor `url`.")
  }
  fields <- list(
    method = "GET", base_url = url, path = character(), key = "",
    answer = "raw"
  )
  unwrap(send_with_progress(fields))$value
}
