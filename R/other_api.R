# Conversations of the other API: chats have messages, responses have items, and
# a server refuses one where it wants the other, in words that few understand.

# The types of the parts of a content that only one of the two has, each with
# that of the other.
chat_parts <- c(
  text = "input_text", image_url = "input_image", file = "input_file"
)
response_parts <- c(
  input_text = "text", output_text = "text", input_image = "image_url",
  input_file = "file"
)

# Refuses an item of responses among the messages of a chat.
check_message <- function(message, name) {
  type <- message[["type"]]
  if (is_string(type) && !is_string(message[["role"]])) {
    abort_argument(
      "`", name, "` is an item of responses (type ", describe(type), "), not a ",
      "message of a chat: call client$responses$create() with it, or give ",
      "messages with `role` and `content`."
    )
  }
  check_parts(message[["content"]], name, response_parts, "responses", "chat")
  message
}

# Refuses a message of a chat among the items of responses.
check_item <- function(item, name) {
  field <- intersect(c("tool_calls", "tool_call_id"), names(item))
  if (length(field)) {
    abort_argument(
      "`", name, "` is a message of a chat (it has `", field[[1]], "`), not an ",
      "item of responses: call client$chat$create() with it, or give items of ",
      "the types \"function_call\" and \"function_call_output\"."
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
        "`", name, "` has a part of the type \"", type, "\", which only ", owner,
        " have: here it is \"", others[[type]], "\"; `api = \"", api, "\"` ",
        "makes a conversation whose `$messages` fit."
      )
    }
  }
}

# The end of an error about a conversation where its messages are wanted.
said_by_talk <- function(x) {
  if (inherits(x, "Conversation")) ": give its `$messages`." else "."
}
