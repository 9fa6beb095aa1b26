# What `chat$map()` takes as prompts.

# A conversation for each prompt.
as_conversations <- function(prompts, system = NULL) {
  if (!is.character(prompts) &&
    (!is.list(prompts) || is.data.frame(prompts))) {
    abort_argument(
      "`prompts` must be a character vector, or a list of conversations, not ",
      describe(prompts), "."
    )
  }
  check_string(system, "system")
  first <- if (!is.null(system)) list(list(role = "system", content = system))
  conversations <- lapply(seq_along(prompts), function(position) {
    c(first, prompt_messages(prompts[[position]], position))
  })
  names(conversations) <- names(prompts)
  conversations
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
