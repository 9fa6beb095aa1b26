# Messages that have the role of the user, because no other role can contain
# pictures, but are not questions of the user: what tools returned, or the model
# generated. Their first text identifies them.
talk_notes <- c(
  tools = "This is what the tools returned besides text:",
  model = "This is the picture that you generated:"
)

note_message <- function(note, parts, is_nested) {
  parts <- c(list(talk_notes[[note]]), parts)
  list(role = "user", content = parts_as_sent(parts, is_nested))
}

# The name of an item's note, NULL if it is not a note.
note_of <- function(item) {
  content <- item[["content"]]
  first <- if (is.list(content) && length(content)) content[[1]]
  text <- if (is.list(first)) first[["text"]]
  if (is_string(text) && text %in% talk_notes) {
    names(talk_notes)[talk_notes == text]
  }
}

# Whether an item is a message of the user.
is_question <- function(item) {
  identical(item[["role"]], "user") && is.null(note_of(item))
}
