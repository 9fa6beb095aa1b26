# A method that is also a resource: `audio$speech()` is that of version 0.3.0,
# `audio$speech$create()` that of openai-python.

#' @export
`$.openai_method` <- function(x, name) {
  class <- get(attr(x, "resource"), environment(`$.openai_method`))
  resource <- environment(x)$private$child(class)
  `$.openai`(resource, name)
}

#' @export
`[[.openai_method` <- `$.openai_method`

#' @export
print.openai_method <- function(x, ...) {
  print(unclass(x))
  invisible(x)
}
