# Types as JSON schema, in plain lists.

# In strict mode all properties are required, so optional ones become nullable.
type_schema <- function(type, strict, nullable = FALSE) {
  name <- if (type$kind == "enum") "string" else type$kind
  c(
    list(type = if (nullable) c(name, "null") else name),
    if (!is.null(type$description)) list(description = type$description),
    switch(type$kind,
      enum = list(enum = c(as.list(type$values), if (nullable) list(NULL))),
      array = list(
        items = type_schema(type$items, strict, !type$items$required)
      ),
      object = object_schema(type, strict)
    )
  )
}

object_schema <- function(type, strict) {
  if (strict && type$additional_properties) {
    abort_argument(
      "Strict mode does not allow additional properties: describe all of ",
      "them, or use `strict = FALSE`."
    )
  }
  properties <- type$properties
  required <- vapply(properties, function(it) strict || it$required, NA)
  list(
    properties = do.call(json_object, lapply(properties, function(property) {
      type_schema(property, strict, nullable = strict && !property$required)
    })),
    required = as.list(names(properties)[required]),
    additionalProperties = type$additional_properties
  )
}
