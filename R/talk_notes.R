# Messages that have the role of the user, because no other may hold pictures,
# and are none of their questions: what tools returned, or the model drew. Their
# first text tells which.
talk_notes <- c(
  tools = "This is what the tools returned beside text:",
  model = "This is the picture that you made:"
)

note_message <- function(note, parts, is_nested) {
  parts <- c(list(talk_notes[[note]]), parts)
  list(role = "user", content = parts_as_sent(parts, is_nested))
}

# The name of an item's note, NULL where it is none.
note_of <- function(item) {
  content <- item[["content"]]
  first <- if (is.list(content) && length(content)) content[[1]]
  text <- if (is.list(first)) first[["text"]]
  if (is_string(text) && text %in% talk_notes) {
    names(talk_notes)[talk_notes == text]
  }
}

# Whether an item is what the user said.
is_question <- function(item) {
  identical(item[["role"]], "user") && is.null(note_of(item))
}
