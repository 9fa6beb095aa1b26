#' Convert speech and text
#'
#' @description
#' Turns text into speech and speech into text. Available as `client$audio` of
#' an [openai] client. See
#' <https://platform.openai.com/docs/api-reference/audio>.
#'
#' OpenAI will shut down the default models: `"tts-1"` on 2027-01-06, and
#' `"whisper-1"`, including translation, on 2027-02-26. Set `model` in new
#' scripts.
#'
#' @param path Path of the audio file.
#' @param ... Additional fields of the request, named as in the API reference:
#'   `response_format` and `speed` for speech; `language`, `prompt`,
#'   `response_format` and `temperature` for text. `stream` is a
#'   separate argument.
#' @template call
#' @template upload
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#'
#' server$reply(body = "bytes of a sound")
#' sound <- client$audio$speech(input = "Hello.", model = "tts-1")
#' path <- tempfile(fileext = ".mp3")
#' save_audio(sound, path)
#'
#' server$reply(body = '{"text":"Hello."}')
#' client$audio$transcription(path, model = "gpt-transcribe")$text
#' server$stop()
audio <- R6::R6Class(
  "audio",
  inherit = base_api,
  public = list(
    #' @description Convert text to speech.
    #' @param model Name of the model.
    #' @param input The text.
    #' @param voice Name of the voice.
    #' @param stream `FALSE` waits for the complete sound; `TRUE` returns a
    #'   stream.
    #' @param num Half the number of bytes that one `$next_value` of the stream
    #'   returns; ignored if `stream` is `FALSE`.
    #' @return With `stream = FALSE` the bytes of an audio file, a raw vector
    #'   that [save_audio()] can write. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`. With
    #'   `stream = TRUE` a [DataStream].
    speech = function(model = "tts-1", input, voice = "alloy", stream = FALSE,
                      num = 100, ..., verbosity = 0) {
      path <- operations$audio.speech.create$segments
      body <- json_object(..., model = model, input = input, voice = voice)
      if (stream) {
        return(private$stream(path, body, num, "speech", verbosity))
      }
      private$request("POST", path,
        body = body, verbosity = verbosity
      )
    },

    #' @description Transcribe a recording in its own language.
    #' @param model Name of the model.
    #' @param stream `TRUE` returns a [DataStream] of the text as it is
    #'   recognized, if the model supports that.
    #' @param num Maximum number of events that one `$next_value` of the stream
    #'   returns.
    #' @return The answer as a list with `text`; one string if `response_format`
    #'   is `"text"`, `"srt"`, `"vtt"` or another format that is not JSON. A
    #'   failed call returns a list with `success = FALSE`, `message` and
    #'   `type = "general"`; if the file cannot be sent, a list with
    #'   `success = FALSE` and `data`.
    transcription = function(path, model = "whisper-1", ..., verbosity = 0,
                             stream = FALSE, num = 2) {
      private$transcribe(
        "audio.transcriptions.create", list(..., model = model, file = path),
        verbosity, stream, num
      )
    },

    #' @description Translate a recording into English text.
    #' @param model Name of the model.
    #' @return As `$transcription()`, or a failed call.
    translation = function(path, model = "whisper-1", ..., verbosity = 0) {
      private$transcribe(
        "audio.translations.create", list(..., model = model, file = path),
        verbosity
      )
    }
  ),
  private = list(
    transcribe = function(name, fields, verbosity, stream = FALSE, num = 2) {
      format <- fields[["response_format"]]
      private$operate_as_before(
        name, list(), fields, verbosity, stream, num,
        then = function(answer) transcript_in_format(answer, format)
      )
    }
  )
)

# A transcript in the requested format, a list with `text` or one string; some
# servers send JSON or text regardless of the request.
transcript_in_format <- function(answer, format) {
  wants_list <- is.null(format) || grepl("json", format)
  if (is_string(answer) && wants_list) {
    list(text = answer)
  } else if (is.list(answer) && identical(format, "text")) {
    answer$text
  } else {
    answer
  }
}
