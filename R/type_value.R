# Parsed JSON in the shapes of types. A value that does not match is an error
# that names its position in R syntax.

fit_value <- function(value, type, path = "") {
  if (type$kind == "object") {
    fit_object(value, type, path)
  } else {
    fitted <- fit_column(list(value), type, path, may_lack = FALSE)
    if (type$kind == "array") fitted[[1]] else fitted
  }
}

fit_object <- function(value, type, path) {
  check_json_object(value, type, path)
  fields <- lapply(named_names(type$properties), function(name) {
    property <- type$properties[[name]]
    if (!is.null(value[[name]]) || property$required) {
      fit_value(value[[name]], property, inside(path, name))
    }
  })
  c(fields, value[!names(value) %in% names(fields)])
}

# A vector, or a column of a data frame, of values that are each of `type`, or
# NULL if they may be missing.
fit_column <- function(values, type, paths, may_lack) {
  lacking <- vapply(values, is.null, logical(1))
  if (any(lacking & !may_lack)) {
    abort_type_mismatch(paths[lacking & !may_lack][[1]], "is missing")
  }
  switch(type$kind,
    object = fit_rows(values, type, paths, lacking),
    array = {
      values[!lacking] <- Map(
        fit_array, values[!lacking], paths[!lacking],
        MoreArgs = list(items = type$items)
      )
      values
    },
    fit_scalars(values, type, paths, lacking)
  )
}

fit_array <- function(value, path, items) {
  if (!is_json_array(value)) {
    abort_type_mismatch(path, "must be an array", value)
  }
  paths <- sprintf("%s[[%d]]", path, seq_along(value))
  fit_column(value, items, paths, may_lack = !items$required)
}

# A data frame with one row for each object.
fit_rows <- function(values, type, paths, lacking) {
  Map(
    check_json_object, values[!lacking], paths[!lacking],
    MoreArgs = list(type = type)
  )
  cells <- function(name) lapply(values, `[[`, name)
  columns <- lapply(named_names(type$properties), function(name) {
    property <- type$properties[[name]]
    fit_column(
      cells(name), property, inside(paths, name),
      may_lack = lacking | !property$required
    )
  })
  others <- setdiff(unlist(lapply(values, names)), names(columns))
  columns[others] <- lapply(others, cells)
  structure(
    columns,
    names = as.character(names(columns)), class = "data.frame",
    row.names = .set_row_names(length(values))
  )
}

fit_scalars <- function(values, type, paths, lacking) {
  if (type$kind %in% c("number", "integer") &&
    any(vapply(values, is.character, NA))) {
    values[] <- Map(exact_number, values, paths)
  }
  fits <- switch(type$kind,
    number = is.numeric,
    integer = function(x) is.numeric(x) && x == round(x),
    boolean = is.logical,
    string = is.character,
    enum = function(x) is.character(x) && x %in% type$values
  )
  mismatches <- !lacking & !vapply(values, fits, logical(1))
  if (any(mismatches)) {
    first <- which(mismatches)[[1]]
    abort_type_mismatch(
      paths[[first]], paste("must be", describe_type(type)), values[[first]]
    )
  }
  vector <- scalar_vector(values, type$kind)
  if (isTRUE(type$factor)) factor(vector, levels = type$values) else vector
}

# The vector of scalars of one kind; NA stands for NULL.
scalar_vector <- function(values, kind) {
  values[vapply(values, is.null, NA)] <- NA
  vector <- unlist(values)
  switch(kind,
    number = as.double(vector),
    integer = as_whole(as.double(vector)),
    boolean = as.logical(vector),
    string = ,
    enum = as.character(vector)
  )
}

# A number whose digits arrived as text because a double may not hold them. It
# is rejected if a double cannot, so that no one continues with another number.
exact_number <- function(value, path) {
  if (!is_string(value) || !grepl("^-?[0-9]{16,}$", value)) {
    return(value)
  }
  number <- as.double(value)
  if (!identical(sprintf("%.0f", number), value)) {
    abort_type_mismatch(path, paste0(
      "(", value, ") has more digits than R's numbers can hold; use ",
      "type_string() to keep them"
    ))
  }
  number
}

# Integers, unless one is too large.
as_whole <- function(numbers) {
  if (all(abs(numbers) <= .Machine$integer.max, na.rm = TRUE)) {
    as.integer(numbers)
  } else {
    numbers
  }
}

check_json_object <- function(value, type, path) {
  if (is.null(value)) {
    abort_type_mismatch(path, "is missing")
  }
  if (!is_json_object(value)) {
    abort_type_mismatch(path, "must be an object", value)
  }
  unknown <- setdiff(names(value), names(type$properties))
  if (length(unknown) && !type$additional_properties) {
    known <- names(type$properties)
    abort_type_mismatch(inside(path, unknown[[1]]), paste0(
      "is not described by the schema; ",
      if (length(known)) in_backticks(known) else "nothing", " is"
    ))
  }
}

is_json_array <- function(x) is.list(x) && is.null(names(x))

is_json_object <- function(x) is.list(x) && !is.null(names(x))

# The names of a list, as a vector that lapply() names its result after.
named_names <- function(x) {
  names <- as.character(names(x))
  structure(names, names = names)
}

inside <- function(path, name) {
  ifelse(nzchar(path), paste0(path, "$", name), name)
}

describe_type <- function(type) {
  switch(type$kind,
    integer = "an integer",
    boolean = "true or false",
    enum = paste("one of", paste(
      encodeString(type$values, quote = "\""),
      collapse = ", "
    )),
    paste("a", type$kind)
  )
}

# Stops because a value does not have its type.
abort_type_mismatch <- function(path, what, ...) {
  subject <- if (nzchar(path)) paste0("`", path, "`") else "The value"
  found <- if (...length()) paste0(", not ", shorten_json(..1))
  stop(openai_condition(list(
    kind = "response", message = paste0(subject, " ", what, found, ".")
  )))
}

shorten_json <- function(value) {
  if (is_json_array(value)) {
    "an array"
  } else if (is_json_object(value)) {
    "an object"
  } else {
    text <- unwrap(json_write(value))
    if (nchar(text) > 60L) paste0(substr(text, 1L, 57L), "...") else text
  }
}
