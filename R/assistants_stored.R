# Assistants, which are stored in the registry: the fields of the API
# (https://platform.openai.com/docs/api-reference/assistants).

assistant_fields <- c(
  "model", "name", "description", "instructions", "tools", "tool_resources",
  "metadata", "temperature", "top_p", "response_format", "reasoning_effort"
)

create_assistant <- function(context, ids, fields) {
  if (is.null(fields$model)) abort_missing("model")
  check_assistant(fields)
  and_then(stored_resources(context, fields), function(fields) {
    assistant <- list(
      id = new_assistant_id(), object = "assistant",
      created_at = now_in_seconds(), name = NULL, description = NULL,
      model = NULL, instructions = NULL, tools = list(),
      tool_resources = empty_object(), metadata = empty_object(), top_p = 1,
      temperature = 1, response_format = "auto"
    )
    # Defaults are not sent to models, which may reject them.
    entry <- list(id = assistant$id, given = names(fields))
    entry$assistant <- with_fields(assistant, fields)
    context$registry$save("assistants", entry)
    entry$assistant
  })
}

check_assistant <- function(fields) {
  check_known_fields(fields, assistant_fields)
  check_settings(fields)
}

retrieve_assistant <- function(context, ids, fields) {
  stored_assistant(context, ids$assistant_id)$assistant
}

update_assistant <- function(context, ids, fields) {
  entry <- stored_assistant(context, ids$assistant_id)
  check_assistant(fields)
  and_then(stored_resources(context, fields), function(fields) {
    entry$assistant <- with_fields(entry$assistant, fields)
    entry$given <- as.list(union(unlist(entry$given), names(fields)))
    context$registry$save("assistants", entry)
    entry$assistant
  })
}

delete_assistant <- function(context, ids, fields) {
  entry <- stored_assistant(context, ids$assistant_id)
  context$registry$remove("assistants", entry$id)
  list(id = entry$id, object = "assistant.deleted", deleted = TRUE)
}

list_assistants <- function(context, ids, fields) {
  all <- lapply(context$registry$all("assistants"), `[[`, "assistant")
  page_of_all(all, page_query(fields, context$pages))
}

# The entry of an assistant in the registry.
stored_assistant <- function(context, id) {
  context$registry$get("assistants", id) %||%
    abort_unknown_object("assistant", id)
}
