# Stores a conversation in a browser or bookmark, as one JSON text from which
# another R session can continue. Because people can change it, only what is
# listed here is read back: questions, answers, and tool calls with their
# results. Ids of stored objects, URLs of other hosts and system messages are
# discarded.

# The maximum size of the text: more than any request can contain.
max_stored_bytes <- 70e6

# Writes the messages or items of a conversation with `api`.
write_stored <- function(messages, api) {
  value <- list(version = 1, api = api, said = allowed_items(messages, api))
  unwrap(json_write(value))
}

# The fields that update the stored text in the page: if the page has `before`,
# only the text that replaces its last two characters, otherwise the whole text,
# so that pictures are not sent with each answer. `page_bytes` is the length of
# the page's own text.
stored_fields <- function(stored, before, page_bytes) {
  start <- substr(before, 1L, nchar(before) - 2L)
  has_before <- is_number(page_bytes) &&
    page_bytes == nchar(before, type = "bytes")
  if (has_before && startsWith(stored, start)) {
    list(kept_end = substr(stored, nchar(start) + 1L, nchar(stored)))
  } else {
    list(kept = stored)
  }
}

# Reads them back.
read_stored <- function(stored, api) {
  if (!is_string(stored) || nchar(stored, type = "bytes") > max_stored_bytes) {
    abort_stored("it is not text, or is too long")
  }
  value <- json_read(stored)
  if (!is.null(value$error)) {
    abort_stored("it is not JSON")
  }
  value <- value$ok
  is_valid <- is_json_object(value) && identical(value[["version"]], 1L) &&
    is_plain_list(value[["said"]])
  if (!is_valid) {
    abort_stored("it is of another version of this app")
  }
  if (!identical(value[["api"]], api)) {
    abort_stored("this app now uses another API")
  }
  allowed_items(value[["said"]], api)
}

abort_stored <- function(...) {
  abort_argument(
    "The stored conversation cannot be used: ", ..., ". Ask again; the model ",
    "does not remember the conversation."
  )
}

# The allowed items, reduced to the allowed fields; the remaining calls all have
# results, as the APIs require.
allowed_items <- function(items, api) {
  allow <- if (api == "chat") allowed_message else allowed_item
  allowed <- lapply(unname(items), function(item) {
    if (is_json_object(item)) allow(item)
  })
  paired(Filter(Negate(is.null), allowed), api)
}

# A message of a chat; NULL if it is not allowed.
allowed_message <- function(message) {
  role <- message[["role"]]
  if (!is_string(role)) {
    return(NULL)
  }
  switch(role,
    user = message_of_allowed_parts(
      role, message[["content"]], allowed_chat_part
    ),
    assistant = allowed_answer(message),
    tool = {
      id <- message[["tool_call_id"]]
      content <- message[["content"]]
      if (is_string(id) && is_string(content)) {
        list(role = role, tool_call_id = id, content = content)
      }
    }
  )
}

message_of_allowed_parts <- function(role, content, allow) {
  if (is_plain_list(content)) {
    content <- Filter(Negate(is.null), lapply(unname(content), function(part) {
      if (is_json_object(part)) allow(part)
    }))
  }
  if (is_string(content) || is_plain_list(content) && length(content)) {
    list(role = role, content = content)
  }
}

allowed_answer <- function(message) {
  calls <- message[["tool_calls"]]
  calls <- lapply(if (is_plain_list(calls)) unname(calls), function(call) {
    allowed_call(call)
  })
  calls <- Filter(Negate(is.null), calls)
  fields <- c("reasoning_content", "reasoning", "refusal")
  content <- message[["content"]]
  text <- if (is_string(content)) content else text_of_parts(content)
  allowed <- c(
    list(role = "assistant", content = text),
    Filter(is_string, message[intersect(fields, names(message))]),
    if (length(calls)) list(tool_calls = calls)
  )
  if (length(allowed) > 2L || !is.null(text)) allowed
}

allowed_call <- function(call) {
  called <- if (is_json_object(call)) call[["function"]]
  if (is_json_object(called) && is_string(call[["id"]]) &&
    is_string(called[["name"]]) && is_string(called[["arguments"]])) {
    list(
      id = call[["id"]], type = "function",
      `function` = called[c("name", "arguments")]
    )
  }
}

# The texts of the parts of a message; NULL if there are none.
text_of_parts <- function(parts) {
  texts <- lapply(if (is_plain_list(parts)) parts, function(part) {
    text <- if (is.list(part)) part[["text"]] %||% part[["refusal"]]
    if (is_string(text)) text
  })
  if (length(unlist(texts))) paste(unlist(texts), collapse = "")
}

allowed_chat_part <- function(part) {
  type <- part[["type"]]
  if (!is_string(type)) {
    return(NULL)
  }
  held <- part[[type]]
  switch(type,
    text = if (is_string(held)) list(type = type, text = held),
    image_url = if (is_json_object(held) && is_picture_url(held[["url"]])) {
      list(type = type, image_url = held["url"])
    },
    file = if (is_json_object(held) && is_file_url(held[["file_data"]])) {
      list(type = type, file = allowed_file(held))
    },
    input_audio = allowed_sound(part)
  )
}

