# Request bodies in the form that the API expects: they may contain values of
# tool(), json_schema() and the types at any depth, and conversations in other
# forms than the API's.

body_as_sent <- function(body, path) {
  if (is.null(body)) {
    return(NULL)
  }
  check_fields(body)
  check_given_once(body)
  if (length(body[["tools"]]) == 0L) {
    # Servers reject an empty array.
    body[["tools"]] <- NULL
  }
  if (!is.null(body[["tools"]])) {
    check_wrapped(body[["tools"]])
    check_tool_names(body[["tools"]])
  }
  for (name in c("messages", "additional_messages")) {
    if (!is.null(body[[name]])) {
      body[[name]] <- as_conversation(body[[name]], name)
    }
  }
  if (path[[1]] %in% item_resources) {
    for (name in intersect(c("input", "items"), names(body))) {
      if (!is_string(body[[name]]) || name == "items") {
        body[name] <- list(as_items(body[[name]], name))
      }
    }
  }
  if (!is.null(body[["messages"]]) && is_string(body[["response_format"]])) {
    body[["response_format"]] <- list(type = body[["response_format"]])
  }
  if (!is.null(body[["thread"]][["messages"]])) {
    body$thread$messages <- as_conversation(
      body$thread$messages, "thread$messages"
    )
  }
  value_as_sent(body, is_nested = !path[[1]] %in% flat_resources)
}

check_given_once <- function(fields) {
  if (anyDuplicated(names(fields))) {
    twice <- names(fields)[duplicated(names(fields))][[1]]
    abort_argument("`", twice, "` is given twice.")
  }
}

# The resources that take items of conversations.
item_resources <- c("responses", "conversations")

# The resources that have the fields of a function or schema next to its `type`;
# all others have them in a nested field.
flat_resources <- c("responses", "conversations", "realtime")

# A type is strict if the list that contains it says so.
value_as_sent <- function(value, is_nested, strict = FALSE) {
  if (typeof(value) != "list" || is.data.frame(value)) {
    value
  } else if (inherits(value, "openai_tool")) {
    tool_as_sent(value, is_nested)
  } else if (inherits(value, "openai_json_schema")) {
    json_schema_as_sent(value, is_nested)
  } else if (inherits(value, "openai_type")) {
    type_schema(value, strict)
  } else if (inherits(value, "openai_part")) {
    part_as_sent(value, is_nested)
  } else if (!is.object(value) || identical(class(value), "AsIs")) {
    is_list <- vapply(value, is.list, NA)
    if (any(vapply(value, inherits, NA, what = "openai_part"))) {
      parts_as_sent(value, is_nested)
    } else if (any(is_list)) {
      strict <- isTRUE(value[["strict"]])
      value[is_list] <- lapply(value[is_list], value_as_sent, is_nested, strict)
      value
    } else {
      value
    }
  } else {
    value
  }
}
