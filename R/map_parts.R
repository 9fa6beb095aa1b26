# The files that the workers of a map leave next to its journal.

# Adds to the journal what workers of an earlier run, which ended before they
# did, left next to it. What a worker still writes is left for the next run.
absorb_parts <- function(journal) {
  if (is.null(journal) || !file.exists(journal)) {
    return()
  }
  names <- list.files(dirname(journal), all.files = TRUE)
  start <- paste0(basename(journal), ".part-")
  is_part <- startsWith(names, start) &
    grepl("^[0-9a-f]+-[0-9]+$", substring(names, nchar(start) + 1L))
  for (part in file.path(dirname(journal), names[is_part])) {
    if (unwrap(journal_merge(journal, part))) {
      unlink(c(part, stop_file(part)))
    }
  }
}
