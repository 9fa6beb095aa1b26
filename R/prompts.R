# What `$map()` of chats and responses takes as prompts.

# The prompts, checked; `of` says of what they may be a list, and `is_single`
# tells whether a list is one prompt, not one for each of its fields.
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

# What `make(prompt, position)` makes of each prompt; NULL for one that is
# missing (NA).
for_prompts <- function(prompts, make) {
  made <- lapply(seq_along(prompts), function(position) {
    prompt <- prompts[[position]]
    if (!is_missing(prompt)) make(prompt, position)
  })
  names(made) <- names(prompts)
  made
}

# A conversation for each prompt, as it is sent; NULL for one that is missing
# (NA).
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
  # Messages of others are rather a conversation whose list is missing.
  if (is_message(prompt) && !identical(prompt[["role"]], "user")) {
    abort_argument(
      "`", name, "` is a single message of the role ",
      describe(prompt[["role"]]), ": put the messages of each conversation ",
      "into a list of their own."
    )
  }
  if (is.list(prompt) && length(prompt) == 0L) {
    abort_argument("`", name, "` must hold at least one message.")
  }
  as_conversation(prompt, name)
}
