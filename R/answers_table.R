# Converts many answers to a table with one row for each.

#' @rdname answers
#' @export
as.data.frame.openai_answers <- function(x, row.names = NULL,
                                         optional = FALSE, ...) {
  columns <- c(list(.id = names(x) %||% seq_along(x)), answers_columns(x))
  table <- as_frame(columns, length(x))
  if (!is.null(row.names)) {
    row.names(table) <- row.names
  }
  table
}

# A data frame of columns that may be lists.
as_frame <- function(columns, rows) {
  structure(
    columns,
    class = "data.frame", row.names = .set_row_names(rows)
  )
}

# The columns of the table except `.id`.
answers_columns <- function(answers) {
  schema <- attr(answers, "schema")
  parsed <- lapply(unname(as.list(answers)), read_answer, schema)
  effort <- request_effort(answers)
  metadata <- c(
    list(error = vapply(parsed, answer_problem, "")),
    usage_columns(lapply(parsed, answer_body), effort$is_batch),
    effort[c("seconds", "attempts")]
  )
  combine_columns(content_columns(parsed, schema_type(schema)), metadata)
}

# Combines the columns about answers with those of their content; fields of a
# schema keep their names.
combine_columns <- function(columns, metadata) {
  names(columns) <- make.unique(as.character(names(columns)))
  names(metadata) <- free_names(names(metadata), c(".id", names(columns)))
  c(columns, metadata)
}

# The names, prefixed with dots if they are taken.
free_names <- function(names, taken) {
  while (any(names %in% taken)) {
    is_taken <- names %in% taken
    names[is_taken] <- paste0(".", names[is_taken])
  }
  names
}

# The column `text`, or one for each field of the type, for answers with one or
# several choices.
content_columns <- function(answers, type) {
  values <- lapply(answers, if (is.null(type)) {
    answer_texts
  } else {
    answer_values
  })
  sizes <- lengths(values)
  flat <- unlist(values, recursive = FALSE)
  columns <- if (is.null(type)) {
    list(text = as.character(flat))
  } else {
    field_columns(flat, type)
  }
  if (any(sizes > 1L)) {
    row <- factor(rep(seq_along(sizes), sizes), seq_along(sizes))
    columns <- lapply(columns, function(column) unname(split(column, row)))
  }
  columns
}
