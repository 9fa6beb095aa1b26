# Workers of mirai: the daemons started by `mirai::daemons()`.

mirai_engine <- function() {
  # Not a dependency: no system that this package is tested on has it.
  mirai <- function(name) getExportedValue("mirai", name)
  connections <- function() sum(as.integer(mirai("status")()$connections))
  if (connections() == 0L) {
    abort_argument(
      "There are no mirai workers: start some with mirai::daemons()."
    )
  }
  list(
    workers = connections,
    has_capacity = function() connections() > 0L,
    submit = function(chunk) {
      mirai("mirai")(
        getNamespace("openaistream")$run_chunk(chunk), chunk = chunk
      )
    },
    sent_along = function() NULL,
    is_resolved = function(handle) !mirai("unresolved")(handle),
    value = function(handle) {
      value <- handle$data
      if (mirai("is_mirai_error")(value)) {
        stop(as.character(value), call. = FALSE)
      }
      if (!mirai("is_error_value")(value)) value
    },
    cancel = function(handle) mirai("stop_mirai")(handle)
  )
}
