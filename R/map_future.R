# Workers of the future framework, as configured by `future::plan()`.

future_engine <- function() {
  list(
    # The queue of a cluster has no limit.
    workers = function() min(future::nbrOfWorkers(), max_slots),
    has_capacity = function() future::nbrOfFreeWorkers() > 0,
    submit = function(chunk) {
      unless_dead(future::future(
        getNamespace("openaistream")$run_chunk(chunk),
        globals = list(chunk = chunk), lazy = FALSE, seed = NULL,
        stdout = FALSE, conditions = character()
      ))
    },
    is_resolved = function(handle) {
      # This error means that a worker has died.
      tryCatch(future::resolved(handle), FutureError = function(e) TRUE)
    },
    value = function(handle) unless_dead(future::value(handle)),
    # A plan remembers its call, and with it the text of the script that
    # contained it.
    sent_along = function() future::plan("list"),
    cancel = function(handle) {
      # Versions before 1.40 cannot.
      if ("cancel" %in% getNamespaceExports("future")) {
        getExportedValue("future", "cancel")(handle)
      }
    }
  )
}

# Maximum number of concurrent chunks.
max_slots <- 256

unless_dead <- function(code) {
  tryCatch(code, FutureError = function(e) NULL)
}
