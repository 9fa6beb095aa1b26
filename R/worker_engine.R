# Who runs the workers of a map.
#
# An engine is a list of functions: `workers()`, how many there are;
# `has_room()`, whether a chunk would begin at once; `submit(chunk)`, a handle
# of it, NULL where its worker has died; `is_resolved(handle)`;
# `value(handle)`, what `run_chunk()` returned, NULL where the worker died;
# `cancel(handle)`; `sent_along()`, what goes to workers beside chunks.

# The engine that `workers` names; NULL for none.
worker_engine <- function(workers) {
  if (is.null(workers)) {
    return(NULL)
  }
  name <- if (is_string(workers)) workers else engine_of_function(workers)
  if (!isTRUE(name %in% names(engine_makers))) {
    abort_argument(
      "`workers` must be \"future\" or \"mirai\", or the function of that ",
      "name in the package, or NULL, not ", describe(workers), "."
    )
  }
  check_installed(name, paste0("`workers = \"", name, "\"`"))
  engine_makers[[name]]()
}

# These are functions, for their files are read after this one.
engine_makers <- list(
  future = function() future_engine(),
  mirai = function() mirai_engine()
)

engine_of_function <- function(workers) {
  if (is.function(workers)) {
    package <- environmentName(topenv(environment(workers) %||% baseenv()))
    is_itself <- package %in% names(engine_makers) &&
      identical(workers, getExportedValue(package, package))
    if (is_itself) package
  }
}
