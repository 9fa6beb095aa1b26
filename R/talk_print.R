# Prints a conversation.

# `messages` are the messages or items, `usage` the rows of their usage.
print_talk <- function(setup, messages, usage) {
  cat("<conversation> ", setup$model, "\n", sep = "")
  if (!is.null(setup$system)) show_message("system", setup$system)
  for (item in messages) show_item(item)
  if (length(usage)) {
    usage <- bind_usage(usage)
    tokens <- c(sum(usage$input), sum(usage$output))
    print_tokens(sum(tokens), tokens[[1]], tokens[[2]])
  }
}

show_item <- function(item) {
  type <- item$type %||% "message"
  if (type == "message") {
    show_message(item$role %||% "assistant", item$content)
  }
  calls <- if (is.null(item$tool_calls)) list(item) else item$tool_calls
  for (call in calls) show_call(call)
}

show_message <- function(role, content) {
  text <- if (is_string(content)) content else shown_parts(content)
  if (length(text)) {
    writeLines(paste0(role, ": ", paste(text, collapse = "\n")))
  }
}

# The texts of the parts of a content, and the types of the others.
shown_parts <- function(content) {
  vapply(content, function(part) {
    text <- part$text %||% part$refusal
    if (is_string(text)) {
      text
    } else {
      paste0("[", sub("^(input|output)_", "", part$type %||% "part"), "]")
    }
  }, "")
}

show_call <- function(call) {
  called <- call$`function` %||% call
  if (is_string(called$name) && is_string(called$arguments)) {
    show_line("[", called$name, "(", called$arguments, ")]")
  } else if (is_string(call$output)) {
    show_line("[returned ", call$output, "]")
  }
}
