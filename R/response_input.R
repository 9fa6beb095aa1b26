# The `input` of `responses$create()` and the `items` of conversations
# (https://platform.openai.com/docs/api-reference/responses/create#responses-create-input),
# in the same forms in which chats accept messages. Items stay lists, so that
# they are sent back unchanged.

# `name` is the name used in errors.
as_items <- function(input, name = "input") {
  input <- factor_as_text(input)
  if (is.null(input)) {
    NULL
  } else if (is_string(input)) {
    list(list(role = "user", content = input))
  } else if (is.data.frame(input)) {
    rows_as_lists(input)
  } else if (is_item(input)) {
    list(check_item(as.list(input), name))
  } else if (is.list(input)) {
    items <- lapply(seq_along(input), function(index) {
      as_items_of(input[[index]], paste0(name, "[[", index, "]]"))
    })
    unlist(items, recursive = FALSE)
  } else {
    abort_argument(
      "`", name, "` must be one string, a list with one list for each item, ",
      "or a data frame of messages, not ", describe(input),
      conversation_hint(input)
    )
  }
}

# One element of a list of items: an item, the rows of a data frame.
as_items_of <- function(element, name) {
  if (is.data.frame(element)) {
    rows_as_lists(element)
  } else if (is_item(element)) {
    list(check_item(as.list(element), name))
  } else {
    abort_argument(
      "`", name, "` must be a message with `role` and `content`, or an item ",
      "with its `type`, not ", describe(element), ": put one item into list() ",
      "before you append it with c()."
    )
  }
}

# A message or another item of a conversation.
is_item <- function(x) {
  is_named <- (is.list(x) || is.character(x)) && length(x) > 0L &&
    !is.null(names(x)) && all(nzchar(names(x)))
  if (!is_named) {
    return(FALSE)
  }
  x <- as.list(x)
  is_string(x[["type"]]) || is_string(x[["role"]])
}
