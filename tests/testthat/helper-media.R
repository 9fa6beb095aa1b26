# A small image of one colour, as the bytes of a PNG file.
png_image <- function(width = 3, height = 2) {
  png::writePNG(array(c(0.2, 0.6, 1), c(height, width, 3)))
}

# Queues a response for `client$images` with these images (raw vectors).
reply_images <- function(server, images, times = 1) {
  encoded <- vapply(images, jsonlite::base64_enc, "")
  data <- sprintf("{\"b64_json\":\"%s\"}", gsub("\n", "", encoded))
  server$reply(times = times, body = sprintf(
    "{\"created\":1,\"data\":[%s]}", paste(data, collapse = ",")
  ))
}

file_bytes <- function(path) {
  readBin(path, "raw", file.size(path))
}

# The signatures (first bytes) of the supported formats, by file extension.
file_signatures <- list(
  png = as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)),
  jpg = as.raw(c(0xff, 0xd8, 0xff, 0xe0)),
  webp = charToRaw("RIFFsizeWEBPVP8 "),
  wav = charToRaw("RIFFsizeWAVEfmt "),
  ogg = charToRaw("OggS"),
  flac = charToRaw("fLaC"),
  mp3 = charToRaw("ID3"),
  aac = as.raw(c(0xff, 0xf1, 0x50))
)
