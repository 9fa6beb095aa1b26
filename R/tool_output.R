# What a tool returned, as text for a model.

tool_output <- function(value) {
  if (is_string(value)) {
    return(as.vector(unclass(value)))
  }
  if (!has_json_form(value)) {
    return(printed_output(value))
  }
  unwrap(json_write(named_as_objects(value)))
}

# What has no form in JSON goes as R prints it.
printed_output <- function(value) {
  warn_openai(
    "tool", "A tool returned ", describe(value), ", which has no form in ",
    "JSON; the model got what print() shows of it. Return a list, a vector, a ",
    "data frame or one string to choose what it gets."
  )
  paste(utils::capture.output(print(value)), collapse = "\n")
}

# Whether a value is data. Times between dates are not: without their unit they
# say something else.
has_json_form <- function(value) {
  if (inherits(value, "difftime") || isS4(value)) {
    return(FALSE)
  }
  if (is.list(value)) {
    return(all(vapply(unclass(value), has_json_form, NA)))
  }
  is.null(value) || is.atomic(value)
}

# A value in which names stand for members of objects, as they do for people:
# in named vectors, tables, and matrices with names of rows and columns.
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

# A table of one dimension as an object, one of two as an object of its rows, or
# an array of them where rows have no names.
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
