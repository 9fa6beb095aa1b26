# What a call of an operation sends: path, query, body or form.

operation_request <- function(operation, ids, fields) {
  check_fields(fields)
  check_given_once(fields)
  in_query <- operation_has_query(operation) |
    names(fields) %in% operation$query
  query <- c(operation$fixed_query, fields[in_query])
  fields <- fields[!in_query]
  request <- list(
    path = operation_path(operation, ids),
    query = if (length(query)) query
  )
  if (operation$body == "form") {
    c(request, form_with_files(fields, operation))
  } else if (operation$body == "json" || length(fields)) {
    c(request, list(body = do.call(json_object, fields)))
  } else {
    request
  }
}

# Requests without a body send their fields in the query.
operation_has_query <- function(operation) {
  operation$method %in% c("GET", "DELETE")
}

# The segments of the path, with the arguments filled in.
operation_path <- function(operation, ids) {
  segments <- operation$segments
  is_argument <- grepl("^[{]", segments)
  names <- names(ids)
  ids <- lapply(ids, factor_as_text)
  usable <- vapply(ids, is_segment, NA)
  if (!all(usable)) {
    first <- which(!usable)[[1]]
    abort_argument(
      "`", names[[first]], "` must be one non-empty string, not ",
      describe(ids[[first]]), "."
    )
  }
  segments[is_argument] <- unlist(ids)
  segments
}

# A form whose files are given by their paths; `refusal` if one cannot be sent.
# A file on the server is named by its id, in a list.
form_with_files <- function(fields, operation) {
  files <- operation$files
  for (name in intersect(names(files), names(fields))) {
    paths <- as_paths(fields[[name]])
    is_left_out <- is.null(paths) && !name %in% operation$required
    if (is_left_out || is.list(paths)) {
      next
    }
    failure <- check_files(paths, files[[name]])
    if (!is.null(failure)) {
      return(list(refusal = failure))
    }
    fields[[name]] <- file_part(paths)
  }
  list(form = form_fields(fields))
}

# Warns once per session about an operation that OpenAI has shut down.
warn_shut <- function(operation, config) {
  is_shut <- !is.null(operation$shut) && operation$shut <= Sys.Date()
  if (!is_shut || !config$is_openai() ||
    !is.null(warned_of_shut[[operation$name]])) {
    return(invisible())
  }
  assign(operation$name, TRUE, envir = warned_of_shut)
  warning(warningCondition(
    paste0(
      "OpenAI shut down `", operation_call(operation), "` on ",
      operation$shut, ": use ", operation$instead, "."
    ),
    class = "openai_shut_warning", operation = operation$name,
    shut = operation$shut, instead = operation$instead, call = NULL
  ))
}

warned_of_shut <- new.env(parent = emptyenv())
