# Values of an object type as columns of a table.

# The columns of `values`, each a parsed value or NULL: one for each property;
# those of a nested object have both names.
field_columns <- function(values, type, above = "") {
  columns <- Map(function(name, property) {
    cells <- lapply(values, `[[`, name)
    name <- paste0(above, name)
    if (property$kind == "object") {
      field_columns(cells, property, paste0(name, "."))
    } else {
      structure(list(field_column(cells, property)), names = name)
    }
  }, names(type$properties), type$properties)
  # Fields that the type does not describe, if it allows them.
  others <- setdiff(unlist(lapply(values, names)), names(type$properties))
  more <- lapply(others, function(name) lapply(values, `[[`, name))
  names(more) <- paste0(rep(above, length(others)), others)
  do.call(c, c(unname(columns), list(more)))
}

# A vector of values that are not objects; arrays stay lists.
field_column <- function(cells, type) {
  switch(type$kind,
    array = cells,
    enum = factor(
      scalar_vector(lapply(cells, enum_text), "string"),
      levels = type$values
    ),
    scalar_vector(cells, type$kind)
  )
}

# Factors cannot be combined with missing values.
enum_text <- function(value) if (is.null(value)) NULL else as.character(value)
