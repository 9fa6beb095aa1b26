# How a client gets through the network of a company: certificates.

network_settings <- function(ca_bundle = NULL, client_certificate = NULL) {
  list(
    ca_bundle = check_readable(ca_bundle, "ca_bundle") %||%
      environment_file("SSL_CERT_FILE") %||%
      environment_file("CURL_CA_BUNDLE"),
    client_certificate = check_readable(
      client_certificate, "client_certificate"
    )
  )
}

# The file that an environment variable names, if it is there.
environment_file <- function(name) {
  path <- environment_value(name)
  if (!is.null(path) && file.exists(path)) path
}

check_readable <- function(path, name) {
  if (is.null(path)) {
    return(NULL)
  }
  problem <- check_file(path)
  if (!is.null(problem)) {
    abort_argument("`", name, "`: ", problem$data, ".")
  }
  normalizePath(path)
}
