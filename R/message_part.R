#' Add pictures, documents and sound to a message
#'
#' These functions create parts of a message in addition to text: for `$say()`
#' of a [Conversation], and for the `content` of a message of `client$chat` or
#' `client$responses`, a list in which a string is text.
#'
#' The type of a file is detected from its content, not its name.
#'
#' @param source What to send: the path of a file; a URL (`"https://..."`),
#'   which the API server fetches; the id of an uploaded file (`"file-..."`, see
#'   [files]); or the bytes, a raw vector. `picture()` also accepts a plot: one
#'   recorded by [grDevices::recordPlot()], an object whose `print()` draws it,
#'   such as those of ggplot2 and lattice, or a grob of grid.
#' @param detail How closely the model looks at a picture: `"low"`, `"high"` or
#'   `"auto"`; `NULL` for the API's default.
#' @param width,height Size in pixels in which to draw a plot.
#' @param name File name of a document, one string; defaults to that of
#'   `source`.
#' @return A list of class `openai_part`.
#' @section Errors:
#' An [openai_error] of class `openai_argument_error` if the file does not
#' exist, if a picture is not PNG, JPEG, GIF or WebP, if a sound is not WAV or
#' MP3, if a file is larger than 50 MB, the maximum of a request, or if no PNG
#' device can be opened to draw a plot
#' (<https://platform.openai.com/docs/guides/pdf-files>,
#' <https://platform.openai.com/docs/guides/images-vision>).
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#'
#' path <- tempfile(fileext = ".png")
#' if (capabilities("png")) {
#'   png(path)
#'   plot(pressure)
#'   dev.off()
#'   talk <- client$conversation("gpt-6-luna")
#'   talk$say("What does this plot show?", picture(path, detail = "low"))
#' }
#' server$stop()
#' @name picture
NULL

#' @rdname picture
#' @export
picture <- function(source, detail = NULL, width = 1024, height = 768) {
  if (!is.null(detail) && !isTRUE(detail %in% c("low", "high", "auto"))) {
    abort_argument(
      "`detail` must be \"low\", \"high\", \"auto\" or NULL, not ",
      describe(detail), "."
    )
  }
  if (is_plot(source)) {
    source <- drawn_plot(source, width, height)
  }
  message_part("picture", source, detail = detail)
}

#' @rdname picture
#' @export
document <- function(source, name = NULL) {
  check_string(name, "name")
  part <- message_part("document", source)
  if (!is.null(part$data)) {
    part$name <- name %||% part$name %||% "document.pdf"
  }
  part
}

#' @rdname picture
#' @export
sound <- function(source) {
  message_part("sound", source)
}

# Maximum size of a file in a request, in bytes.
max_part_bytes <- 50e6

# The media types of each kind of part, by the usual extension of their files;
# documents can have any.
part_types <- list(
  picture = c(
    png = "image/png", jpg = "image/jpeg", gif = "image/gif",
    webp = "image/webp"
  ),
  sound = c(wav = "audio/wav", mp3 = "audio/mpeg")
)

message_part <- function(kind, source, detail = NULL) {
  part <- if (is.raw(source)) {
    part_of_bytes(kind, source)
  } else if (!is_string(source) || !nzchar(source)) {
    abort_argument(
      "`source` must be a path, a URL, the id of a file, or a raw vector, not ",
      describe(source), "."
    )
  } else if (grepl("^https?://", source)) {
    list(url = source)
  } else if (grepl("^file-", source) && !file.exists(source)) {
    list(file_id = source)
  } else {
    part_of_file(kind, source)
  }
  part$detail <- detail
  structure(c(list(kind = kind), part), class = "openai_part")
}

part_of_file <- function(kind, path) {
  problem <- check_file(path)
  if (!is.null(problem)) {
    abort_argument("`source` cannot be read: ", file_problem(problem), ".")
  }
  check_part_size(file.size(path), path)
  part <- part_of_bytes(
    kind, readBin(path, "raw", file.size(path)), unwrap(media_type_of(path))
  )
  part$name <- basename(path)
  part
}