allowed_file <- function(file) {
  name <- file[["filename"]]
  list(
    filename = if (is_string(name)) name else "document.pdf",
    file_data = file[["file_data"]]
  )
}

allowed_sound <- function(part) {
  sound <- part[["input_audio"]]
  if (is_json_object(sound) && is_string(sound[["data"]]) &&
    isTRUE(sound[["format"]] %in% names(part_types$sound))) {
    list(type = "input_audio", input_audio = sound[c("data", "format")])
  }
}

# An item of responses; NULL if it is not allowed.
allowed_item <- function(item) {
  type <- item[["type"]] %||% "message"
  if (!is_string(type)) {
    return(NULL)
  }
  switch(type,
    message = allowed_message_item(item),
    function_call = {
      fields <- c("call_id", "name", "arguments")
      if (all(vapply(fields, function(x) is_string(item[[x]]), NA))) {
        c(list(type = type), item[fields])
      }
    },
    function_call_output = allowed_output(item),
    reasoning = allowed_reasoning(item),
    image_generation_call = allowed_drawing(item)
  )
}

allowed_message_item <- function(item) {
  if (identical(item[["role"]], "user")) {
    message_of_allowed_parts("user", item[["content"]], allowed_input_part)
  } else if (identical(item[["role"]], "assistant")) {
    content <- item[["content"]]
    text <- if (is_string(content)) content else text_of_parts(content)
    if (!is.null(text)) list(role = "assistant", content = text)
  }
}

allowed_input_part <- function(part) {
  type <- part[["type"]]
  if (!is_string(type)) {
    return(NULL)
  }
  switch(type,
    input_text = if (is_string(part[["text"]])) {
      list(type = type, text = part[["text"]])
    },
    input_image = if (is_picture_url(part[["image_url"]])) {
      list(type = type, image_url = part[["image_url"]])
    },
    input_file = if (is_file_url(part[["file_data"]])) {
      c(list(type = type), allowed_file(part))
    },
    input_audio = allowed_sound(part)
  )
}

allowed_output <- function(item) {
  output <- item[["output"]]
  if (is_plain_list(output)) {
    message <- message_of_allowed_parts("user", output, allowed_input_part)
    output <- message$content
  }
  if (is_string(item[["call_id"]]) && !is.null(output)) {
    list(
      type = "function_call_output", call_id = item[["call_id"]],
      output = output
    )
  }
}

# Reasoning without its encrypted content is stored on the server under an id.
allowed_reasoning <- function(item) {
  secret <- item[["encrypted_content"]]
  if (is_string(secret)) {
    texts <- lapply(reasoning_texts(item), function(text) {
      list(type = "summary_text", text = text)
    })
    list(type = "reasoning", encrypted_content = secret, summary = texts)
  }
}

# The server identifies a picture that the model generated by an id.
allowed_drawing <- function(item) {
  url <- drawn_picture_url(item)
  if (!is.null(url)) {
    part <- structure(list(kind = "picture", url = url), class = "openai_part")
    note_message("model", list(part), is_nested = FALSE)
  }
}

# Removes calls without a result, and results without a preceding call.
paired <- function(items, api) {
  if (api == "chat") paired_messages(items) else paired_items(items)
}

paired_items <- function(items) {
  ids <- function(type) {
    vapply(items, function(item) {
      if (identical(item$type, type)) item$call_id else NA_character_
    }, "")
  }
  calls <- ids("function_call")
  outputs <- ids("function_call_output")
  indexes <- match(outputs, calls)
  is_first <- !duplicated(outputs) & !is.na(outputs)
  is_output <- is_first & !is.na(indexes) & indexes < seq_along(items)
  is_call <- !is.na(calls) & !duplicated(calls) & calls %in% outputs[is_output]
  items[is_output | is_call | (is.na(calls) & is.na(outputs))]
}

# In a chat, the results of calls follow them directly.
paired_messages <- function(messages) {
  complete <- list()
  index <- 1L
  while (index <= length(messages)) {
    message <- messages[[index]]
    index <- index + 1L
    if (message$role == "tool") next
    results <- list()
    while (index <= length(messages) && messages[[index]]$role == "tool") {
      results <- c(results, messages[index])
      index <- index + 1L
    }
    complete <- c(complete, answered_calls(message, results))
  }
  complete
}

answered_calls <- function(message, results) {
  ids <- vapply(results, `[[`, "", "tool_call_id")
  called <- vapply(message$tool_calls, `[[`, "", "id")
  both <- intersect(called, ids)
  message$tool_calls <- message$tool_calls[match(both, called)]
  if (length(both) == 0L) message$tool_calls <- NULL
  if (is.null(message$content) && length(message) <= 2L) {
    return(NULL)
  }
  c(list(message), results[match(both, ids)])
}
