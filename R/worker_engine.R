# The engines that run the workers of a map.
#
# An engine is a list of functions: `workers()` returns their number;
# `has_capacity()` whether a chunk would begin at once; `submit(chunk)` a handle,
# or NULL if the worker has died; `is_resolved(handle)`; `value(handle)` returns
# the value of `run_chunk()`, or NULL if the worker died; `cancel(handle)`;
# `sent_along()` returns what is sent to workers in addition to chunks.

# The engine that `workers` names; NULL for none.
worker_engine <- function(workers) {
  if (is.null(workers)) {
    return(NULL)
  }
  name <- if (is_string(workers)) workers else engine_of_function(workers)
  if (!isTRUE(name %in% names(engine_makers))) {
    abort_argument(
      "`workers` must be \"future\", \"mirai\", the function of that name in ",
      "the package, or NULL, not ", describe(workers), "."
    )
  }
  check_installed(name, paste0("`workers = \"", name, "\"`"))
  engine_makers[[name]]()
}

# Functions, because their files are read after this one.
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
