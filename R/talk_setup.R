# The settings of a conversation, which each request contains in addition to the
# messages: a plain list. It contains the name of the API instead of functions,
# so that a saved conversation contains no functions.

talk_setup <- function(client, model, system, tools, schema, api, fields) {
  list(
    client = client$with_options(on_error = "stop"),
    model = check_string(model, "model", optional = FALSE),
    system = check_string(system, "system"),
    tools = check_talk_tools(tools),
    schema = as_json_schema(schema),
    api = check_api(api),
    fields = check_talk_fields(fields)
  )
}

talk_api <- function(setup) talk_apis[[setup$api]]

# The fields of a request except the messages and the model.
talk_fields <- function(setup, schema = NULL) {
  fields <- talk_api(setup)$fields(setup$system, schema)
  fields[names(setup$fields)] <- setup$fields
  if (length(setup$tools)) fields$tools <- setup$tools
  fields
}

check_talk_tools <- function(tools) {
  tools <- as_tools(tools)
  if (!is.null(tools)) check_wrapped(tools)
  tools
}

# The fields that a conversation sets itself.
own_talk_fields <- c(
  "messages", "input", "instructions", "stream", "n", "conversation",
  "previous_response_id", "response_format", "text", "num", "verbosity", "echo"
)

check_talk_fields <- function(fields) {
  check_fields(fields)
  own <- intersect(names(fields), own_talk_fields)
  if (length(own)) {
    abort_argument(
      "A conversation sets `", own[[1]], "` itself: remove it."
    )
  }
  fields
}
