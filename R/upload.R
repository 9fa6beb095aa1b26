# Posts a form with files. `request` is the private verb of the calling class,
# `fields` the fields in the order they are sent, `files` the names of those
# that are paths. The first path that cannot be sent fails the call before
# anything is sent.
post_form <- function(request, path, fields, files, answer = "json",
                      verbosity = 0, then = identity) {
  for (name in files) {
    failure <- check_file(fields[[name]])
    if (!is.null(failure)) {
      return(request("POST", path, verbosity = verbosity, refusal = failure))
    }
    fields[[name]] <- file_part(fields[[name]])
  }
  request("POST", path,
    form = form_fields(fields), answer = answer, verbosity = verbosity,
    then = then
  )
}
