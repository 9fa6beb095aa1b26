# The files of assistants and messages in version 1 of the Assistants API. In
# version 2 they are `tool_resources` and `attachments`.

# method, path and body of the operations.
operations_v1 <- list(
  assistants.files.create =
    c("POST", "/assistants/{assistant_id}/files", "json"),
  assistants.files.retrieve =
    c("GET", "/assistants/{assistant_id}/files/{file_id}", ""),
  assistants.files.delete =
    c("DELETE", "/assistants/{assistant_id}/files/{file_id}", ""),
  assistants.files.list = c("GET", "/assistants/{assistant_id}/files", ""),
  threads.messages.files.retrieve = c(
    "GET", "/threads/{thread_id}/messages/{message_id}/files/{file_id}", ""
  ),
  threads.messages.files.list =
    c("GET", "/threads/{thread_id}/messages/{message_id}/files", "")
)

# The operation in the form of the table.
operation_v1 <- function(name) {
  line <- operations_v1[[name]]
  as_operation(list(
    name = paste0("beta.", name), title = "", method = line[[1]],
    path = line[[2]], required = "", query = "", body = line[[3]],
    answer = "json", pages = "", beta = "assistants=v1", shut = "",
    instead = ""
  ))
}

# Warns about each, once per session.
warn_v1 <- function(name) {
  if (is.null(warned_of_v1[[name]])) {
    assign(name, TRUE, envir = warned_of_v1)
    parts <- strsplit(name, ".", fixed = TRUE)[[1]]
    is_of_messages <- parts[[1]] == "threads"
    warn_openai(
      "version", "`client$", if (is_of_messages) "messages" else "assistants",
      "$file_", parts[[length(parts)]], "()` belongs to version 1 of the ",
      "Assistants API: use `",
      if (is_of_messages) "attachments" else "tool_resources", "` instead."
    )
  }
}

warned_of_v1 <- new.env(parent = emptyenv())

# The files of an assistant are those of its code interpreter.
create_assistant_file <- function(context, ids, fields) {
  check_known_fields(fields, "file_id")
  entry <- stored_assistant(context, ids$assistant_id)
  found <- context$perform("files.retrieve", list(file_id = fields$file_id))
  and_then(found, function(file) {
    entry$attached[[file$id]] <- now_in_seconds()
    files <- union(files_of_assistant(entry), file$id)
    assistant_file(keep_assistant_files(context, entry, files), file$id)
  })
}

retrieve_assistant_file <- function(context, ids, fields) {
  entry <- stored_assistant(context, ids$assistant_id)
  check_attached(files_of_assistant(entry), ids$file_id)
  assistant_file(entry, ids$file_id)
}

delete_assistant_file <- function(context, ids, fields) {
  entry <- stored_assistant(context, ids$assistant_id)
  files <- files_of_assistant(entry)
  check_attached(files, ids$file_id)
  keep_assistant_files(context, entry, setdiff(files, ids$file_id))
  list(id = ids$file_id, object = "assistant.file.deleted", deleted = TRUE)
}

list_assistant_files <- function(context, ids, fields) {
  entry <- stored_assistant(context, ids$assistant_id)
  files <- lapply(files_of_assistant(entry), assistant_file, entry = entry)
  page_of_all(files, page_query(fields, context$pages))
}

retrieve_message_file <- function(context, ids, fields) {
  and_then(retrieve_message(context, ids, list()), function(message) {
    check_attached(files_of_message(message), ids$file_id)
    message_file(message, ids$file_id)
  })
}

list_message_files <- function(context, ids, fields) {
  query <- page_query(fields, context$pages)
  and_then(retrieve_message(context, ids, list()), function(message) {
    files <- lapply(files_of_message(message), message_file, message = message)
    page_of_all(files, query)
  })
}

files_of_assistant <- function(entry) {
  unlist(entry$assistant$tool_resources$code_interpreter$file_ids)
}

files_of_message <- function(message) {
  unique(unlist(lapply(message$attachments, `[[`, "file_id")))
}

check_attached <- function(files, id) {
  if (!id %in% files) abort_unknown_object("file", id)
}

# The entry of an assistant with these files.
keep_assistant_files <- function(context, entry, files) {
  entry$assistant$tool_resources$code_interpreter <- list(
    file_ids = as.list(files)
  )
  context$registry$save("assistants", entry)
}

assistant_file <- function(entry, id) {
  list(
    id = id, object = "assistant.file",
    created_at = entry$attached[[id]] %||% entry$assistant$created_at,
    assistant_id = entry$id
  )
}

message_file <- function(message, id) {
  list(
    id = id, object = "thread.message.file", created_at = message$created_at,
    message_id = message$id
  )
}
