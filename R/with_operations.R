# Creates the classes of the resources from the table of operations when the
# package is built: missing methods are added to handwritten classes, all other
# classes are created. This file is collated after those of the classes.

class_of <- function(resource) {
  gsub(".", "_", resource, fixed = TRUE)
}

# A resource and those above it: "a.b.c", "a.b", "a".
with_ancestors <- function(resource) {
  parts <- strsplit(resource, ".", fixed = TRUE)[[1]]
  vapply(rev(seq_along(parts)), function(depth) {
    paste(parts[seq_len(depth)], collapse = ".")
  }, "")
}

# The names of the methods of a class, including inherited ones.
methods_of <- function(class) {
  inherited <- class$get_inherit()
  c(names(class$public_methods), if (!is.null(inherited)) methods_of(inherited))
}

# Adds to `namespace` a class for each resource of `operations`, and to
# `client`, the class of clients, a field for each top-level resource.
add_resources <- function(operations, client, namespace) {
  of <- vapply(operations, `[[`, "", "resource")
  resources <- sort(unique(unlist(lapply(of, with_ancestors))))
  for (resource in resources) {
    name <- class_of(resource)
    if (!exists(name, namespace, inherits = FALSE)) {
      assign(name, namespace, value = R6::R6Class(
        name,
        inherit = base_api, parent_env = namespace
      ))
    }
    for (operation in operations[of == resource]) {
      add_method(get(name, namespace), operation)
    }
  }
  for (resource in resources) {
    above <- with_ancestors(resource)[-1]
    field <- sub(".*[.]", "", resource)
    if (length(above)) {
      parent <- get(class_of(above[[1]]), namespace)
      add_field(parent, field, class_of(resource), quote(private$child))
    } else {
      add_field(client, field, class_of(resource), quote(private$resource))
    }
  }
  vapply(resources, class_of, "")
}

add_method <- function(class, operation) {
  if (!operation$verb %in% methods_of(class)) {
    class$set("public", operation$verb, operation_method(operation))
  }
}

# Adds a field that returns the resource of a class. If version 0.3.0 has a
# method of that name, the method also gives access to the resource.
add_field <- function(class, name, of_class, getter) {
  if (name %in% names(class$active)) {
    return(invisible())
  }
  if (name %in% names(class$public_methods)) {
    class$public_methods[[name]] <- structure(
      class$public_methods[[name]],
      class = "openai_method", resource = of_class
    )
    return(invisible())
  }
  body <- as.call(list(getter, as.name(of_class), quote(value)))
  binding <- as.function(c(alist(value = ), body), envir = globalenv())
  class$set("active", name, binding)
}

resource_classes <- unique(c(
  add_resources(operations, openai, environment()),
  "assistants", "batch", "extraction", "messages", "requests", "runs",
  "threads"
))
