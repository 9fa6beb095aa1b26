# The formats of images and sounds, told by the first bytes of a file.

starts_with <- function(bytes, ..., at = 1L) {
  wanted <- as.raw(c(...))
  places <- at - 1L + seq_along(wanted)
  length(bytes) >= max(places) && identical(bytes[places], wanted)
}

# The format of bytes, NULL where it is none of these.
file_format <- function(bytes) {
  if (starts_with(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) {
    "PNG"
  } else if (starts_with(bytes, 0xff, 0xd8, 0xff)) {
    "JPEG"
  } else if (starts_with(bytes, charToRaw("RIFF"))) {
    riff_format(bytes)
  } else if (starts_with(bytes, charToRaw("OggS"))) {
    "Ogg"
  } else if (starts_with(bytes, charToRaw("fLaC"))) {
    "FLAC"
  } else if (starts_with(bytes, charToRaw("ID3"))) {
    "MP3"
  } else {
    frame_format(bytes)
  }
}

riff_format <- function(bytes) {
  if (starts_with(bytes, charToRaw("WEBP"), at = 9L)) {
    "WebP"
  } else if (starts_with(bytes, charToRaw("WAVE"), at = 9L)) {
    "WAV"
  }
}

# MPEG audio without a header of its own begins with 11 bits of one, then the
# version and the layer; AAC (ADTS) with 12 bits of one and the layer 0.
frame_format <- function(bytes) {
  if (length(bytes) < 2L || bytes[[1]] != as.raw(0xff)) {
    return(NULL)
  }
  second <- as.integer(bytes[[2]])
  layer <- bitwAnd(second, 0x06L)
  if (bitwAnd(second, 0xf6L) == 0xf0L) {
    "AAC"
  } else if (bitwAnd(second, 0xe0L) == 0xe0L && layer != 0L) {
    "MP3"
  }
}

# The format that the extension of a path promises.
extension_formats <- c(
  png = "PNG", jpg = "JPEG", jpeg = "JPEG", webp = "WebP", mp3 = "MP3",
  wav = "WAV", ogg = "Ogg", oga = "Ogg", opus = "Ogg", flac = "FLAC",
  aac = "AAC"
)

extension <- function(path) {
  found <- regmatches(path, regexpr("[.][[:alnum:]]+$", path))
  tolower(sub(".", "", found, fixed = TRUE))
}

# Refuses to write `bytes` to a path that promises another format; `format` is
# what they are, NULL for a format without a mark, such as PCM.
check_extension <- function(path, format) {
  promised <- extension_formats[extension(path)]
  if (length(promised) && !is.na(promised) && !is.null(format) &&
    format != promised) {
    fitting <- names(extension_formats)[extension_formats == format]
    abort_argument(
      "`path` (", path, ") has the extension of ", promised, ", but the bytes ",
      "are ", format, ": name it .", paste(fitting, collapse = " or ."),
      ", or ask for another format in the call."
    )
  }
}

# A call that failed has nothing to save.
check_succeeded <- function(answer, what) {
  if (is.list(answer) && isFALSE(answer$success)) {
    abort_argument(
      "There is no ", what, ", for the call failed: ",
      answer$message %||% answer$data
    )
  }
}
