# A gateway that requires a client certificate.

gateway_client <- function(gateway, ...) {
  openai$new(
    function() "sk-test",
    base_url = gateway$url, on_error = "stop", max_retries = 0, ...
  )
}

test_that("calls and streams pass a gateway with a client certificate", {
  server <- test_server()
  gateway <- mutual_tls_gateway(server)
  client <- gateway_client(
    gateway,
    ca_bundle = gateway$ca_bundle,
    client_certificate = gateway$client_certificate
  )
  expect_match(client$chat$create("Hi", "m")$text, "Hi")
  expect_match(client$chat$create("Hi", "m", stream = TRUE)$text(), "Hi")
  answers <- client$chat$map(c("a", "b"), "m")
  expect_match(answers[[2]]$text, "b")
  # A client that was saved and restored passes it, too.
  path <- withr::local_tempfile()
  saveRDS(client, path)
  expect_true("gpt-6-luna" %in% readRDS(path)$models$list()$id)
})

test_that("an error names the certificate that is missing or wrong", {
  server <- test_server()
  gateway <- mutual_tls_gateway(server)
  refused <- function(message, ...) {
    client <- gateway_client(gateway, ...)
    expect_error(
      client$models$list(), message,
      class = "openai_connection_error"
    )
  }
  withr::local_envvar(SSL_CERT_FILE = NA, CURL_CA_BUNDLE = NA)
  refused("`ca_bundle`", client_certificate = gateway$client_certificate)
  refused("`client_certificate`", ca_bundle = gateway$ca_bundle)
  refused(
    "the certificate in `client_certificate`",
    ca_bundle = gateway$ca_bundle,
    client_certificate = gateway$other_certificate
  )
  expect_length(server$requests(), 0)
})
