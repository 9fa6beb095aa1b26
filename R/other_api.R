# Detects messages of the other API: chats have messages, responses have items,
# and servers reject one in place of the other with obscure messages.

# The types of parts that only one of the two has, each with its equivalent.
chat_parts <- c(
  text = "input_text", image_url = "input_image", file = "input_file"
)
response_parts <- c(
  input_text = "text", output_text = "text", input_image = "image_url",
  input_file = "file"
)

# Rejects an item of responses among the messages of a chat.
check_message <- function(message, name) {
  type <- message[["type"]]
  if (is_string(type) && !is_string(message[["role"]])) {
    abort_argument(
      "`", name, "` is an item of responses (type ", describe(type), "), not ",
      "a message of a chat: pass it to client$responses$create(), or pass ",
      "messages with `role` and `content`."
    )
  }
  check_parts(message[["content"]], name, response_parts, "responses", "chat")
  message
}

# Rejects a message of a chat among the items of responses.
check_item <- function(item, name) {
  field <- intersect(c("tool_calls", "tool_call_id"), names(item))
  if (length(field)) {
    abort_argument(
      "`", name, "` is a message of a chat (it has `", field[[1]], "`), not ",
      "an item of responses: pass it to client$chat$create(), or pass items ",
      "of the types \"function_call\" and \"function_call_output\"."
    )
  }
  if (identical(item[["type"]] %||% "message", "message")) {
    check_parts(item[["content"]], name, chat_parts, "chats", "responses")
  }
  item
}

# `others` are the types that only the other API has.
check_parts <- function(content, name, others, owner, api) {
  if (!is_plain_list(content)) {
    return(invisible())
  }
  for (part in content) {
    type <- if (is.list(part)) part[["type"]]
    if (is_string(type) && type %in% names(others)) {
      abort_argument(
        "`", name, "` has a part of type \"", type, "\", which only ", owner,
        " have: use \"", others[[type]], "\" here; `api = \"", api, "\"` ",
        "creates a conversation with matching `$messages`."
      )
    }
  }
}

# The end of an error about a conversation that was passed instead of its
# messages.
conversation_hint <- function(x) {
  if (inherits(x, "Conversation")) ": pass its `$messages`." else "."
}
