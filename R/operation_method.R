# Methods of operations, created from the table when the package is built.

# A method with the arguments of an operation: the path arguments, in order, the
# required fields, all other fields in `...`, and the settings that its response
# allows.
operation_method <- function(operation) {
  fields <- setdiff(operation$required, operation$arguments)
  own <- c(operation$arguments, fields)
  settings <- c(operation_settings(operation), list(verbosity = 0))
  arguments <- c(rep(list(quote(expr = )), length(own) + 1L), settings)
  names(arguments) <- c(own, "...", names(settings))
  # An argument may have the name of a function, such as `environment`.
  given <- function(names) {
    bquote(given(.(names), base::environment(), .(operation_call(operation))))
  }
  call <- as.call(c(
    # The table from which the class was created.
    quote(private$operate), bquote(operations[[.(operation$name)]]),
    given(operation$arguments), bquote(c(.(given(fields)), list(...))),
    sapply(names(settings), as.name)
  ))
  as.function(c(arguments, call), envir = globalenv())
}

# The settings of a call in addition to its fields, with their defaults.
operation_settings <- function(operation) {
  c(
    if (has_choice_of_stream(operation)) list(stream = FALSE),
    if (!is.null(operation$kind)) list(num = 2),
    if (!is.null(operation$pages)) list(pages = 1),
    if (operation$answer == "bytes") list(path = NULL)
  )
}

has_choice_of_stream <- function(operation) {
  !is.null(operation$kind) && operation$answer != "stream"
}

# The values of the arguments of a call, named; a missing one is rejected.
given <- function(names, frame, call) {
  values <- lapply(names, function(name) {
    if (eval(call("missing", as.name(name)), frame)) {
      abort_argument("`", call, "` requires the argument `", name, "`.")
    }
    get(name, frame)
  })
  names(values) <- names
  values
}
