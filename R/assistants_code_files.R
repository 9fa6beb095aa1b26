# Files created by the code of runs. They are in containers, and messages only
# contain the id of the file: the registry records the container.

# Records the containers of the files that a message cites.
keep_code_files <- function(context, item) {
  for (part in item$content) {
    for (cited in part$annotations) {
      if (is_code_file(cited)) {
        context$registry$save("files", list(
          id = cited$file_id, container_id = cited$container_id
        ))
      }
    }
  }
}

is_code_file <- function(annotation) {
  annotation$type == "container_file_citation"
}

# The operations that return the content of a file.
content_operations <- c("files.content", "files.retrieve_content")

# An operation of files and its path arguments, for `api`, the private
# environment of the resource: those of the container if the file is in one.
where_file_is <- function(api, operation, ids) {
  unchanged <- list(operation = operation, ids = ids)
  if (!operation$name %in% content_operations ||
    !is_string(ids$file_id) || !startsWith(ids$file_id, "cfile_")) {
    return(unchanged)
  }
  context <- new_context(api, verbosity = 0, pages = 1)
  and_then(known_code_file(context, ids$file_id), function(file) {
    if (is.null(file)) {
      return(unchanged)
    }
    content <- operations[["containers.files.content.retrieve"]]
    operation$segments <- content$segments
    list(
      operation = operation,
      ids = list(container_id = file$container_id, file_id = file$id)
    )
  })
}

# The entry of a file. A streamed run may not have been checked yet.
known_code_file <- function(context, id) {
  known <- context$registry$get("files", id)
  if (!is.null(known)) {
    return(known)
  }
  looked <- settle_runs(context, context$registry$all("runs"))
  and_then(looked, function(...) context$registry$get("files", id))
}
