# The network settings of a client: certificates and proxies.

# If no bundle is set, the core checks SSL_CERT_FILE and CURL_CA_BUNDLE for each
# request.
network_settings <- function(ca_bundle = NULL, client_certificate = NULL) {
  list(
    ca_bundle = check_readable(ca_bundle, "ca_bundle"),
    client_certificate = check_readable(
      client_certificate, "client_certificate"
    )
  )
}

check_readable <- function(path, name) {
  if (is.null(path)) {
    return(NULL)
  }
  problem <- check_file(path)
  if (!is.null(problem)) {
    abort_argument("`", name, "`: ", file_problem(problem), ".")
  }
  normalizePath(path)
}

is_ipv4 <- function(x) {
  if (!is_string(x) || !grepl("^[0-9]{1,3}(\\.[0-9]{1,3}){3}$", x)) {
    return(FALSE)
  }
  all(as.integer(strsplit(x, ".", fixed = TRUE)[[1]]) <= 255L)
}

is_port <- function(x) {
  is_number(x) && x >= 1 && x <= 65535 && x == round(x)
}

is_proxy_url <- function(x) {
  is_string(x) && grepl("^(https?|socks5h?)://[^/]+/?$", x)
}

proxy_url <- function(proxy) {
  if (!is.null(proxy$url)) {
    proxy$url
  } else if (!is.null(proxy)) {
    sprintf("http://%s:%d", proxy$ip, as.integer(proxy$port))
  }
}
