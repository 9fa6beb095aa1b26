# Workers of the future framework, whatever `future::plan()` says they are.

future_engine <- function() {
  list(
    # A queue of a cluster may have any number.
    workers = function() min(future::nbrOfWorkers(), most_slots),
    has_room = function() future::nbrOfFreeWorkers() > 0,
    submit = function(chunk) {
      unless_dead(future::future(
        getNamespace("openaistream")$run_chunk(chunk),
        globals = list(chunk = chunk), lazy = FALSE, seed = NULL,
        stdout = FALSE, conditions = character()
      ))
    },
    is_resolved = function(handle) {
      # A worker that has died is known by this error.
      tryCatch(future::resolved(handle), FutureError = function(e) TRUE)
    },
    value = function(handle) unless_dead(future::value(handle)),
    # A plan remembers its call, and with that the text of the script where it
    # stood.
    sent_along = function() future::plan("list"),
    cancel = function(handle) {
      # Versions before 1.40 cannot.
      if ("cancel" %in% getNamespaceExports("future")) {
        getExportedValue("future", "cancel")(handle)
      }
    }
  )
}

# The most chunks under way at a time.
most_slots <- 256

unless_dead <- function(code) {
  tryCatch(code, FutureError = function(e) NULL)
}
