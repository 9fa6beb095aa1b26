# Lists and checks the members of a client and its resources.

# Internal members, and asynchronous versions of methods.
not_shown <- "^(\\.|initialize$|clone$|print$)|_async$"

# The resources of a client, or the fields of a conversation.
resource_names <- function(object) {
  Filter(function(name) bindingIsActive(name, object), ls(object))
}

method_names <- function(object) {
  names <- setdiff(ls(object), resource_names(object))
  grep(not_shown, names, value = TRUE, invert = TRUE)
}

# The methods of an object with their arguments, as printed.
method_lines <- function(object) {
  calls <- vapply(method_names(object), function(name) {
    arguments <- names(formals(.subset2(object, name)))
    paste0(name, "(", paste(arguments, collapse = ", "), ")")
  }, "", USE.NAMES = FALSE)
  strwrap(calls, indent = 2, exdent = 4)
}

# A named list of members, as printed.
member_lines <- function(kind, names) {
  strwrap(paste0(kind, ": ", paste(names, collapse = ", ")), exdent = 2)
}

# Accessing a missing member is an error. `[[`, `names()` and `exists()` test
# for it, as for any environment; names with a dot, and those that R6 and
# generic functions look for, are NULL if missing.
#' @export
`$.openai` <- function(x, name) member(x, name)

#' @export
`$.Conversation` <- function(x, name) member(x, name)

member <- function(x, name) {
  value <- .subset2(x, name)
  if (is.null(value) && !exists(name, envir = x, inherits = FALSE) &&
    !grepl("^\\.|^(format|plot|print)$", name)) {
    abort_unknown(x, name)
  }
  value
}

abort_unknown <- function(object, name) {
  resources <- resource_names(object)
  methods <- method_names(object)
  members <- c(resources, methods)
  distance <- utils::adist(name, members, ignore.case = TRUE)
  # A short name is near to any other.
  most <- min(3, nchar(name) %/% 3)
  nearest <- if (min(distance) <= most) members[[which.min(distance)]]
  abort_argument(
    "`", class(object)[[1]], "` has no `", name, "`.",
    if (!is.null(nearest)) paste0(" Did you mean `", nearest, "`?"),
    if (length(resources)) {
      kind <- if (inherits(object, "openai")) "resources" else "fields"
      paste0(" Its ", kind, " are ", in_backticks(resources), ".")
    },
    " Its methods are ", in_backticks(methods), "."
  )
}

in_backticks <- function(names) {
  paste0("`", names, "`", collapse = ", ")
}

# Clients and resources are equal if their settings are. R's own comparison of
# environments follows the nested resources until its stack overflows.
#' @method all.equal openai
#' @export
all.equal.openai <- function(target, current, ...) {
  if (!inherits(current, "openai")) {
    return(paste("target is a", class(target)[[1]], "and current is not"))
  }
  settings <- function(x) x$.__enclos_env__$private$config
  all.equal(
    list(class(target), settings(target)),
    list(class(current), settings(current)), ...
  )
}
