# The formats of images and sounds.

# The format that an extension stands for.
extension_formats <- c(
  png = "PNG", jpg = "JPEG", jpeg = "JPEG", webp = "WebP", mp3 = "MP3",
  wav = "WAV", ogg = "Ogg", oga = "Ogg", opus = "Ogg", flac = "FLAC",
  aac = "AAC"
)

# The format of bytes, NULL if it is none of these.
file_format <- function(bytes) {
  format <- extension_formats[media_ending(bytes) %||% ""]
  if (!is.na(format)) unname(format)
}

extension <- function(path) {
  found <- regmatches(path, regexpr("[.][[:alnum:]]+$", path))
  tolower(sub(".", "", found, fixed = TRUE))
}

# Rejects writing `bytes` to a path with the extension of another format;
# `format` is the format of the bytes, NULL for one without a signature, such as
# PCM.
check_extension <- function(path, format) {
  promised <- extension_formats[extension(path)]
  if (length(promised) && !is.na(promised) && !is.null(format) &&
    format != promised) {
    fitting <- names(extension_formats)[extension_formats == format]
    abort_argument(
      "`path` (", path, ") has the extension of ", promised, ", but the bytes ",
      "are ", format, ": name it .", paste(fitting, collapse = " or ."),
      ", or request another format in the call."
    )
  }
}

# A failed call has nothing to save.
check_succeeded <- function(answer, what) {
  if (is.list(answer) && isFALSE(answer$success)) {
    abort_argument(
      "There is no ", what, ", because the call failed: ",
      answer$message %||% answer$data
    )
  }
}
