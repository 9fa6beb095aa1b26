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
  call <- as.call(c(call("$", quote(api), as.name(name)), arguments))
  body <- bquote(private$as_promise(function(api) .(call)))
  as.function(c(formals(method), body), envir = globalenv())
}

for (resource in mget(resource_classes)) {
  for (name in setdiff(names(resource$public_methods), without_async)) {
    resource$set(
      "public", paste0(name, "_async"),
      async_twin(name, resource$public_methods[[name]])
    )
  }
}
rm(resource, name)
