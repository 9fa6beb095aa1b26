# The addresses, headers and proxies of requests.

test_that("environment variables are the defaults of arguments", {
  server <- test_server()
  withr::local_envvar(
    OPENAI_API_KEY = "sk-env", OPENAI_BASE_URL = server$url,
    OPENAI_ORG_ID = "org-1", OPENAI_PROJECT_ID = "proj-1"
  )
  openai$new()$models$list()
  openai$new(
    "sk-arg", organization = "org-2", project = "proj-2",
    headers = c("X-Team" = "research")
  )$models$list()

  headers <- lapply(server$requests(), `[[`, "headers")
  picked <- c("authorization", "openai-organization", "openai-project")
  expect_identical(
    unname(headers[[1]][picked]), c("Bearer sk-env", "org-1", "proj-1")
  )
  expect_identical(
    unname(headers[[2]][c(picked, "x-team")]),
    c("Bearer sk-arg", "org-2", "proj-2", "research")
  )
})

test_that("OPENAI_KEY is used if OPENAI_API_KEY is not set", {
  server <- test_server()
  withr::local_envvar(
    OPENAI_API_KEY = NA, OPENAI_KEY = "sk-old", OPENAI_BASE_URL = server$url
  )
  openai$new()$models$list()
  expect_identical(
    server$requests()[[1]]$headers[["authorization"]], "Bearer sk-old"
  )
})

test_that("a key of the environment is sent only to its own server", {
  server <- test_server()
  withr::local_envvar(
    OPENAI_API_KEY = "sk-env", OPENAI_KEY = NA, OPENAI_BASE_URL = NA
  )
  sent_key <- function(...) {
    client <- openai$new(..., max_retries = 0)
    suppressWarnings(client$models$list())
    server$requests()[[length(server$requests())]]$headers["authorization"]
  }
  expect_identical(unname(sent_key(base_url = server$url)), NA_character_)
  expect_identical(
    unname(sent_key("sk-given", base_url = server$url)), "Bearer sk-given"
  )
  key <- Sys.getenv("OPENAI_API_KEY")
  expect_identical(
    unname(sent_key(key, base_url = server$url)), "Bearer sk-env"
  )
  origin <- sub("/v1$", "", server$url)
  withr::local_envvar(OPENAI_BASE_URL = paste0(origin, "/other"))
  expect_identical(
    unname(sent_key(base_url = server$url)), "Bearer sk-env"
  )
  withr::local_envvar(OPENAI_BASE_URL = "http://127.0.0.1:1/v1")
  expect_identical(unname(sent_key(base_url = server$url)), NA_character_)
})

test_that("a key of the environment is meant for OpenAI's servers", {
  withr::local_envvar(OPENAI_BASE_URL = NA)
  meant <- c(
    "https://api.openai.com/v1" = TRUE, "https://eu.api.openai.com/v1" = TRUE,
    "http://api.openai.com/v1" = FALSE, "https://api.openai.com.evil.org" = FALSE,
    "https://api.openai.com@evil.org/v1" = FALSE,
    "https://evil.org/api.openai.com" = FALSE,
    "https://notapi.openai.com/v1" = FALSE, "https://openai.com/v1" = FALSE
  )
  found <- vapply(names(meant), function(url) {
    can_receive_environment_key(base_url_check(url)$ok)
  }, NA)
  expect_identical(found, meant)
})

test_that("a client needs no key for another server or with a key header", {
  withr::local_envvar(
    OPENAI_API_KEY = NA, OPENAI_KEY = NA, OPENAI_BASE_URL = NA
  )
  expect_error(openai$new(), "no API key", class = "openai_argument_error")
  expect_output(print(openai$new(base_url = "http://localhost:11434/v1")), "none")
  server <- test_server()
  # A given key is not sent as a second credential.
  for (key in list(NULL, "sk-given")) {
    client <- openai$new(
      key, base_url = server$url, headers = c("api-key" = "azure-key")
    )
    expect_true("gpt-6-luna" %in% client$models$list()$id)
    seen <- server$requests()[[length(server$requests())]]$headers
    expect_identical(seen[["api-key"]], "azure-key")
    expect_false("authorization" %in% names(seen))
  }
  own <- openai$new(headers = c(Authorization = "Basic abc"))
  expect_output(print(own), "key: none")
})

