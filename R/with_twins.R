# Every method of a resource gets a twin `<name>_async()`, which returns a
# promise of the method's value at once. This file is read after those of the
# classes.

# What is no call.
without_async <- c("initialize", "clone", "print")

# A function with the arguments of `method`, which passes them to the method
# `name` of an object whose calls return promises.
async_twin <- function(name, method) {
  arguments <- lapply(names(formals(method)), as.name)
  names(arguments) <- sub("...", "", names(formals(method)), fixed = TRUE)
  call <- as.call(c(call("$", quote(.resource), as.name(name)), arguments))
  body <- bquote(private$as_promise(function(.resource) .(call)))
  as.function(c(formals(method), body), envir = globalenv())
}

# Gives `classes` the twins of their methods.
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
