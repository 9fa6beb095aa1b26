#' Audio
#'
#' @description
#' Turns text into speech and speech into text. Reached as `client$audio` of
#' an [openai] client. See
#' <https://platform.openai.com/docs/api-reference/audio>.
#'
#' The models that stand as defaults are near their end at OpenAI: `"tts-1"`
#' is shut down on 2027-01-06, `"whisper-1"`, and translation with it, on
#' 2027-02-26. Name a model in new scripts.
#'
#' @param path Path of the audio file.
#' @param ... Further fields of the request, named as in the API reference:
#'   `response_format` and `speed` for speech; `language`, `prompt`,
#'   `response_format` and `temperature` for text. `stream` is not among them.
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
    #' @description Speak a text.
    #' @param model Name of the model.
    #' @param input The text.
    #' @param voice Name of the voice.
    #' @param stream `FALSE` waits for the whole sound; `TRUE` returns a
    #'   stream that gives it piece by piece.
    #' @param num Half the number of bytes that one `$next_value` of the
    #'   stream returns; ignored when `stream` is `FALSE`.
    #' @return With `stream = FALSE` the bytes of a sound file as a raw
    #'   vector, to be kept with [save_audio()]; or the list of a failed call,
    #'   with `success = FALSE`, `message` and `type = "general"`. With
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

    #' @description Write down a recording in its own language.
    #' @param model Name of the model.
    #' @param stream `TRUE` returns a [DataStream] that gives the text as it is
    #'   understood, where the model can do that.
    #' @param num Of a stream, the most events of one `$next_value`.
    #' @return The answer as a list, with `text`; one string where
    #'   `response_format` is `"text"`, `"srt"`, `"vtt"` or another format that
    #'   is not JSON; or the list of a failed call, with `success = FALSE`,
    #'   `message` and `type = "general"`; or, when the file cannot be sent, a
    #'   list with `success = FALSE` and `data`.
    transcription = function(path, model = "whisper-1", ..., verbosity = 0,
                             stream = FALSE, num = 2) {
      private$transcribe(
        "audio.transcriptions.create", list(..., model = model, file = path),
        verbosity, stream, num
      )
    },

    #' @description Write down a recording in English.
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
        then = function(answer) transcript_as_asked(answer, format)
      )
    }
  )
)

# A transcript, which servers send as JSON or as text whatever was asked for, as
# the format promises it: a list with `text`, or one string.
transcript_as_asked <- function(answer, format) {
  wants_list <- is.null(format) || grepl("json", format)
  if (is_string(answer) && wants_list) {
    list(text = answer)
  } else if (is.list(answer) && identical(format, "text")) {
    answer$text
  } else {
    answer
  }
}
