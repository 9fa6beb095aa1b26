# Adds to every method of a resource an asynchronous version `<name>_async()`,
# which immediately returns a promise of the method's value. This file is
# collated after those of the classes.

# These are not calls.
without_async <- c("initialize", "clone", "print")

# A function with the arguments of `method` that passes them to the method
# `name` of an asynchronous resource.
async_twin <- function(name, method) {
  arguments <- lapply(names(formals(method)), as.name)
  names(arguments) <- sub("...", "", names(formals(method)), fixed = TRUE)
  call <- as.call(c(call("$", quote(.resource), as.name(name)), arguments))
  body <- bquote(private$as_promise(function(.resource) .(call)))
  as.function(c(formals(method), body), envir = globalenv())
}

# Adds the asynchronous versions of the methods of `classes`.
add_twins <- function(classes) {
  for (class in classes) {
    for (name in setdiff(names(class$public_methods), without_async)) {
      class$set(
        "public", paste0(name, "_async"),
        async_twin(name, class$public_methods[[name]])
      )
    }
  }
}

add_twins(mget(resource_classes))
