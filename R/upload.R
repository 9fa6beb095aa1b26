# Paths of files to send.

as_paths <- function(paths) {
  paths <- factor_as_text(paths)
  is_list <- is.list(paths) && all(vapply(paths, is_string, NA))
  if (is_list) unlist(paths) else paths
}

# NULL if all files can be sent, else what the call returns, which names each
# file that cannot.
check_files <- function(paths, max_count) {
  if (!is.character(paths) || length(paths) < 2L) {
    return(check_file(paths))
  }
  if (length(paths) > max_count) {
    return(list(success = FALSE, data = paste0(
      "path (", paste(paths, collapse = ", "), ") names ", length(paths),
      " files, and at most ", max_count, " can be sent"
    )))
  }
  failures <- Filter(Negate(is.null), lapply(paths, check_file))
  if (length(failures)) {
    problems <- vapply(failures, `[[`, "", "data")
    list(success = FALSE, data = paste(problems, collapse = "; "))
  }
}

# Why files cannot be sent. The list of `check_files()` keeps the wording of
# version 0.3.0.
file_problem <- function(failure) {
  gsub("is not exists", "does not exist", failure$data)
}
