# The recipes of the article "Other servers", run against the practice server in
# the dialect of each.

# The dialect of each recipe, and the address in it that the test replaces.
settings_of_recipes <- list(
  azure = list(dialect = "azure", address = "my-resource"),
  azure_dated = list(dialect = "azure", address = "my-resource"),
  azure_entra = list(dialect = "azure", address = "my-resource"),
  databricks = list(dialect = "databricks"),
  groq = list(dialect = "groq", address = "https://api.groq.com/openai/v1"),
  lmstudio = list(dialect = "lmstudio", address = "http://localhost:1234/v1"),
  ollama = list(dialect = "ollama", address = "http://localhost:11434/v1"),
  openrouter = list(
    dialect = "openrouter", address = "https://openrouter.ai/api/v1"
  ),
  vllm = list(dialect = "vllm", address = "http://localhost:8000/v1")
)

local_keys <- function(env = parent.frame()) {
  withr::local_envvar(
    AZURE_OPENAI_API_KEY = "azure-key", DATABRICKS_TOKEN = "dapi-key",
    GROQ_API_KEY = "gsk-key", OPENROUTER_API_KEY = "sk-or-key",
    VLLM_API_KEY = "vllm-key", LITELLM_KEY = "sk-litellm",
    OPENAI_API_KEY = NA, OPENAI_BASE_URL = NA,
    .local_envir = env
  )
}

test_that("each recipe gets an answer from its server", {
  local_keys()
  for (name in names(settings_of_recipes)) {
    settings <- settings_of_recipes[[name]]
    server <- test_server(dialect = settings$dialect)
    base <- sub("/serving-endpoints$", "", server$url)
    withr::local_envvar(DATABRICKS_HOST = base)
    if (name == "azure_entra") {
      skip_on_os("windows")
      folder <- withr::local_tempdir()
      writeLines(c("#!/bin/sh", "echo entra-token"), file.path(folder, "az"))
      Sys.chmod(file.path(folder, "az"), "755")
      withr::local_path(folder)
    }
    addresses <- if (!is.null(settings$address)) {
      stats::setNames(server$url, settings$address)
    }
    value <- run_recipe(name, addresses)
    expect_match(value, "[[:alpha:]]", label = name)
    seen <- server$requests()
    headers <- seen[[length(seen)]]$headers
    key <- switch(name,
      azure = , azure_dated = headers[["api-key"]],
      azure_entra = headers[["authorization"]],
      ollama = , lmstudio = "no key",
      headers[["authorization"]]
    )
    expected <- switch(name,
      azure = , azure_dated = "azure-key", azure_entra = "Bearer entra-token",
      databricks = "Bearer dapi-key", groq = "Bearer gsk-key",
      openrouter = "Bearer sk-or-key", vllm = "Bearer vllm-key", "no key"
    )
    expect_identical(key, expected, label = name)
  }
})

test_that("the recipe for mutual TLS connects through a gateway", {
  gateway <- mutual_tls_gateway(test_server())
  withr::local_envvar(GATEWAY_KEY = "gateway-key")
  value <- run_recipe("gateway", c(
    "https://gateway.example.org/v1" = gateway$url,
    "company-ca.pem" = gateway$ca_bundle,
    "me.pem" = gateway$client_certificate
  ))
  expect_match(value, "Hello")
})

test_that("every recipe of the article is run by a test", {
  elsewhere <- c("gateway", "llama_cpp", "litellm")
  expect_setequal(recipe_names(), c(names(settings_of_recipes), elsewhere))
})

test_that("each dialect has the capabilities in the article's table", {
  for (id in names(article_servers)) {
    server <- article_servers[[id]]
    if (!is.null(server$dialect)) {
      url <- test_server(dialect = server$dialect)$url
      has <- capabilities_of(practice_client(server, url), server)
      expect_identical(article_row(id), table_row(server, has))
    }
  }
  table <- article_table(character())
  expect_true(all(table %in% readLines(article_path())))
})

test_that("a conversation continues if a server refuses further fields", {
  server <- test_server(dialect = "groq")
  client <- openai$new("k", base_url = server$url, max_retries = 0)
  talk <- client$conversation("openai/gpt-oss-20b", api = "chat")
  utils::capture.output(suppressMessages({
    talk$say("Hello")
    second <- talk$say("And again")
  }))
  messages <- sent_messages(server)
  last <- messages[[length(messages)]]
  expect_named(last[[2]], c("role", "content"))

  server <- test_server(dialect = "databricks")
  client <- openai$new("k", base_url = server$url, max_retries = 0)
  talk <- client$conversation(
    "databricks-meta-llama-3-3-70b-instruct",
    api = "chat"
  )
  utils::capture.output(suppressMessages(talk$say("Hello")))
  bodies <- sent_bodies(server)
  expect_null(bodies[[length(bodies)]]$stream_options)
})

test_that("the error of a server without responses says to use chats", {
  server <- test_server(dialect = "databricks")
  client <- openai$new("k", base_url = server$url, max_retries = 0)
  expect_error(
    client$responses$create("Hi", "databricks-gpt-oss-20b"), "`client$chat`",
    fixed = TRUE, class = "openai_not_found_error"
  )
  # A reasoning model answers in parts.
  answer <- client$chat$create("Hi", "databricks-gpt-oss-20b")
  expect_match(answer$text, "Hi")
})

test_that("the error for a base URL without /v1 shows the form of the URL", {
  for (dialect in c("ollama", "vllm", "lmstudio")) {
    server <- test_server(dialect = dialect)
    client <- openai$new(
      "k",
      base_url = sub("/v1$", "", server$url), on_error = "stop",
      max_retries = 0
    )
    expect_error(
      client$chat$create("Hi", "m"), "http://host:port/v1",
      class = "openai_error"
    )
  }
})

test_that("the error for an unknown model says to list the models", {
  for (dialect in c("groq", "lmstudio", "ollama", "openrouter", "vllm")) {
    server <- test_server(dialect = dialect)
    client <- openai$new(
      "k",
      base_url = server$url, on_error = "stop", max_retries = 0
    )
    expect_error(
      client$chat$create("Hi", "none"), "List the models",
      class = "openai_status_error"
    )
  }
})
