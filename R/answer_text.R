# The text of an answer.

# One string for each choice: NA if the model wrote nothing, as with tool calls.
choice_texts <- function(choices) {
  # `[[` of a data frame takes longer than everything else here.
  message <- if (is.data.frame(choices)) .subset2(choices, "message")
  content <- if (is.data.frame(message)) .subset2(message, "content")
  if (is.character(content) && is.null(dim(content)) && !anyNA(content)) {
    return(content)
  }
  # Servers of completions send no messages.
  completion <- if (is.data.frame(choices)) choices[["text"]]
  vapply(seq_len(NROW(choices)), function(row) {
    text <- content_text(cell(content, row))
    if (is.na(text)) content_text(cell(completion, row)) else text
  }, "")
}

# The value of a data frame's column in a row.
cell <- function(column, row) {
  if (is.data.frame(column) || is.matrix(column)) {
    column[row, ]
  } else if (is.list(column)) {
    column[[row]]
  } else {
    column[row]
  }
}

# The text of one message's `content`: a string, or an array of parts, of which
# those of type "text" count. Reasoning is not part of the answer.
content_text <- function(content) {
  if (is.data.frame(content) && ncol(content)) {
    types <- content[["type"]] %||% rep("text", nrow(content))
    texts <- content[["text"]]
    is_text <- types %in% c("text", "output_text", NA)
    paste(texts[is_text & !is.na(texts)], collapse = "")
  } else if (is.list(content) && !is.data.frame(content)) {
    texts <- lapply(content, part_text)
    if (length(content)) paste(unlist(texts), collapse = "") else NA_character_
  } else if ((is.character(content) || is.numeric(content)) &&
    !all(is.na(content))) {
    paste(content, collapse = "")
  } else {
    NA_character_
  }
}

# The text of a part in an array of mixed parts.
part_text <- function(part) {
  if (is_string(part)) {
    part
  } else if (is.list(part) && is_string(part[["text"]]) &&
    isTRUE((part[["type"]] %||% "text") %in% c("text", "output_text"))) {
    part[["text"]]
  }
}

# The model's refusal; empty if it did not refuse.
refusal_of <- function(choices, row) {
  message <- if (is.data.frame(choices)) choices[["message"]]
  refusal <- if (is.data.frame(message)) message[["refusal"]]
  present(if (is.character(refusal)) refusal[row])
}

# Prints the text of the first choice, or why there is none.
echo_choice <- function(choices) {
  text <- present(choice_texts(choices)[1])
  reason <- if (is.data.frame(choices)) choices[["finish_reason"]][1]
  writeLines(c(
    text[nzchar(text)], bracketed("refusal", refusal_of(choices, 1L)),
    if (identical(reason, "content_filter")) bracketed("finish_reason", reason)
  ))
}
