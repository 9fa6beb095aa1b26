# The value of a tool as it is sent to a model.

# One string; or a list of strings and parts (R/message_part.R), if the value
# contains pictures, documents or plots.
tool_output <- function(value) {
  values <- if (is_shown(value)) {
    list(value)
  } else if (is.list(value) && !is.object(value)) {
    unname(value)
  }
  if (any(vapply(values, is_shown, NA))) {
    lapply(values, function(x) {
      if (is_plot(x)) picture(x) else if (is_shown(x)) x else text_output(x)
    })
  } else {
    text_output(value)
  }
}

is_shown <- function(x) inherits(x, "openai_part") || is_plot(x)

# An output as text, in which a part is only named.
output_as_text <- function(output) {
  words <- vapply(as.list(output), function(x) {
    if (is_string(x)) x else paste0("[", x$kind, "]")
  }, "")
  paste(words, collapse = "\n")
}

# The tool messages of a chat. They can only contain text: pictures and
# documents follow in a user message.
chat_outputs <- function(outputs) {
  parts <- list()
  for (index in seq_along(outputs)) {
    content <- outputs[[index]]$content
    if (!is_string(content)) {
      outputs[[index]]$content <- output_as_text(content)
      parts <- c(parts, Filter(function(x) !is_string(x), content))
    }
  }
  if (length(parts)) {
    outputs <- c(outputs, list(note_message("tools", parts, is_nested = TRUE)))
  }
  outputs
}

text_output <- function(value) {
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
