# Messages of threads, which are the message items of a conversation. The
# registry stores what items lack: when and by which run they were created,
# their metadata and attachments.

message_fields <- c("role", "content", "attachments", "metadata")

# Maximum number of items in one request.
items_at_once <- 20L

create_message <- function(context, ids, fields) {
  check_new_messages(list(fields))
  is_free <- check_unlocked(context, ids$thread_id, adds_message = TRUE)
  and_then(is_free, function(...) {
    added <- add_messages(context, ids$thread_id, list(fields))
    and_then(added, first_of)
  })
}

# Adds checked messages to the conversation of a thread; returns them in the
# shape of the API.
add_messages <- function(context, thread_id, messages) {
  if (length(messages) == 0L) {
    return(list())
  }
  attachments <- joined_lists(lapply(messages, `[[`, "attachments"))
  and_then(attach_files(context, thread_id, attachments), function(...) {
    starts <- seq(1L, length(messages), by = items_at_once)
    added <- in_sequence(starts, function(start) {
      last <- min(start + items_at_once - 1L, length(messages))
      add_items(context, thread_id, messages[start:last])
    })
    and_then(added, joined_lists)
  })
}

add_items <- function(context, thread_id, messages) {
  items <- lapply(messages, item_of_message)
  created <- context$perform(
    "conversations.items.create",
    conversation_ids(list(thread_id = thread_id)), list(items = items)
  )
  and_then(created, function(page) {
    Map(function(item, message) {
      entry <- list(
        id = item$id, thread_id = thread_id, created_at = now_in_seconds(),
        metadata = message$metadata, attachments = message$attachments
      )
      context$registry$save("messages", entry)
      message_of_item(item, thread_id, entry)
    }, page$data, messages)
  })
}

retrieve_message <- function(context, ids, fields) {
  and_then(settle_thread(context, ids$thread_id), function(...) {
    found <- context$perform("conversations.items.retrieve", item_ids(ids))
    and_then(found, function(item) {
      if (!is_thread_message(item)) {
        abort_unknown_object("message", ids$message_id)
      }
      and_then(messages_of(context, ids$thread_id, list(item)), first_of)
    })
  })
}

update_message <- function(context, ids, fields) {
  check_known_fields(fields, "metadata")
  and_then(retrieve_message(context, ids, list()), function(message) {
    entry <- context$registry$get("messages", message$id) %||%
      list(id = message$id, thread_id = ids$thread_id)
    context$registry$save("messages", with_fields(entry, fields))
    with_fields(message, fields)
  })
}

delete_message <- function(context, ids, fields) {
  deleted <- context$perform("conversations.items.delete", item_ids(ids))
  and_then(deleted, function(...) {
    context$registry$remove("messages", ids$message_id)
    list(id = ids$message_id, object = "thread.message.deleted", deleted = TRUE)
  })
}

list_messages <- function(context, ids, fields) {
  query <- page_query(fields, context$pages)
  query$run_id <- fields[["run_id"]]
  and_then(settle_thread(context, ids$thread_id), function(...) {
    found <- collect_messages(
      context, ids$thread_id, query, list(), query$after
    )
    and_then(found, function(items) {
      page <- as_page(items, query$limit)
      messages <- messages_of(context, ids$thread_id, page$data)
      and_then(messages, function(messages) {
        page$data <- messages
        page
      })
    })
  })
}

# The message items after the query's position, one more than requested to know
# whether there are more.
collect_messages <- function(context, thread_id, query, found, after) {
  listed <- context$perform(
    "conversations.items.list",
    conversation_ids(list(thread_id = thread_id)),
    list(limit = 100, order = query$order, after = after)
  )
  and_then(listed, function(page) {
    items <- page$data
    end <- match(query$before %||% NA, vapply(items, `[[`, "", "id"))
    if (!is.null(query$before) && !is.na(end)) {
      items <- utils::head(items, end - 1L)
    }
    messages <- Filter(is_thread_message, items)
    if (!is.null(query$run_id)) {
      messages <- Filter(function(item) {
        entry <- context$registry$get("messages", item$id)
        identical(entry$run_id, query$run_id)
      }, messages)
    }
    found <- c(found, messages)
    is_finished <- !isTRUE(page$has_more) || length(items) < length(page$data)
    if (is_finished && !is.null(query$before) && is.na(end)) {
      abort_not_listed("before", query$before)
    }
    if (is_finished || length(found) > query$limit) {
      found
    } else {
      collect_messages(context, thread_id, query, found, page$last_id)
    }
  })
}

# Messages in the shape of the API. The creation time of a message that is not
# in this registry is that of its conversation.
messages_of <- function(context, thread_id, items) {
  entries <- lapply(items, function(item) {
    keep_code_files(context, item)
    context$registry$get("messages", item$id)
  })
  created <- function(created_at) {
    Map(function(item, entry) {
      entry$created_at <- entry$created_at %||% created_at
      message_of_item(item, thread_id, entry)
    }, items, entries)
  }
  has_time <- vapply(entries, function(it) !is.null(it$created_at), NA)
  if (all(has_time)) {
    return(created(NULL))
  }
  conversation <- context$perform(
    "conversations.retrieve", conversation_ids(list(thread_id = thread_id))
  )
  and_then(conversation, function(it) created(it$created_at))
}

is_thread_message <- function(item) {
  identical(item$type, "message") &&
    isTRUE(item$role %in% c("user", "assistant"))
}

item_ids <- function(ids) {
  c(conversation_ids(ids), list(item_id = ids$message_id))
}