test_that("print() names the first variable that contains the key", {
  withr::local_envvar(
    OPENAI_API_KEY = NA, OPENAI_KEY = NA, ZZ_KEY = "sk-both", AA_KEY = "sk-both"
  )
  expect_output(print(openai$new("sk-both")), "key: from AA_KEY", fixed = TRUE)
  withr::local_envvar(OPENAI_KEY = "sk-both")
  expect_output(
    print(openai$new("sk-both")), "key: from OPENAI_KEY",
    fixed = TRUE
  )
})

test_that("requests have a User-Agent header", {
  server <- test_server()
  test_client(server)$models$list()
  expect_match(
    server$requests()[[1]]$headers[["user-agent"]],
    "^openaistream/[0-9.]+ .+ R$"
  )
})

test_that("an empty key sends no Authorization header", {
  server <- test_server()
  answer <- failed_call(test_client(server, "")$models$list())
  expect_false("authorization" %in% names(server$requests()[[1]]$headers))
  expect_match(answer$message, "401")
})

test_that("requests are sent through the proxy", {
  proxy <- test_server()
  proxy$reply(body = '{"data":[{"id":"through the proxy"}]}')
  client <- openai$new("sk-test", base_url = "http://api.invalid/v1")
  port <- as.integer(sub(".*:([0-9]+)/.*", "\\1", proxy$url))
  client$set_proxy("127.0.0.1", port)
  models <- client$models$list()
  expect_identical(models$id, "through the proxy")
  expect_identical(
    proxy$requests()[[1]]$target, "http://api.invalid/v1/models"
  )
})

test_that("a proxy of the environment is not used for the local machine", {
  server <- test_server()
  withr::local_envvar(
    HTTP_PROXY = "http://127.0.0.1:1", http_proxy = "http://127.0.0.1:1",
    NO_PROXY = NA, no_proxy = NA
  )
  models <- test_client(server)$models$list()
  expect_true("gpt-6-luna" %in% models$id)
})

test_that("api_config keeps its settings", {
  config <- openaistream:::api_config$new()
  config$set_api_key("sk-test")
  config$set_proxy("10.1.2.3", 8080)
  expect_identical(config$get_api_key(), "sk-test")
  expect_identical(config$get_proxy(), list(ip = "10.1.2.3", port = 8080))
  endpoints <- config$get_api_endpoints()
  expect_identical(
    endpoints$chat_completions, "https://api.openai.com/v1/chat/completions"
  )
  expect_identical(endpoints$batchs, "https://api.openai.com/v1/batches")
})

test_that("verbosity prints headers, bodies and the connection", {
  server <- test_server()
  client <- test_client(server)
  lines <- lapply(0:3, function(verbosity) {
    utils::capture.output(
      client$embeddings$create("m", "x", verbosity = verbosity)
    )
  })
  shows <- function(pattern) {
    vapply(lines, function(output) any(grepl(pattern, output)), NA)
  }
  expect_identical(shows("^-> POST /v1/embeddings"), c(FALSE, TRUE, TRUE, TRUE))
  expect_identical(shows("^<- HTTP/1.1 200 OK"), c(FALSE, TRUE, TRUE, TRUE))
  expect_identical(shows("^>> .*\"input\":\"x\""), c(FALSE, FALSE, TRUE, TRUE))
  expect_identical(shows("^<< .*\"embedding\""), c(FALSE, FALSE, TRUE, TRUE))
  expect_identical(shows("^\\*  Connect"), c(FALSE, FALSE, FALSE, TRUE))
})

test_that("a verbose stream prints while it is read", {
  server <- test_server()
  output <- utils::capture.output(read_all(test_client(server)$chat$create(
    hello, "m", stream = TRUE, verbosity = 2
  )))
  expect_true(any(grepl("^<< data: \\[DONE\\]", output)))
})
