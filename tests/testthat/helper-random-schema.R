# Random types, random answers that match them, and the cells that a table must
# have for each answer, computed by c() and not by the package.

random_type <- function(depth, optional = runif(1) < 0.4) {
  kinds <- c("string", "number", "integer", "boolean", "enum")
  if (depth > 0) kinds <- c(kinds, "array", "array", "object", "object")
  required <- !optional
  switch(sample(kinds, 1),
    string = type_string(required = required),
    number = type_number(required = required),
    integer = type_integer(required = required),
    boolean = type_boolean(required = required),
    enum = {
      values <- sample(letters, sample(4, 1))
      type_enum(
        if (runif(1) < 0.5) factor(values, values) else values,
        required = required
      )
    },
    array = type_array(random_items(depth - 1), required = required),
    object = random_object_type(depth - 1, required)
  )
}

random_object_type <- function(depth, required = TRUE, min_properties = 0) {
  names <- sample(
    c("a", "b", "name", "model", "error", "text", "x_1", "\u00e9"),
    sample(min_properties:4, 1)
  )
  types <- lapply(names, function(name) random_type(depth))
  names(types) <- names
  do.call(type_object, c(types, list(.required = required)))
}

# The items of an array; objects have only scalar properties.
random_items <- function(depth) {
  items <- random_type(depth)
  if (items$kind != "object") {
    return(items)
  }
  random_object_type(0, min_properties = 1)
}

# list(json = , cells = ): a value of a type, and its cells, which are named by
# their columns without the name of the value itself.
random_answer <- function(type) {
  switch(type$kind,
    object = random_object(type),
    array = {
      array <- random_array(type$items)
      list(json = array$json, cells = list(list(array$value)))
    },
    {
      scalar <- random_scalar(type)
      list(json = scalar$json, cells = list(typed(scalar$value, type, TRUE)))
    }
  )
}

random_object <- function(type) {
  json <- character()
  cells <- list()
  for (name in names(type$properties)) {
    property <- type$properties[[name]]
    is_missing <- !property$required && runif(1) < 0.4
    answer <- if (is_missing) {
      list(json = "null", cells = missing_cells(property))
    } else {
      random_answer(property)
    }
    if (!is_missing || runif(1) < 0.5) {
      json <- c(json, paste0(json_string(name), ":", answer$json))
    }
    cells <- c(cells, prefix_names(name, answer$cells))
  }
  # Whatever the order of the properties, columns are in that of the schema.
  json <- paste0("{", paste(sample(json), collapse = ","), "}")
  list(json = json, cells = cells)
}

prefix_names <- function(name, cells) {
  inner <- names(cells)
  if (is.null(inner) && length(cells)) {
    names(cells) <- name
  } else if (length(cells)) {
    names(cells) <- paste0(name, ".", inner)
  }
  cells
}

missing_cells <- function(type) {
  switch(type$kind,
    object = {
      cells <- lapply(names(type$properties), function(name) {
        prefix_names(name, missing_cells(type$properties[[name]]))
      })
      do.call(c, cells)
    },
    array = list(list(NULL)),
    list(typed(NA, type, TRUE))
  )
}

# A vector of a scalar type; an enum is always a factor in a table.
typed <- function(values, type, in_table) {
  switch(type$kind,
    string = as.character(values),
    number = as.double(values),
    integer = if (is.double(values)) values else as.integer(values),
    boolean = as.logical(values),
    enum = if (in_table || type$factor) {
      factor(values, type$values)
    } else {
      as.character(values)
    }
  )
}

random_scalar <- function(type) {
  value <- switch(type$kind,
    string = random_text(),
    number = sample(c(round(rnorm(1), 3), 0, -7, 1e-9, 12345678.5), 1),
    integer = if (runif(1) < 0.05) 3e9 else sample(-99:99, 1),
    boolean = runif(1) < 0.5,
    enum = sample(type$values, 1)
  )
  json <- if (is.character(value)) {
    json_string(value)
  } else if (is.logical(value)) {
    tolower(value)
  } else {
    format(value, digits = 17, scientific = FALSE)
  }
  list(json = json, value = value)
}

random_array <- function(items) {
  size <- sample(0:3, 1)
  is_missing <- !items$required & runif(size) < 0.3
  answers <- lapply(seq_len(size), function(i) {
    switch(items$kind,
      array = random_array(items$items),
      object = random_object(items),
      random_scalar(items)
    )
  })
  json <- vapply(answers, `[[`, "", "json")
  json[is_missing] <- "null"
  list(
    json = paste0("[", paste(json, collapse = ","), "]"),
    value = switch(items$kind,
      array = {
        values <- lapply(answers, `[[`, "value")
        values[is_missing] <- list(NULL)
        values
      },
      object = expected_rows(answers, is_missing, items),
      {
        values <- lapply(answers, `[[`, "value")
        values[is_missing] <- NA
        typed(do.call(c, values), items, FALSE)
      }
    )
  )
}

# A data frame of objects whose properties are scalars.
expected_rows <- function(answers, is_missing, type) {
  columns <- lapply(names(type$properties), function(name) {
    property <- type$properties[[name]]
    cells <- lapply(answers, function(row) row$cells[[name]])
    cells[is_missing] <- list(NA)
    cells <- lapply(cells, function(cell) {
      if (is.factor(cell)) as.character(cell) else cell
    })
    typed(do.call(c, cells), property, FALSE)
  })
  names(columns) <- names(type$properties)
  structure(
    columns,
    class = "data.frame", row.names = .set_row_names(length(answers))
  )
}
