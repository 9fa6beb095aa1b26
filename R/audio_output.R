#' Save audio to a file
#'
#' Writes the answer of `client$audio$speech()` to a file. A stream is written
#' as it arrives, without keeping it in memory.
#'
#' @param sound The raw vector returned by `$speech()` of [audio]; its
#'   [DataStream] (`stream = TRUE`), of which the unread part is written; or the
#'   answer of `$create()` of [chat] whose message contains audio
#'   (`modalities = c("text", "audio")`).
#' @param path Path of the file, one string. An existing file is replaced.
#' @return The path, invisibly.
#' @section Errors:
#' An [openai_error] of class `openai_argument_error` if the call failed, if
#' `sound` is something else, or if the extension of `path` belongs to another
#' format (`"hello.mp3"` for a WAV file); nothing is written then, and a stream
#' is closed. PCM cannot be told from other bytes, so it may have any extension.
#' If a stream fails, its own condition is signalled; what was received before
#' stays in the file.
#' @seealso <https://platform.openai.com/docs/api-reference/audio/createSpeech>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' path <- tempfile(fileext = ".mp3")
#'
#' server$reply(body = "ID3 and the rest of a sound")
#' save_audio(client$audio$speech(input = "Hello."), path)
#'
#' server$reply(chunks = c("ID3 and ", "the rest ", "of a sound"))
#' stream <- client$audio$speech(input = "Hello.", stream = TRUE)
#' save_audio(stream, path)
#' file.size(path)
#' server$stop()
#' @export
save_audio <- function(sound, path) {
  check_target(path)
  check_succeeded(sound, "sound")
  if (is.list(sound)) {
    sound <- sound_of_chat(sound)
  }
  if (is.raw(sound)) {
    check_extension(path, file_format(sound))
    writeBin(sound, path)
  } else if (inherits(sound, "DataStream")) {
    save_stream(sound, path)
  } else {
    abort_argument(
      "`sound` must be a raw vector or a stream of `client$audio$speech()`, ",
      "or the answer of a chat that contains audio, not ", describe(sound), "."
    )
  }
  invisible(path)
}

# The audio of the first choice of a chat, or the answer itself if there is
# none.
sound_of_chat <- function(answer) {
  message <- if (is.data.frame(answer$vres)) answer$vres[["message"]]
  sounds <- if (is.data.frame(message)) message[["audio"]]
  data <- if (is.data.frame(sounds)) sounds[["data"]][1]
  if (is_string(data)) unwrap(base64_read(data)) else answer
}

save_stream <- function(stream, path) {
  piece <- first_piece(stream, path)
  file <- file(path, "wb")
  on.exit(close(file))
  written <- 0
  while (is.raw(piece) && length(piece)) {
    writeBin(piece, file)
    written <- written + length(piece)
    piece <- stream$next_value
  }
  if (inherits(piece, "error")) {
    piece$message <- paste0(
      conditionMessage(piece), " The ", written, " bytes received before are ",
      "in ", path, "."
    )
    stop(piece)
  }
  if (identical(piece, "close")) {
    abort_argument("The stream was closed before all audio was received.")
  }
}

# The first piece of the stream, if it is audio that `path` can hold.
first_piece <- function(stream, path) {
  piece <- stream$next_value
  if (is.raw(piece)) {
    tryCatch(
      check_extension(path, file_format(piece)),
      error = function(e) {
        stream$close()
        stop(e)
      }
    )
  } else if (is.character(piece)) {
    abort_argument("The stream has already been read to its end.")
  } else if (inherits(piece, "error")) {
    stop(piece)
  } else {
    abort_argument("`sound` must be a stream of `client$audio$speech()`.")
  }
  piece
}
