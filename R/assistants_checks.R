# The checks of the Assistants API on the fields of a request, with its
# messages. Checks that responses and conversations perform themselves are left
# to them.

# Rejects unknown fields of an operation, and invalid metadata.
check_known_fields <- function(fields, known) {
  unknown <- setdiff(names(fields), known)
  if (length(unknown)) {
    abort_as_server(
      400, "Unknown parameter: '", unknown[[1]], "'.",
      code = "unknown_parameter", param = unknown[[1]]
    )
  }
  check_metadata(fields$metadata)
}

# Maximum number of metadata pairs
# (https://platform.openai.com/docs/api-reference/threads/create).
max_metadata <- 16L

check_metadata <- function(metadata) {
  if (is.null(metadata)) {
    return(invisible())
  }
  if (json_type(metadata) != "an object") {
    abort_wrong_type("metadata", "an object", metadata)
  }
  if (length(metadata) > max_metadata) {
    abort_as_server(
      400, "Invalid 'metadata': too many properties. Expected an object with ",
      "at most ", max_metadata, " properties, but got an object with ",
      length(metadata), " properties instead.",
      code = "object_above_max_properties", param = "metadata"
    )
  }
  for (name in names(metadata)) {
    check_text(metadata[[name]], paste0("metadata.", name), is_required = TRUE)
  }
}

# Rejects values that are not text; NULL is allowed unless required.
check_text <- function(value, param, is_required = FALSE) {
  if (!is_string(value) && (is_required || !is.null(value))) {
    abort_wrong_type(param, "a string", value)
  }
}

# The fields that assistants and runs share.
check_settings <- function(fields) {
  for (name in c("model", "instructions", "name", "description")) {
    check_text(fields[[name]], name)
  }
  tools <- fields$tools
  for (index in seq_along(tools)) {
    check_type_among(
      tools[[index]], sprintf("tools[%d]", index - 1L),
      c("code_interpreter", "file_search", "function")
    )
  }
}

# Rejects invalid messages; `param` is the field that contains them, NULL if the
# message is the whole request.
check_new_messages <- function(messages, param = NULL) {
  for (index in seq_along(messages)) {
    prefix <- if (!is.null(param)) sprintf("%s[%d].", param, index - 1L)
    at <- function(name) paste0(prefix, name)
    message <- messages[[index]]
    check_known_fields(message, message_fields)
    if (is.null(message$role)) abort_missing(at("role"))
    check_choice(message$role, at("role"), c("user", "assistant"))
    check_new_content(message$content, at("content"))
  }
}

check_new_content <- function(content, param) {
  if (is.null(content)) {
    abort_missing(param)
  }
  if (is_string(content)) {
    return(invisible())
  }
  if (json_type(content) != "an array") {
    abort_wrong_type(param, "a string or an array of objects", content)
  }
  if (length(content) == 0L) {
    abort_as_server(
      400, "Invalid '", param, "': empty array. Expected an array with ",
      "minimum length 1, but got an empty array instead.",
      code = "empty_array", param = param
    )
  }
  for (index in seq_along(content)) {
    check_type_among(
      content[[index]], sprintf("%s[%d]", param, index - 1L),
      c("text", "image_file", "image_url")
    )
  }
}

check_type_among <- function(object, param, choices) {
  if (json_type(object) != "an object") {
    abort_wrong_type(param, "an object", object)
  }
  if (is.null(object$type)) {
    abort_missing(paste0(param, ".type"))
  }
  check_choice(object$type, param, choices)
}

check_choice <- function(value, param, choices) {
  check_text(value, param, is_required = TRUE)
  if (!value %in% choices) {
    abort_as_server(
      400, "Invalid value: '", value, "'. Supported values are: ",
      paste0("'", choices, "'", collapse = ", "), ".",
      code = "invalid_value", param = param
    )
  }
}

abort_missing <- function(param) {
  abort_as_server(
    400, "Missing required parameter: '", param, "'.",
    code = "missing_required_parameter", param = param
  )
}

abort_wrong_type <- function(param, expected, value) {
  abort_as_server(
    400, "Invalid type for '", param, "': expected ", expected, ", but got ",
    json_type(value), " instead.",
    code = "invalid_type", param = param
  )
}

# The JSON type of a plain value.
json_type <- function(value) {
  switch(typeof(value),
    "NULL" = "null",
    logical = "a boolean",
    integer = "an integer",
    double = if (value == trunc(value)) "an integer" else "a decimal number",
    character = "a string",
    list = if (is.null(names(value))) "an array" else "an object"
  )
}
