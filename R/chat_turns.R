# A conversation as its page shows it: turns of the user and of the assistant
# with their parts, see R/chat_session.R.

# Converts messages of a chat or items of responses to turns. Everything from
# the model and its tools until the next question is one turn.
chat_turns <- function(messages) {
  turns <- list()
  for (item in messages) {
    role <- if (is_question(item)) "user" else "assistant"
    if (isTRUE(item[["role"]] %in% c("system", "developer"))) next
    last <- length(turns)
    if (last == 0L || turns[[last]]$role != role) {
      last <- last + 1L
      turns[[last]] <- list(role = role, parts = list())
    }
    turns[[last]]$parts <- with_results(
      turns[[last]]$parts, shown_item(item), outputs_of(item)
    )
  }
  turns
}

# Adds the parts of another item; results are added to earlier calls.
with_results <- function(parts, new, results) {
  for (result in results) {
    for (index in seq_along(parts)) {
      part <- parts[[index]]
      if (part$kind == "tool" && identical(part$call, result$call)) {
        parts[[index]]$result <- result$result
        parts[[index]]$failed <- result$failed
      }
    }
  }
  c(parts, unname(new))
}

# The results of tools in an item.
outputs_of <- function(item) {
  output <- if (identical(item[["role"]], "tool")) {
    list(item[["tool_call_id"]], item[["content"]])
  } else if (identical(item[["type"]], "function_call_output")) {
    list(item[["call_id"]], item[["output"]])
  }
  if (is.null(output)) {
    return(list())
  }
  text <- paste(shown_texts(output[[2]]), collapse = "\n")
  list(list(
    call = output[[1]], result = shown_result(text),
    failed = startsWith(text, "Error: ")
  ))
}

# The parts that an item adds.
shown_item <- function(item) {
  calls <- lapply(as.list(item[["tool_calls"]]), function(call) {
    called <- call[["function"]]
    tool_part(call[["id"]], called[["name"]], called[["arguments"]])
  })
  type <- item[["type"]] %||% "message"
  c(
    lapply(reasoning_texts(item), text_part, kind = "reasoning"),
    if (identical(item[["role"]], "tool")) {
      list()
    } else if (type == "message") {
      shown_content(item[["content"]], is_note = !is.null(note_of(item)))
    } else if (type == "function_call") {
      list(tool_part(item$call_id, item$name, item$arguments))
    } else if (type == "function_call_output") {
      Filter(is_no_text, shown_content(item$output))
    } else if (is_server_call(item)) {
      shown_server_call(item)
    },
    calls
  )
}

# The reasoning in a reasoning item or in a message of a chat.
reasoning_texts <- function(item) {
  texts <- lapply(
    c(item[["summary"]], if (identical(item[["type"]], "reasoning")) {
      item[["content"]]
    }),
    function(part) if (is.list(part)) part[["text"]]
  )
  texts <- c(texts, item["reasoning_content"], item["reasoning"])
  unname(Filter(is_string, texts))
}

text_part <- function(text, kind = "text") list(kind = kind, text = text)

is_no_text <- function(part) part$kind != "text"

tool_part <- function(call, tool, arguments) {
  list(
    kind = "tool", call = call, tool = tool, arguments = arguments,
    result = NULL, failed = FALSE
  )
}

shown_server_call <- function(item) {
  part <- tool_part(
    item$id, server_tool_name(item), server_call_arguments(item)
  )
  part["result"] <- list(server_result(item))
  part$failed <- is_failed_call(item)
  pictures <- lapply(server_pictures(item), function(message) {
    list(kind = "picture", url = message$url, alt = message$alt)
  })
  c(list(part), pictures)
}

# The parts of a content, without the text that identifies a note.
shown_content <- function(content, is_note = FALSE) {
  if (is_string(content)) {
    content <- list(list(text = content))
  }
  parts <- lapply(as.list(content), shown_part)
  if (is_note) parts <- parts[-1]
  Filter(Negate(is.null), parts)
}

shown_texts <- function(content) {
  parts <- Filter(Negate(is_no_text), shown_content(content))
  vapply(parts, `[[`, "", "text")
}

# A part of a message of a chat or of an item of responses.
shown_part <- function(part) {
  text <- part[["text"]] %||% part[["refusal"]]
  if (is_string(text)) {
    return(if (nzchar(text)) file_of_text(text) %||% text_part(text))
  }
  image <- part[["image_url"]]
  url <- if (is.list(image)) image[["url"]] else image
  file <- part[["file"]] %||% part
  sound <- part[["input_audio"]]
  if (is_picture_url(url)) {
    list(kind = "picture", url = url, alt = "Picture")
  } else if (is_string(file[["file_data"]])) {
    list(
      kind = "file", name = file[["filename"]] %||% "document",
      url = file[["file_data"]]
    )
  } else if (is.list(sound)) {
    list(
      kind = "file", name = paste0("sound.", sound[["format"]]),
      url = paste0(
        "data:", part_types$sound[[sound[["format"]]]], ";base64,",
        sound[["data"]]
      )
    )
  } else {
    named <- c(
      url, file[["filename"]], file[["file_url"]], file[["file_id"]]
    )
    text_part(paste0("[", c(named, part[["type"]])[[1]], "]"))
  }
}
