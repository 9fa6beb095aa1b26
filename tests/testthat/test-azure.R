# The requests that the server received: targets and headers with credentials.
received <- function(server) {
  lapply(server$requests(), function(request) {
    list(
      target = request$target,
      key = unname(request$headers["api-key"]),
      token = unname(request$headers["authorization"])
    )
  })
}

endpoint <- function(server) sub("/v1$", "", server$url)

audio_file <- function(env = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".wav", .local_envir = env)
  writeBin(as.raw(1:4), path)
  path
}

chat_answer <- '{"choices":[{"message":{"role":"assistant","content":"Hi"}}]}'

test_that("requests to a resource go to /openai/v1 with the header `api-key`", {
  server <- test_server()
  server$reply(body = chat_answer)
  client <- openai$new("azure-key", azure = endpoint(server))
  expect_identical(client$chat$create("Hi", "my-deployment")$text, "Hi")
  expect_identical(received(server), list(list(
    target = "/openai/v1/chat/completions", key = "azure-key",
    token = NA_character_
  )))
})

test_that("with `api_version`, requests name the deployment and the version", {
  server <- test_server()
  withr::local_envvar(
    AZURE_OPENAI_ENDPOINT = paste0(endpoint(server), "/"),
    AZURE_OPENAI_API_KEY = "azure-key", OPENAI_API_KEY = "other-key"
  )
  client <- openai$new(azure = list(api_version = "2024-10-21"))
  server$reply(body = chat_answer)
  client$chat$create("Hi", "gpt")
  server$reply(chunks = c(chat_events("Hi")))
  client$chat$create("Hi", "gpt", stream = TRUE)$text()
  server$reply(body = chat_answer, times = 2)
  client$chat$map(c("a", "b"), "gpt", max_active = 1)
  server$reply(body = '{"object":"list","data":[]}')
  client$files$list(purpose = "batch")
  named <- openai$new(
    azure = list(deployment = "mine", api_version = "2024-10-21")
  )
  server$reply(body = '{"text":"Hi"}')
  named$audio$transcriptions$create(
    file = audio_file(), model = "whisper"
  )

  chat <- "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
  requests <- received(server)
  expect_identical(vapply(requests, `[[`, "", "target"), c(
    rep(chat, 4), "/openai/files?purpose=batch&api-version=2024-10-21",
    "/openai/deployments/mine/audio/transcriptions?api-version=2024-10-21"
  ))
  expect_true(all(vapply(requests, `[[`, "", "key") == "azure-key"))
  expect_true(all(is.na(vapply(requests, `[[`, "", "token"))))
})

test_that("the target URI of the portal is accepted", {
  address <- function(...) {
    config <- openai$new("k", ...)$.__enclos_env__$private$config
    sent <- config$adapt_url(api_request(
      "POST", "chat/completions", list(model = "gpt")
    ))
    paste0(
      config$settings()$base_url, "/", paste(sent$path, collapse = "/"),
      if (!is.null(sent$query)) paste0("?", sent$query[[1]])
    )
  }
  host <- "https://r.openai.azure.com/openai"
  chat <- "chat/completions"
  target <- paste0(
    host, "/deployments/mine/", chat, "?api-version=2025-01-01-preview"
  )
  expect_identical(
    address(azure = target),
    paste0(host, "/deployments/mine/", chat, "?2025-01-01-preview")
  )
  for (resource in c(
    "r", "https://r.openai.azure.com", paste0(host, c("/", "/v1/")),
    paste0(host, "/v1/chat/completions")
  )) {
    expect_identical(address(azure = resource), paste0(host, "/v1/", chat))
  }
  expect_identical(
    address(azure = list(resource = "r", api_version = "preview")),
    paste0(host, "/v1/", chat, "?preview")
  )
  expect_identical(
    address(azure = "https://r.services.ai.azure.com/api/projects/p/openai/v1"),
    paste0("https://r.services.ai.azure.com/api/projects/p/openai/v1/", chat)
  )
})

