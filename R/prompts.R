# What `chat$map()` takes as prompts.

# A conversation for each prompt; NULL for one that is missing (NA).
as_conversations <- function(prompts, system = NULL) {
  all_missing <- is.logical(prompts) && all(is.na(prompts))
  if (!is.character(prompts) && !all_missing &&
    (!is.list(prompts) || is.data.frame(prompts))) {
    abort_argument(
      "`prompts` must be a character vector, or a list of conversations, not ",
      describe(prompts), "."
    )
  }
  first <- system_message(system)
  conversations <- lapply(seq_along(prompts), function(position) {
    prompt <- prompts[[position]]
    if (!is_missing(prompt)) c(first, prompt_messages(prompt, position))
  })
  names(conversations) <- names(prompts)
  conversations
}

is_missing <- function(prompt) {
  is.atomic(prompt) && length(prompt) == 1L && is.na(prompt)
}

prompt_messages <- function(prompt, position) {
  if (is_string(prompt)) {
    return(list(list(role = "user", content = prompt)))
  }
  is_conversation <- is.data.frame(prompt) ||
    (is.list(prompt) && is.null(names(prompt)) && length(prompt))
  if (!is_conversation) {
    abort_argument(
      "`prompts[[", position, "]]` must be one string, or a list with one ",
      "list for each message, not ",
      if (is.list(prompt) && !is.null(names(prompt))) {
        "a single message: put it into a list"
      } else {
        describe(prompt)
      },
      "."
    )
  }
  as_conversation(prompt)
}
