# Who may not write to R's library gets one in the home folder.

if (file.access(.libPaths()[[1]], mode = 2L) != 0L) {
  dir.create(Sys.getenv("R_LIBS_USER"), showWarnings = FALSE, recursive = TRUE)
}