test_that("results files and workers name the deployment and the version", {
  server <- test_server()
  client <- openai$new("azure-key", azure = list(
    resource = endpoint(server), api_version = "2024-10-21"
  ))
  server$reply(body = chat_answer)
  client$chat$map("a", "gpt", results = withr::local_tempfile())
  server$reply(body = '{"data":[{"index":0,"embedding":[0.5,1]}]}')
  client$embeddings$create(
    "vectors", "a",
    as = "matrix", file = withr::local_tempfile()
  )
  config <- client$.__enclos_env__$private$config
  request <- api_request("POST", "chat/completions", list(model = "gpt"))
  sent <- settings_from(config$settings())$adapt_url(request)

  end <- "?api-version=2024-10-21"
  expect_identical(vapply(received(server), `[[`, "", "target"), c(
    paste0("/openai/deployments/gpt/chat/completions", end),
    paste0("/openai/deployments/vectors/embeddings", end)
  ))
  expect_identical(
    sent$path, c("deployments", "gpt", "chat", "completions")
  )
})

test_that("a function provides tokens, and a key is not saved", {
  server <- test_server()
  server$reply(body = chat_answer)
  client <- openai$new(function() "entra-token", azure = endpoint(server))
  client$chat$create("Hi", "m")
  expect_identical(received(server)[[1]]$token, "Bearer entra-token")
  expect_identical(received(server)[[1]]$key, NA_character_)

  client <- openai$new("azure-secret-key", azure = "my-resource")
  expect_false(any(grepl("azure-secret-key", capture.output(print(client)))))
  saved <- rawToChar(serialize(client, NULL, ascii = TRUE))
  expect_false(grepl("azure-secret-key", saved))
  expect_output(print(client), "https://my-resource.openai.azure.com/openai/v1")
})

test_that("a prompt or answer that Azure's content filter blocks is reported", {
  server <- test_server(dialect = "azure")
  client <- openai$new(
    "k",
    azure = server$url, on_error = "stop", max_retries = 0
  )
  ask <- function(content, ...) client$chat$create(content, "gpt-6-luna", ...)
  for (is_streamed in c(FALSE, TRUE)) {
    error <- expect_error(
      if (is_streamed) {
        ask("filter this question", stream = TRUE)$text()
      } else {
        ask("filter this question")
      },
      "(filtered: violence). Change the prompt",
      fixed = TRUE, class = "openai_bad_request_error"
    )
    expect_identical(error$code, "content_filter")
  }

  answer <- ask("filter this answer")
  expect_identical(answer$text, NA_character_)
  expect_identical(answer$vres$finish_reason, "content_filter")
  expect_output(print(openai_answer(answer)), "content_filter")
  whole <- ask("Filter this, please.", stream = TRUE)$text()
  stream <- ask("filter this answer", stream = TRUE)
  filtered <- stream$text()
  expect_identical(stream$message()$vres$finish_reason, "content_filter")
  expect_lt(nchar(filtered), nchar(whole))
})

test_that("errors of Azure say what to do", {
  server <- test_server(dialect = "azure")
  client <- openai$new(
    "k",
    azure = server$url, on_error = "stop", max_retries = 1
  )
  expect_error(
    client$chat$create("Hi", "gpt-4o"), "name of a deployment, not of a model",
    class = "openai_not_found_error"
  )
  server$reply(401, body = paste0(
    '{"error":{"code":"401","message":"Access denied due to invalid ',
    'subscription key or wrong API endpoint. Make sure to provide a valid ',
    'key for an active subscription."}}'
  ))
  expect_error(
    client$chat$create("Hi", "gpt-6-luna"), "belongs to this Azure resource",
    class = "openai_authentication_error"
  )
  server$reply(429, headers = c("retry-after-ms" = "40"), body = paste0(
    '{"error":{"code":"429","message":"Requests have exceeded the token rate ',
    'limit. Please retry after 1 second."}}'
  ))
  answer <- client$chat$create("Hi", "gpt-6-luna")
  expect_match(answer$text, "Hi")
  times <- vapply(server$requests(), `[[`, 0, "received_at")
  wait <- diff(utils::tail(times, 2))
  expect_gte(wait, 0.04)
})

test_that("invalid settings are rejected", {
  withr::local_envvar(AZURE_OPENAI_ENDPOINT = NA, AZURE_OPENAI_API_KEY = NA)
  refused <- function(message, ...) {
    expect_error(openai$new(...), message, class = "openai_argument_error")
  }
  refused("no key for Azure", azure = "r")
  refused("AZURE_OPENAI_ENDPOINT", "k", azure = list(api_version = "1"))
  refused("`azure` must be", "k", azure = list(version = "1"))
  refused("name of a resource", "k", azure = "a/b")
  refused("`model`", "k", azure = list(resource = "r", deployment = "d"))
  refused("remove `base_url`", "k", base_url = "http://h", azure = "r")
})
