# Pictures as data URLs (RFC 2397): the only URLs that pages show and that are
# accepted from browsers.

is_picture_url <- function(url) {
  holds_base64(url, "^data:image/(png|jpeg|gif|webp);base64,")
}

# The same for files of any type.
is_file_url <- function(url) {
  holds_base64(url, "^data:[a-z]+/[a-zA-Z0-9.+-]+;base64,")
}

holds_base64 <- function(url, beginning) {
  if (!is_string(url)) {
    return(FALSE)
  }
  length <- attr(regexpr(beginning, substr(url, 1L, 200L)), "match.length")
  # substring() would end after a million characters.
  length > 0L && !grepl(
    "[^A-Za-z0-9+/=]", substr(url, length + 1L, nchar(url)),
    perl = TRUE
  )
}

# The URL of a picture that a model generated, an item of a response; NULL if
# there is none.
drawn_picture_url <- function(item) {
  base64 <- item[["result"]]
  if (identical(item[["type"]], "image_generation_call") && is_string(base64)) {
    beginning <- base64_read(substr(base64, 1L, 64L))
    ending <- if (is.null(beginning$error)) media_ending(beginning$ok)
    types <- part_types$picture
    if (isTRUE(ending %in% names(types))) {
      paste0("data:", types[[ending]], ";base64,", base64)
    }
  }
}
