# Writes the manual. The twins `<method>_async()` are left out: what they are
# stands once, in the manual of each class (see man-roxygen/call.R). So are
# methods and fields that are made of the table of operations, which have pages
# of their own.
namespace <- getNamespace("openaistream")
source("tools/operation_pages.R")
write_operation_pages(namespace, "man")
written <- function(members) {
  has_source <- vapply(members, function(fn) !is.null(attr(fn, "srcref")), NA)
  members[has_source | names(members) == "clone"]
}
for (name in ls(namespace)) {
  object <- get(name, namespace)
  if (inherits(object, "R6ClassGenerator")) {
    object$public_methods <- written(object$public_methods)
    if (length(object$active)) object$active <- written(object$active)
  }
}
roxygen2::roxygenise(load_code = "installed")
