# The files of a question, as sent by the page of a chat: untrusted.

# The same limits as in the page (inst/shiny/chat/www/files.js).
max_file_bytes <- 20e6
max_text_bytes <- 2e6

# The content of a question: the text, and a part for each file. `files` is a
# list of list(name = , data = <base64>).
question_content <- function(text, files) {
  if (!is_string(text) || !(is.null(files) || is_plain_list(files))) {
    abort_argument("The question is malformed: reload the page.")
  }
  if (nchar(text, type = "bytes") > max_text_bytes) {
    abort_argument(
      "The text of the question has ",
      in_megabytes(nchar(text, type = "bytes")), "; the limit is ",
      in_megabytes(max_text_bytes), "."
    )
  }
  files <- lapply(unname(files), read_chat_file)
  bytes <- sum(vapply(files, function(file) length(file$bytes), 1))
  if (bytes > max_file_bytes) {
    abort_argument(
      "The files of the question have ", in_megabytes(bytes),
      "; the limit for all files is ", in_megabytes(max_file_bytes), "."
    )
  }
  content <- lapply(files, part_of_chat_file)
  content <- c(if (nzchar(text)) list(text), content)
  if (length(content) == 0L) {
    abort_argument("The question is empty: write something.")
  }
  content
}

in_megabytes <- function(bytes) {
  paste(format(round(bytes / 1e6, 1), trim = TRUE), "MB")
}

read_chat_file <- function(file) {
  is_file <- is_plain_list(file) && is_string(file[["name"]]) &&
    is_string(file[["data"]])
  bytes <- if (is_file) base64_read(file[["data"]])
  if (!is_file || !is.null(bytes$error)) {
    abort_argument("A file is malformed: choose it again.")
  }
  # Only the name, without a folder that the browser may include.
  list(name = basename(file[["name"]]), bytes = bytes$ok)
}

# The type of a file is detected from its bytes, not its name.
part_of_chat_file <- function(file) {
  if (length(file$bytes) == 0L) {
    abort_file(file, "is empty")
  }
  ending <- media_ending(file$bytes) %||% ""
  if (ending %in% names(part_types$picture)) {
    picture(file$bytes)
  } else if (ending %in% names(part_types$sound)) {
    sound(file$bytes)
  } else if (ending == "pdf") {
    document(file$bytes, file$name)
  } else {
    text <- as_text(file$bytes)
    if (is.raw(text)) {
      abort_file(
        file, "is not a picture (PNG, JPEG, GIF, WebP), sound (WAV, MP3), PDF ",
        "or text: save it as one of these"
      )
    }
    file_text(file$name, text)
  }
}

abort_file <- function(file, ...) {
  abort_argument("The file ", shortened(file$name), " ", ..., ".")
}

# Converts a text file to text in a message, which all servers accept, and back.
file_text <- function(name, text) {
  name <- gsub("[\"<>\r\n]", "_", name)
  paste0("<file name=\"", name, "\">\n", text, "\n</file>")
}

file_of_text <- function(text) {
  first <- sub("\n.*", "", substr(text, 1L, 300L))
  if (grepl("^<file name=\"[^\"]*\">$", first) && endsWith(text, "\n</file>")) {
    name <- sub("^<file name=\"([^\"]*)\">$", "\\1", first)
    text <- substr(text, nchar(first) + 2L, nchar(text) - nchar("\n</file>"))
    data <- unwrap(base64_write(charToRaw(text)))
    url <- paste0("data:text/plain;base64,", data)
    list(kind = "file", name = name, url = url)
  }
}
