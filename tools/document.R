# Writes the manual. The twins `<method>_async()` are left out: what they are
# stands once, in the manual of each class (see man-roxygen/call.R).
namespace <- getNamespace("openaistream")
for (name in ls(namespace)) {
  object <- get(name, namespace)
  if (inherits(object, "R6ClassGenerator")) {
    twins <- grepl("_async$", names(object$public_methods))
    object$public_methods <- object$public_methods[!twins]
  }
}
roxygen2::roxygenise(load_code = "installed")
