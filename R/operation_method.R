# Methods of operations, made of the table when the package is built.

# A method with the arguments of an operation: those of its path, in order, the
# required fields, whatever else the API takes, and what its answer allows.
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
    # The table is that of which the class was made.
    quote(private$operate), bquote(operations[[.(operation$name)]]),
    given(operation$arguments), bquote(c(.(given(fields)), list(...))),
    sapply(names(settings), as.name)
  ))
  as.function(c(arguments, call), envir = globalenv())
}

# The settings of a call beside its fields, with their defaults.
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

# The values of the arguments of a call, named; one that is missing is refused.
given <- function(names, frame, call) {
  values <- lapply(names, function(name) {
    if (eval(call("missing", as.name(name)), frame)) {
      abort_argument("`", call, "` needs `", name, "`, which is missing.")
    }
    get(name, frame)
  })
  names(values) <- names
  values
}
