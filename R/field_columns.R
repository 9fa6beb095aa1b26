# Values of an object type as columns of a table.

# The columns of `values`, each what a text was parsed as or NULL: one for each
# property, for those of an object in it under the names of both.
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
  # Those that the type does not describe, where it allows them.
  others <- setdiff(unlist(lapply(values, names)), names(type$properties))
  more <- lapply(others, function(name) lapply(values, `[[`, name))
  names(more) <- paste0(rep(above, length(others)), others)
  do.call(c, c(unname(columns), list(more)))
}

# A vector of what is no object; arrays stay what they are.
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

# Factors cannot be put together with what is missing.
enum_text <- function(value) if (is.null(value)) NULL else as.character(value)