part_of_bytes <- function(kind, bytes, type = "application/pdf") {
  check_part_size(length(bytes), "The raw vector")
  types <- part_types[[kind]]
  if (!is.null(types)) {
    ending <- media_ending(bytes) %||% ""
    if (!ending %in% names(types)) {
      abort_argument(
        "`source` is not a ", kind, " that models accept (",
        paste(toupper(names(types)), collapse = ", "), "): its format is ",
        if (nzchar(ending)) toupper(ending) else "unknown", "."
      )
    }
    type <- types[[ending]]
  }
  list(type = type, data = unwrap(base64_write(bytes)))
}

check_part_size <- function(bytes, what) {
  if (bytes > max_part_bytes) {
    abort_argument(
      what, " has ", round(bytes / 1e6), " MB, but a request is limited to ",
      max_part_bytes / 1e6, " MB. Send it in parts, or add it to a vector ",
      "store and let the model search it (client$vector_stores)."
    )
  }
  if (bytes == 0) {
    abort_argument(what, " is empty.")
  }
}

# A part as requests contain it: chats have the fields of a picture or a file in
# a nested field (`is_nested`), responses next to its type.
part_as_sent <- function(part, is_nested) {
  if (is_nested) chat_part(part) else response_part(part)
}

# The parts of a content, in which a string is text.
parts_as_sent <- function(parts, is_nested) {
  lapply(parts, function(part) {
    if (inherits(part, "openai_part")) {
      part_as_sent(part, is_nested)
    } else if (is_string(part)) {
      list(type = if (is_nested) "text" else "input_text", text = part)
    } else {
      part
    }
  })
}

response_part <- function(part) {
  data <- data_url(part)
  switch(part$kind,
    picture = c(
      list(type = "input_image"), given_fields(
        image_url = part$url %||% data, file_id = part$file_id,
        detail = part$detail
      )
    ),
    document = c(
      list(type = "input_file"), given_fields(
        file_url = part$url, file_id = part$file_id,
        filename = if (!is.null(data)) part$name, file_data = data
      )
    ),
    sound = list(type = "input_audio", input_audio = audio_data(part))
  )
}

chat_part <- function(part) {
  data <- data_url(part)
  switch(part$kind,
    picture = {
      if (!is.null(part$file_id)) abort_part(part, "the id of a file")
      list(type = "image_url", image_url = given_fields(
        url = part$url %||% data, detail = part$detail
      ))
    },
    document = {
      if (!is.null(part$url)) abort_part(part, "a URL")
      list(type = "file", file = given_fields(
        file_id = part$file_id,
        filename = if (!is.null(data)) part$name, file_data = data
      ))
    },
    sound = list(type = "input_audio", input_audio = audio_data(part))
  )
}

# A data URL with the bytes (RFC 2397).
data_url <- function(part) {
  if (!is.null(part$data)) paste0("data:", part$type, ";base64,", part$data)
}

audio_data <- function(part) {
  if (is.null(part$data)) {
    abort_argument(
      "A sound must be a file on this machine or a raw vector, not ",
      describe(part$url %||% part$file_id), "."
    )
  }
  format <- names(part_types$sound)[part_types$sound == part$type]
  list(data = part$data, format = format)
}

abort_part <- function(part, what) {
  abort_argument(
    "Chats do not accept a ", part$kind, " by ", what, " (",
    describe(part$url %||% part$file_id), "): pass the file itself, or use ",
    "responses."
  )
}

#' @export
print.openai_part <- function(x, ...) {
  cat("<", x$kind, "> ", part_source(x), "\n", sep = "")
  invisible(x)
}

part_source <- function(part) {
  part$name %||% part$url %||% part$file_id %||% part$type
}
