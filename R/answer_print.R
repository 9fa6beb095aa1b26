# How answers with a class are printed.

#' @export
print.openai_chat <- function(x, ...) {
  choices <- x$vres
  writeLines(paste(c("<chat answer>", x$all_resp$model), collapse = " "))
  for (i in seq_len(nrow(choices))) {
    if (nrow(choices) > 1L) {
      cat("-- choice ", i, " --\n", sep = "")
    }
    writeLines(choice_lines(choices, i))
  }
  usage <- x$all_resp$usage
  print_tokens(
    usage$total_tokens, usage$prompt_tokens, usage$completion_tokens
  )
  invisible(x)
}

# Prints the usage of an answer, if the server reported it.
print_tokens <- function(total, sent, received) {
  if (!is.null(total)) {
    cat("[", total, " tokens: ", sent, " in, ", received, " out]\n", sep = "")
  }
}

# The lines of one choice; everything but the model's own words is in brackets.
choice_lines <- function(choices, i) {
  message <- choices[["message"]]
  calls <- if (is.data.frame(message)) message[["tool_calls"]]
  reason <- choices$finish_reason[i]
  c(
    present(choice_texts(choices)[i]),
    bracketed("refusal", refusal_of(choices, i)),
    bracketed("tool call", called(if (is.list(calls)) calls[[i]])),
    if (!identical(reason, "stop")) bracketed("finish_reason", present(reason))
  )
}

# A text of an answer; empty for null.
present <- function(text) {
  as.character(text[!is.na(text)])
}

called <- function(calls) {
  functions <- if (is.data.frame(calls)) calls[["function"]]
  if (is.data.frame(functions)) {
    paste0(functions$name, "(", functions$arguments, ")")
  }
}

bracketed <- function(label, text) {
  if (length(text)) paste0("[", label, ": ", text, "]")
}

described_image <- function(source) {
  if (is.na(source)) {
    "no image"
  } else if (grepl("^https?://", source)) {
    source
  } else {
    bytes <- unwrap(base64_read(source))
    paste0(
      file_format(bytes) %||% "unknown format", ", ", length(bytes), " bytes"
    )
  }
}

#' @export
print.openai_images <- function(x, ...) {
  images <- x$data
  cat("<images answer> ", nrow(images), " image",
    if (nrow(images) != 1L) "s", "\n",
    sep = ""
  )
  sources <- image_sources(x)
  for (i in seq_along(sources)) {
    cat(i, ": ", described_image(sources[i]), "\n", sep = "")
  }
  invisible(x)
}
