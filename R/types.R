#' Describe the types of values
#'
#' @description
#' These functions describe the structure of a structured answer
#' ([json_schema()]) or of the arguments of a [tool()]. A type is sent as a JSON
#' schema and determines the R value into which the answer is parsed:
#'
#' \describe{
#'   \item{`type_string()`, `type_enum()`}{character; a factor if `values` is
#'   one}
#'   \item{`type_number()`}{double}
#'   \item{`type_integer()`}{integer; double beyond 2^31}
#'   \item{`type_boolean()`}{logical}
#'   \item{`type_array()` of these}{a vector of any length, including 0 and 1}
#'   \item{`type_array()` of arrays}{a list of vectors}
#'   \item{`type_array()` of objects}{a data frame with one row per object;
#'   missing values are `NA`}
#'   \item{`type_object()`}{a named list; missing values are `NULL`}
#' }
#'
#' You can use an R prototype instead of a type: `character()` or `""` for a
#' string; `numeric()`, `integer()` or `logical()`; `factor(levels = c("a",
#' "b"))` for an enum; `list(<type>)` for an array; a named list for an object;
#' and a data frame for an array of objects.
#'
#' @param description Meaning of the value, for the model: one string or `NULL`.
#' @param required `FALSE` if the value may be missing from an object, or be
#'   `null` in an array. In strict mode, in which a model must include all
#'   properties, such a value may be `null`.
#' @param values The allowed strings: a character vector, or a factor, whose
#'   levels are used; the value is then a factor.
#' @param items The type of the elements.
#' @param ... The types of the properties, by name.
#' @param .description,.required As `description` and `required`, which could be
#'   names of properties.
#' @param .additional_properties Whether the object may have properties that are
#'   not described. They are returned as parsed, with arrays and objects as
#'   lists. Not allowed in strict mode.
#' @return An object of class `openai_type`.
#' @section Errors:
#' `openai_argument_error` if an argument does not describe a type.
#' @seealso [json_schema()], [tool()], and
#'   <https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>
#' @examples
#' type_object(
#'   city = type_string("Name in English"),
#'   kind = type_enum(c("capital", "other")),
#'   population = type_integer(required = FALSE),
#'   rivers = type_array(type_object(name = type_string(), km = type_number()))
#' )
#'
#' # The same types from prototypes:
#' type_object(city = "", population = integer(), names = list(character()))
#' @name types
NULL

#' @rdname types
#' @export
type_string <- function(description = NULL, required = TRUE) {
  new_type("string", description, required)
}

#' @rdname types
#' @export
type_number <- function(description = NULL, required = TRUE) {
  new_type("number", description, required)
}

#' @rdname types
#' @export
type_integer <- function(description = NULL, required = TRUE) {
  new_type("integer", description, required)
}

#' @rdname types
#' @export
type_boolean <- function(description = NULL, required = TRUE) {
  new_type("boolean", description, required)
}

#' @rdname types
#' @export
type_enum <- function(values, description = NULL, required = TRUE) {
  texts <- if (is.factor(values)) levels(values) else values
  usable <- is.character(texts) && length(texts) && !anyNA(texts) &&
    !anyDuplicated(texts)
  if (!usable) {
    abort_argument(
      "`values` must be at least one string, without duplicates, not ",
      describe(values), "."
    )
  }
  new_type(
    "enum", description, required,
    values = texts, factor = is.factor(values)
  )
}

#' @rdname types
#' @export
type_array <- function(items, description = NULL, required = TRUE) {
  new_type("array", description, required, items = as_type(items, "items"))
}

#' @rdname types
#' @export
type_object <- function(..., .description = NULL, .required = TRUE,
                        .additional_properties = FALSE) {
  properties <- list(...)
  if (is_string(properties[1][[1]]) && !isTRUE(nzchar(names(properties)[1]))) {
    abort_argument(
      "Every property of an object must have a unique name; the description ",
      "of the object is `.description`."
    )
  }
  check_names(properties, "Every property of an object")
  check_flag(.additional_properties, ".additional_properties")
  new_type(
    "object", .description, .required,
    properties = Map(as_type, properties, names(properties)),
    additional_properties = .additional_properties
  )
}

#' @export
print.openai_type <- function(x, ...) {
  cat("<openai_type> ", format(x), "\n", sep = "")
  invisible(x)
}

#' @export
format.openai_type <- function(x, ...) {
  switch(x$kind,
    enum = paste(encodeString(x$values, quote = "\""), collapse = " | "),
    array = paste0("[", format(x$items), "]"),
    object = paste0("{", format_fields(x$properties), "}"),
    x$kind
  )
}

# Names with their types; a question mark follows those that are optional.
format_fields <- function(types) {
  if (!length(types)) {
    return("")
  }
  optional <- vapply(types, function(type) !type$required, logical(1))
  paste0(
    names(types), ifelse(optional, "?", ""), ": ",
    vapply(types, format, ""),
    collapse = ", "
  )
}

new_type <- function(kind, description, required, ...) {
  check_string(description, "description")
  check_flag(required, "required")
  structure(
    list(kind = kind, description = description, required = required, ...),
    class = "openai_type"
  )
}

# A type, or the type that a prototype represents; `name` is the name of the
# argument or property.
as_type <- function(x, name) {
  if (inherits(x, "openai_type")) {
    x
  } else if (is.factor(x)) {
    type_enum(x)
  } else if (is.data.frame(x)) {
    type_array(as.list(x))
  } else if (is.object(x)) {
    abort_no_type(x, name)
  } else if (identical(x, "") || identical(x, character())) {
    type_string()
  } else if (is.integer(x) && length(x) < 2L) {
    type_integer()
  } else if (is.numeric(x) && length(x) < 2L) {
    type_number()
  } else if (is.logical(x) && length(x) < 2L) {
    type_boolean()
  } else if (is.list(x) && !is.null(names(x))) {
    do.call(type_object, x)
  } else if (is.list(x) && length(x) == 1L) {
    type_array(x[[1]])
  } else {
    abort_no_type(x, name)
  }
}

abort_no_type <- function(x, name) {
  abort_argument(
    "`", name, "` must be a type, such as type_string(), or a prototype, such ",
    "as character() or list(numeric()), not ", describe(x), "."
  )
}
