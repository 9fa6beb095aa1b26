# The prompts of `$map()` for chats and responses.

# Checks the prompts; `of` describes the elements of a list, and `is_single` is
# whether a list is one prompt rather than one for each of its fields.
as_prompts <- function(prompts, of, is_single) {
  prompts <- factor_as_text(prompts)
  if (!is.character(prompts) && !is_all_missing(prompts) &&
    (!is.list(prompts) || is.data.frame(prompts))) {
    abort_argument(
      "`prompts` must be a character vector, or a list of ", of, ", not ",
      describe(prompts), "."
    )
  }
  if (is.list(prompts) && is_single(prompts)) list(prompts) else prompts
}

# Applies `make(prompt, position)` to each prompt; NULL for a missing one (NA).
for_prompts <- function(prompts, make) {
  conversations <- lapply(seq_along(prompts), function(position) {
    prompt <- prompts[[position]]
    if (!is_missing(prompt)) make(prompt, position)
  })
  names(conversations) <- names(prompts)
  conversations
}

# A conversation for each prompt as it is sent; NULL for a missing one (NA).
as_conversations <- function(prompts) {
  prompts <- as_prompts(prompts, "conversations", is_message)
  if (is.character(prompts)) {
    return(lapply(prompts, function(prompt) {
      if (!is.na(prompt)) list(list(role = "user", content = prompt))
    }))
  }
  for_prompts(prompts, function(prompt, position) {
    value_as_sent(prompt_messages(prompt, position), is_nested = TRUE)
  })
}

is_all_missing <- function(prompts) {
  is.logical(prompts) && all(is.na(prompts))
}

is_missing <- function(prompt) {
  is.atomic(prompt) && length(prompt) == 1L && is.na(prompt)
}

prompt_messages <- function(prompt, position) {
  name <- paste0("prompts[[", position, "]]")
  # A message of another role is more likely a conversation without its list.
  if (is_message(prompt) && !identical(prompt[["role"]], "user")) {
    abort_argument(
      "`", name, "` is a single message of the role ",
      describe(prompt[["role"]]), ": put the messages of each conversation ",
      "into a list."
    )
  }
  if (is.list(prompt) && length(prompt) == 0L) {
    abort_argument("`", name, "` must contain at least one message.")
  }
  as_conversation(prompt, name)
}
