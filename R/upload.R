# Posts a form with files. `request` is the private verb of the calling class,
# `fields` the fields in the order they are sent, `files` the most files that
# each of those fields may name by paths. Paths that cannot be sent fail the
# call before anything is sent.
post_form <- function(request, path, fields, files, verbosity = 0,
                      then = identity) {
  for (name in intersect(names(files), names(fields))) {
    paths <- as_paths(fields[[name]])
    failure <- check_files(paths, files[[name]])
    if (!is.null(failure)) {
      return(request("POST", path, verbosity = verbosity, refusal = failure))
    }
    fields[[name]] <- file_part(paths)
  }
  request("POST", path,
    form = form_fields(fields), verbosity = verbosity,
    then = then
  )
}

as_paths <- function(paths) {
  paths <- factor_as_text(paths)
  is_list <- is.list(paths) && all(vapply(paths, is_string, NA))
  if (is_list) unlist(paths) else paths
}

# NULL when all files can be sent, else what the call returns, which names each
# that cannot.
check_files <- function(paths, most) {
  if (!is.character(paths) || length(paths) < 2L) {
    return(check_file(paths))
  }
  if (length(paths) > most) {
    return(list(success = FALSE, data = paste0(
      "path (", paste(paths, collapse = ", "), ") names ", length(paths),
      " files, and at most ", most, " can be sent"
    )))
  }
  failures <- Filter(Negate(is.null), lapply(paths, check_file))
  if (length(failures)) {
    problems <- vapply(failures, `[[`, "", "data")
    list(success = FALSE, data = paste(problems, collapse = "; "))
  }
}
