#' @param api_key The API key: one string, or a function without arguments
#'   that returns it and is called for each request. Defaults to the
#'   environment variable `OPENAI_API_KEY`, then `OPENAI_KEY`.
#' @param base_url Base URL of the API, one string. Defaults to the
#'   environment variable `OPENAI_BASE_URL`, then
#'   `"https://api.openai.com/v1"`.
#' @param organization Id of the organization to bill, one string. Defaults
#'   to the environment variable `OPENAI_ORG_ID`, then none.
#' @param project Id of the project to bill, one string. Defaults to the
#'   environment variable `OPENAI_PROJECT_ID`, then none.
#' @param headers Additional headers for every request, a named character
#'   vector.
#' @param timeouts Timeouts in seconds, a named numeric vector. Those you do
#'   not name keep their defaults; `Inf` means no timeout.
#'   * `connect` (10): to establish a connection.
#'   * `first_byte` (600): from sending the request to receiving the
#'     response headers.
#'   * `idle` (120): between two chunks of the response body.
#'   * `total` (600; `Inf` for streams): the whole call, including retries.
#' @param max_retries Maximum number of retries for a call (2). A request is
#'   retried after a status code of 408, 409, 429 or 5xx, a connection error
#'   or a timeout, unless part of the response was already delivered. The
#'   delay is the one the server asks for, or else 0.5, 1, 2, ... seconds.
#'   An exhausted quota is never retried.
#' @param on_error What to do when a call fails. `"return"` returns a list
#'   with `success = FALSE`, as version 0.3.0 did, and warns; `"stop"`
#'   signals an error (see [openai_error]). Defaults to the option
#'   `openaistream.on_error`, then to `"return"` for calls that existed in
#'   0.3.0 and `"stop"` for all others.
#' @param max_bytes Maximum size in bytes of a response that is held in
#'   memory (1 GiB).
#' @param ca_bundle Path of a PEM file with the certificates to trust
#'   instead of the system's, for servers and proxies that use your
#'   organization's own certificates. Defaults to the file named by the
#'   environment variable `SSL_CERT_FILE`, then `CURL_CA_BUNDLE`, read when
#'   a request is sent; then to the system's certificates.
#' @param client_certificate Path of a PEM file with a certificate and its
#'   unencrypted private key, for servers that require a client certificate.
