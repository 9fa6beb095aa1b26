# Proxies and certificates of company networks.

# Sets the proxy variables of the test and removes all others.
local_proxies <- function(..., env = parent.frame()) {
  names <- c("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
  names <- c(names, tolower(names))
  unset <- stats::setNames(rep(NA_character_, length(names)), names)
  withr::local_envvar(unset, .local_envir = env)
  withr::local_envvar(..., .local_envir = env)
}

proxy_port <- function(proxy) {
  as.integer(sub(".*:([0-9]+)/.*", "\\1", proxy$url))
}

proxy_of <- function(proxy, user = "") {
  sprintf("http://%s127.0.0.1:%d", user, proxy_port(proxy))
}

# A client of a host that does not resolve: only a proxy can reach it.
proxied_client <- function(...) {
  openai$new("sk-test", base_url = "http://api.invalid/v1", max_retries = 0, ...)
}

test_that("a proxy is set by its address and port or by its URL", {
  proxy <- test_server()
  local_proxies()
  client <- proxied_client()
  client$set_proxy("127.0.0.1", proxy_port(proxy))$models$list()
  client$set_proxy(proxy_of(proxy))$models$list()
  client$set_proxy(paste0(proxy_of(proxy, "user:p%40ss@"), "/"))$models$list()

  requests <- proxy$requests()
  targets <- vapply(requests, `[[`, "", "target")
  expect_identical(targets, rep("http://api.invalid/v1/models", 3))
  expect_identical(
    requests[[3]]$headers[["proxy-authorization"]], "Basic dXNlcjpwQHNz"
  )
  expect_false("proxy-authorization" %in% names(requests[[2]]$headers))
})

test_that("streams use the proxy, too", {
  proxy <- test_server()
  proxy$reply(chunks = chat_events(c("a", "b")))
  local_proxies()
  client <- proxied_client()$set_proxy(proxy_of(proxy))
  values <- read_all(client$chat$create(hello, "m", stream = TRUE))
  expect_identical(values[[length(values)]], "complete")
})

test_that("an invalid proxy is refused as in 0.3.0", {
  client <- proxied_client()
  for (ip in list("10.0.0", "10.0.0.256", "host", 1, NA, "ftp://host:1")) {
    expect_error(client$set_proxy(ip, 80), "^Invalid proxy IP address\\.$")
  }
  for (port in list(0, 65536, "80", 1.5, NA)) {
    expect_error(
      client$set_proxy("10.0.0.1", port), "^Invalid proxy port number\\.$"
    )
  }
  # Without a port, as 0.3.0 did not take it.
  for (proxy in c("host:8080", "http://user:se/cret@host:1")) {
    refused <- expect_error(
      client$set_proxy(proxy), class = "openai_argument_error"
    )
    expect_match(conditionMessage(refused), "such as \"http://host:8080\"")
    expect_no_match(conditionMessage(refused), "cret")
  }

  client$set_proxy("http://user:secret@host:none")
  error <- tryCatch(client$models$list(), error = identity)
  expect_s3_class(error, "openai_argument_error")
  expect_match(conditionMessage(error), "^The proxy is not a valid URL")
  expect_no_match(conditionMessage(error), "secret")
})

test_that("the password of a proxy is not shown", {
  proxy <- test_server()
  local_proxies()
  shown <- function(password) {
    client <- proxied_client()$set_proxy(
      proxy_of(proxy, paste0("user:", password, "@"))
    )
    proxy$reply(status = 407)
    list(
      utils::capture.output(print(client)),
      utils::capture.output(utils::str(client)),
      utils::capture.output(
        print(failed_call(client$models$list(verbosity = 3)))
      )
    )
  }
  for (password in c("secret", "se@cret")) {
    lines <- shown(password)
    expect_match(lines[[1]], "proxy: http://<REDACTED>@127.0.0.1", all = FALSE)
    expect_match(lines[[3]], "through the proxy http://127", all = FALSE)
    expect_no_match(unlist(lines), "cret", fixed = TRUE)
    # The start of the credentials in the encoding of Basic authentication.
    expect_no_match(unlist(lines), "dXNlcjpz", fixed = TRUE)
  }
})

test_that("the password of a base URL is not printed", {
  client <- openai$new("sk-test", base_url = "http://user:secret@host/v1")
  lines <- utils::capture.output(print(client))
  expect_match(lines, "http://<REDACTED>@host/v1", all = FALSE, fixed = TRUE)
  expect_no_match(lines, "secret")
})

test_that("a proxy that requires credentials is reported", {
  proxy <- test_server()
  proxy$reply(status = 407, times = 2)
  local_proxies(HTTP_PROXY = proxy_of(proxy))
  client <- openai$new(
    "sk-test", base_url = "http://api.invalid/v1", on_error = "stop"
  )
  error <- tryCatch(client$models$list(), error = identity)
  expect_s3_class(error, "openai_status_error")
  expect_match(conditionMessage(error), "user:password@host:port", fixed = TRUE)
  expect_identical(error$attempts, 1L)
})

test_that("each call reads the proxy from the environment", {
  first <- test_server()
  second <- test_server()
  client <- proxied_client()

  local_proxies(HTTP_PROXY = proxy_of(first))
  client$models$list()
  Sys.setenv(HTTP_PROXY = proxy_of(second))
  client$models$list()
  Sys.setenv(NO_PROXY = "localhost,.invalid")
  direct <- failed_call(client$models$list())
  expect_match(direct$message, "http://api.invalid failed: dns error")
  Sys.setenv(NO_PROXY = "10.0.0.0/8")
  client$models$list()
  Sys.unsetenv("HTTP_PROXY")
  gone <- failed_call(client$models$list())
  expect_false(gone$success)

  expect_length(first$requests(), 1)
  expect_length(second$requests(), 2)
})

test_that("the error for an invalid proxy names its environment variable", {
  local_proxies(HTTP_PROXY = "http://user:secret@host:none")
  error <- tryCatch(proxied_client()$models$list(), error = identity)
  expect_s3_class(error, "openai_argument_error")
  expect_match(conditionMessage(error), "environment variable HTTP_PROXY")
  expect_no_match(conditionMessage(error), "secret")
})

test_that("certificate files are checked before anything is sent", {
  folder <- withr::local_tempdir()
  no_pem <- withr::local_tempfile(lines = "no PEM")
  for (path in list("/no/such/file", folder, 1)) {
    expect_error(
      openai$new("sk-test", ca_bundle = path),
      "^`ca_bundle`: path", class = "openai_argument_error"
    )
    expect_error(
      openai$new("sk-test", client_certificate = path),
      "^`client_certificate`: path", class = "openai_argument_error"
    )
  }
  server <- test_server()
  expect_error(
    test_client(server, ca_bundle = no_pem)$models$list(),
    "a certificate in PEM format.*`openssl x509 -inform der",
    class = "openai_argument_error"
  )
  expect_error(
    test_client(server, client_certificate = no_pem)$models$list(),
    "key in PEM format.*`openssl pkcs12 -nodes", class = "openai_argument_error"
  )
  expect_identical(server$connections(), 0)
})

test_that("a certificate file that the environment names must exist", {
  withr::local_envvar(SSL_CERT_FILE = "/no/such/file", CURL_CA_BUNDLE = NA)
  client <- openai$new("sk-test", base_url = "https://api.invalid/v1")
  expect_error(
    client$models$list(),
    "/no/such/file (set by the environment variable SSL_CERT_FILE)",
    fixed = TRUE,
    class = "openai_argument_error"
  )
  # Without TLS it is not read.
  server <- test_server()
  expect_true("gpt-6-luna" %in% test_client(server)$models$list()$id)
})
