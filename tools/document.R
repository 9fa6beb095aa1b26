# Writes the manual. It omits the asynchronous versions `<method>_async()`,
# which are described once for each class (see man-roxygen/call.R), and methods
# and fields generated from the table of operations, which have separate pages.
#
# A file in man-roxygen describes arguments of a class. roxygen2 distinguishes
# the arguments of a class from those of a method by their line number, so such
# a file must have fewer lines than the code before the class.
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
