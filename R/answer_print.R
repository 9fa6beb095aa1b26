# What people see of an answer with a class.

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
  if (!is.null(usage$total_tokens)) {
    cat(
      "[", usage$total_tokens, " tokens: ", usage$prompt_tokens, " in, ",
      usage$completion_tokens, " out]\n",
      sep = ""
    )
  }
  invisible(x)
}

# The lines of one choice; what is not the model's own words is in brackets.
choice_lines <- function(choices, i) {
  message <- choices$message
  reason <- choices$finish_reason[i]
  c(
    present(choice_texts(choices)[i]),
    bracketed("refusal", present(message$refusal[i])),
    bracketed("tool call", called(message$tool_calls[i][[1]])),
    if (!identical(reason, "stop")) bracketed("finish_reason", present(reason))
  )
}

# A text of an answer; nothing for null.
present <- function(text) {
  as.character(text[!is.na(text)])
}

called <- function(calls) {
  if (is.data.frame(calls)) {
    paste0(calls$`function`$name, "(", calls$`function`$arguments, ")")
  }
}

bracketed <- function(label, text) {
  if (length(text)) paste0("[", label, ": ", text, "]")
}

#' @export
print.openai_images <- function(x, ...) {
  images <- x$data
  cat("<images answer> ", nrow(images), " image",
    if (nrow(images) != 1L) "s", "\n",
    sep = ""
  )
  for (i in seq_len(nrow(images))) {
    encoded <- images$b64_json[i]
    cat(i, ": ", sep = "")
    if (is_string(encoded)) {
      bytes <- unwrap(base64_read(encoded))
      format <- file_format(bytes) %||% "unknown format"
      cat(format, ", ", length(bytes), " bytes\n", sep = "")
    } else {
      cat(images$url[i], "\n", sep = "")
    }
  }
  invisible(x)
}
