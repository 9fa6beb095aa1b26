# The value of a tool as text for a model.

tool_output <- function(value) {
  if (is_string(value)) {
    return(as.vector(unclass(value)))
  }
  if (!has_json_form(value)) {
    return(printed_output(value))
  }
  unwrap(json_write(named_as_objects(value)))
}

# A value without a JSON form is sent as R prints it.
printed_output <- function(value) {
  warn_openai(
    "tool", "A tool returned ", describe(value), ", which cannot be converted ",
    "to JSON; the model received the output of print(). Return a list, a ",
    "vector, a data frame or one string instead."
  )
  paste(utils::capture.output(print(value)), collapse = "\n")
}

# Whether a value is data. Time differences are not: without their unit they
# would change their meaning.
has_json_form <- function(value) {
  if (inherits(value, "difftime") || isS4(value)) {
    return(FALSE)
  }
  if (is.list(value)) {
    return(all(vapply(unclass(value), has_json_form, NA)))
  }
  is.null(value) || is.atomic(value)
}

# A value in which names become members of objects, as users expect: in named
# vectors, tables, and matrices with row and column names.
named_as_objects <- function(value) {
  if (is.data.frame(value) || inherits(value, "AsIs")) {
    value
  } else if (is.list(value)) {
    value[] <- lapply(value, function(x) named_as_objects(x))
    value
  } else if (length(dim(value)) %in% 1:2 && !is.null(dimnames(value))) {
    table_as_objects(value)
  } else if (is_named_vector(value)) {
    as.list(factor_as_text(value))
  } else {
    value
  }
}

is_named_vector <- function(value) {
  names <- names(value)
  is.atomic(value) && is.null(dim(value)) && !is.null(names) &&
    all(nzchar(names) & !is.na(names)) && !anyDuplicated(names)
}

# A one-dimensional table as an object, a two-dimensional one as an object of
# its rows, or as an array if the rows have no names.
table_as_objects <- function(value) {
  if (length(dim(value)) == 1L) {
    named <- structure(as.vector(value), names = dimnames(value)[[1]])
    return(if (is_named_vector(named)) as.list(named) else named)
  }
  rows <- lapply(seq_len(nrow(value)), function(row) {
    cells <- structure(as.vector(value[row, ]), names = colnames(value))
    if (is_named_vector(cells)) as.list(cells) else I(cells)
  })
  names(rows) <- rownames(value)
  rows
}
