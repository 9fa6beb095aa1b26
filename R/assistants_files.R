# Files for tools: vector stores of file_search, files of code_interpreter. They
# belong to an assistant, or to a thread and its messages.

# How long to wait for a vector store to index its files, in seconds.
max_indexing_seconds <- 60

# `fields` with their tool resources as they are stored: descriptions of vector
# stores are replaced by the ids of new ones.
stored_resources <- function(context, fields) {
  described <- fields$tool_resources$file_search$vector_stores
  if (length(described) == 0L) {
    return(fields)
  }
  created <- in_sequence(
    described, function(store) make_vector_store(context, store)
  )
  and_then(created, function(ids) {
    search <- fields$tool_resources$file_search
    known <- unlist(search$vector_store_ids)
    fields$tool_resources$file_search <- list(
      vector_store_ids = as.list(c(known, unlist(ids)))
    )
    fields
  })
}

# The id of a new vector store that has indexed its files.
make_vector_store <- function(context, fields) {
  created <- context$perform("vector_stores.create", list(), fields)
  and_then(created, function(store) {
    fetch <- function() {
      context$perform(
        "vector_stores.retrieve", list(vector_store_id = store$id)
      )
    }
    has_files <- length(fields$file_ids) > 0L
    indexed <- if (has_files) wait_until_read(context, fetch) else store
    and_then(indexed, function(...) store$id)
  })
}

wait_until_read <- function(context, fetch) {
  is_read <- function(it) !identical(it$status, "in_progress")
  # Files that are not indexed by then become searchable later.
  wait_for(
    fetch, is_read, max_indexing_seconds, context$is_async,
    on_timeout = identity
  )
}

# Adds the files of messages to the tools of their thread, as the API did;
# returns the entry of the thread.
attach_files <- function(context, thread_id, attachments) {
  entry <- thread_entry(context, thread_id)
  files_of <- function(tool) {
    has <- vapply(attachments, function(attachment) {
      types <- vapply(attachment$tools, function(it) it$type %||% "", "")
      tool %in% types
    }, NA)
    unlist(lapply(attachments[has], `[[`, "file_id"))
  }
  for_code <- files_of("code_interpreter")
  if (length(for_code)) {
    resource <- entry$tool_resources$code_interpreter
    entry$tool_resources$code_interpreter <- list(
      file_ids = as.list(union(unlist(resource$file_ids), for_code))
    )
    context$registry$save("threads", entry)
  }
  for_search <- files_of("file_search")
  if (length(for_search)) {
    add_to_vector_store(context, entry, for_search)
  } else {
    entry
  }
}

add_to_vector_store <- function(context, entry, files) {
  store <- unlist(entry$tool_resources$file_search$vector_store_ids)
  if (length(store) == 0L) {
    created <- make_vector_store(context, list(file_ids = as.list(files)))
    return(and_then(created, function(id) {
      entry$tool_resources$file_search <- list(vector_store_ids = list(id))
      context$registry$save("threads", entry)
    }))
  }
  added <- in_sequence(files, function(file) {
    ids <- list(vector_store_id = store[[1]])
    created <- context$perform(
      "vector_stores.files.create", ids, list(file_id = file)
    )
    ids$file_id <- file
    and_then(created, function(...) {
      wait_until_read(context, function() {
        context$perform("vector_stores.files.retrieve", ids)
      })
    })
  })
  and_then(added, function(...) entry)
}
