# The text of an answer.

# One string for each choice: NA where the model said nothing, as beside calls
# of tools.
choice_texts <- function(choices) {
  content <- if (is.data.frame(choices)) choices$message[["content"]]
  vapply(seq_len(NROW(choices)), function(row) {
    value <- if (is.list(content) && !is.data.frame(content)) {
      content[[row]]
    } else {
      content[row]
    }
    content_text(value)
  }, "")
}

# The text of one message's `content`: a string, or an array of parts, of which
# those of the type "text" count. The thoughts of a model are no answer.
content_text <- function(content) {
  if (is.data.frame(content)) {
    types <- content[["type"]] %||% rep("text", nrow(content))
    texts <- content[["text"]]
    is_text <- types %in% c("text", "output_text")
    paste(texts[is_text & !is.na(texts)], collapse = "")
  } else if (is.character(content) && !all(is.na(content))) {
    paste(content, collapse = "")
  } else {
    NA_character_
  }
}
