# What the page of a chat is told of an event (see `$say_async()` of a
# Conversation): messages as R/chat_session.R describes them.

# A list of list(event = , ...); most events give one or none.
chat_messages <- function(event) {
  c(
    text_message("reasoning", event$reasoning),
    text_message("text", event$text),
    if (is.null(event$event)) {
      chat_choice_messages(event$choices)
    } else {
      response_event_messages(event)
    }
  )
}

text_message <- function(event, text) {
  if (is_string(text) && nzchar(text)) list(list(event = event, text = text))
}

picture_message <- function(url, alt) {
  if (is_picture_url(url)) {
    list(list(event = "picture", url = url, alt = alt))
  }
}

response_event_messages <- function(event) {
  switch(event$event,
    tool_call = list(
      list(
        event = "tool", call = event$call, tool = event$tool,
        arguments = event$arguments %||% "{}"
      )
    ),
    tool_result = tool_result_messages(event),
    response.refusal.delta = text_message("text", event$delta),
    response.output_item.added = server_call_messages(event$item),
    response.output_item.done = server_result_messages(event$item)
  )
}

tool_result_messages <- function(event) {
  result <- list(
    event = "tool_result", call = event$call,
    result = shown_result(output_in_words(event$output)),
    failed = event$failed
  )
  pictures <- Filter(
    function(x) !is_string(x) && x$kind == "picture", as.list(event$output)
  )
  c(list(result), unlist(lapply(pictures, function(part) {
    picture_message(data_url(part), paste("Picture of", event$tool))
  }), recursive = FALSE))
}

# Refusals, and pictures as gateways send those of models that draw.
chat_choice_messages <- function(choices) {
  delta <- if (is.data.frame(choices)) choices$delta
  if (!is.data.frame(delta)) {
    return(NULL)
  }
  urls <- images_of_chat(delta)
  c(
    if (!is.null(delta$refusal)) text_message("text", delta$refusal[[1]]),
    unlist(lapply(urls, picture_message, alt = model_picture), recursive = FALSE)
  )
}

model_picture <- "Picture that the model made"

# Tools that the server runs, such as web_search_call; the calls of functions
# are told when they are run.
is_server_call <- function(item) {
  is_string(item$type) && grepl("_call$", item$type) &&
    !item$type %in% c("function_call", "custom_tool_call")
}

server_tool_name <- function(item) {
  if (is_string(item$name)) item$name else sub("_call$", "", item$type)
}

server_call_messages <- function(item) {
  if (is_server_call(item)) {
    list(list(
      event = "tool", call = item$id, tool = server_tool_name(item),
      arguments = server_call_arguments(item)
    ))
  }
}

# The call is told again: its arguments are known at its end only.
server_result_messages <- function(item) {
  if (is_server_call(item)) {
    c(
      server_call_messages(item),
      list(list(
        event = "tool_result", call = item$id, result = server_result(item),
        failed = is_failed_call(item)
      )),
      server_pictures(item)
    )
  }
}

is_failed_call <- function(item) {
  isTRUE(item$status %in% c("failed", "incomplete")) || !is.null(item$error)
}

# What a tool of the server was asked, as JSON text.
server_call_arguments <- function(item) {
  if (is_string(item$arguments)) {
    return(item$arguments)
  }
  asked <- item[intersect(names(item), c("action", "queries", "code"))]
  asked <- Filter(length, asked)
  asked <- if (is.list(asked$action)) asked$action else asked
  if (length(asked)) unwrap(json_write(asked)) else "{}"
}

server_result <- function(item) {
  logs <- unlist(lapply(item$outputs, function(output) output$logs))
  found <- vapply(as.list(item$results), function(result) {
    paste0(result$filename, ": ", result$text)
  }, "")
  text <- c(
    if (is_string(item$output)) item$output,
    if (is_string(item$error)) item$error,
    if (is.list(item$error)) item$error$message,
    logs, found
  )
  shown_result(if (length(text)) paste(text, collapse = "\n") else item$status)
}

# Pictures that the model drew, or that its code made.
server_pictures <- function(item) {
  drawn <- drawn_picture_url(item)
  made <- lapply(item$outputs, function(output) output$url)
  alt <- if (is_string(item$revised_prompt)) item$revised_prompt
  unlist(
    lapply(c(drawn, made), picture_message, alt = alt %||% model_picture),
    recursive = FALSE
  )
}

# As much of a result as people read.
shown_result <- function(text) {
  most <- 20000L
  if (is_string(text) && nchar(text) > most) {
    paste0(substr(text, 1L, most), "\n[", in_digits(nchar(text) - most), " more]")
  } else {
    text
  }
}
