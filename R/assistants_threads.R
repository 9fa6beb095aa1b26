# Threads, which are conversations; the registry stores the files of their
# tools.

create_thread <- function(context, ids, fields) {
  check_thread(fields)
  conversation <- function(fields) {
    context$perform(
      "conversations.create", list(), fields[names(fields) == "metadata"]
    )
  }
  and_then(stored_resources(context, fields), function(fields) {
    and_then(conversation(fields), function(created) {
      id <- as_thread_id(created$id)
      entry <- list(
        id = id, created_at = created$created_at,
        tool_resources = fields$tool_resources %||% empty_object()
      )
      context$registry$save("threads", entry)
      added <- add_messages(context, id, fields$messages)
      and_then(added, function(...) thread_of(context, created))
    })
  })
}

check_thread <- function(fields) {
  check_known_fields(fields, c("messages", "tool_resources", "metadata"))
  check_new_messages(fields$messages, "messages")
}

retrieve_thread <- function(context, ids, fields) {
  found <- context$perform("conversations.retrieve", conversation_ids(ids))
  and_then(found, function(conversation) thread_of(context, conversation))
}

update_thread <- function(context, ids, fields) {
  check_known_fields(fields, c("tool_resources", "metadata"))
  changed <- if (is.null(fields$metadata)) {
    context$perform("conversations.retrieve", conversation_ids(ids))
  } else {
    context$perform(
      "conversations.update", conversation_ids(ids), fields["metadata"]
    )
  }
  and_then(changed, function(conversation) {
    and_then(stored_resources(context, fields), function(fields) {
      if (!is.null(fields$tool_resources)) {
        entry <- thread_entry(context, ids$thread_id)
        entry$tool_resources <- fields$tool_resources
        context$registry$save("threads", entry)
      }
      thread_of(context, conversation)
    })
  })
}

delete_thread <- function(context, ids, fields) {
  deleted <- context$perform("conversations.delete", conversation_ids(ids))
  and_then(deleted, function(...) {
    for (kind in c("messages", "runs")) {
      for (entry in of_thread(context, kind, ids$thread_id)) {
        context$registry$remove(kind, entry$id)
      }
    }
    context$registry$remove("threads", ids$thread_id)
    list(id = ids$thread_id, object = "thread.deleted", deleted = TRUE)
  })
}

thread_of <- function(context, conversation) {
  id <- as_thread_id(conversation$id)
  list(
    id = id, object = "thread", created_at = conversation$created_at,
    metadata = conversation$metadata %||% empty_object(),
    tool_resources = thread_entry(context, id)$tool_resources
  )
}

# The registry entry of a thread; one created by another session has none.
thread_entry <- function(context, id) {
  context$registry$get("threads", id) %||%
    list(id = id, tool_resources = empty_object())
}

# The entries of a kind that belong to a thread, oldest first.
of_thread <- function(context, kind, thread_id) {
  Filter(
    function(entry) identical(entry$thread_id, thread_id),
    context$registry$all(kind)
  )
}

conversation_ids <- function(ids) {
  list(conversation_id = as_conversation_id(ids$thread_id))
}
