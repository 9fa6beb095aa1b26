# Creates a library in the home folder if R's library is not writable.

if (file.access(.libPaths()[[1]], mode = 2L) != 0L) {
  dir.create(Sys.getenv("R_LIBS_USER"), showWarnings = FALSE, recursive = TRUE)
}
