# OpenTelemetry spans.

names_of <- function(spans) vapply(spans, `[[`, "", "name")

test_that("a chat is a client span by the conventions, without its messages", {
  found <- spans_of(function(client, server) {
    client$chat$create(
      list(list(role = "user", content = "SECRET")), "gpt-6-luna",
      max_completion_tokens = 50, temperature = 0.5
    )$all_resp
  })
  expect_length(found$spans, 1)
  span <- found$spans[[1]]
  answer <- found$value
  expect_identical(
    span[c("name", "kind", "parent", "status")],
    list(
      name = "chat gpt-6-luna", kind = "client", parent = NA, status = "unset"
    )
  )
  expected <- list(
    server.address = "127.0.0.1", http.request.method = "POST",
    gen_ai.operation.name = "chat", gen_ai.provider.name = "openai",
    openai.api.type = "chat_completions",
    gen_ai.request.model = "gpt-6-luna", gen_ai.request.max_tokens = 50,
    gen_ai.request.temperature = 0.5,
    http.response.status_code = 200L,
    gen_ai.response.id = answer$id, gen_ai.response.model = answer$model,
    gen_ai.response.finish_reasons = "stop",
    gen_ai.usage.input_tokens = as.double(answer$usage$prompt_tokens),
    gen_ai.usage.output_tokens = as.double(answer$usage$completion_tokens)
  )
  expect_identical(span$attributes[names(expected)], expected)
  expect_true(is.integer(span$attributes$server.port))
  expect_gte(as.numeric(span$ended - span$started), 0)
  expect_false(any(grepl("SECRET|sk-test", unlist(span$attributes))))
})

test_that("spans of responses, embeddings and other calls have their names", {
  found <- spans_of(function(client, server) {
    client$responses$create("Hello", "gpt-6-luna")
    client$embeddings$create("text-embedding-3-small", "Hello")
    client$embeddings$create("text-embedding-3-small", c("a", "b"),
      as = "matrix"
    )
    client$models$list()
    value_of(client$responses$create_async("Hello", "gpt-6-luna"))
    NULL
  })
  expect_identical(names_of(found$spans), c(
    "chat gpt-6-luna", "embeddings text-embedding-3-small",
    "embeddings text-embedding-3-small", "GET", "chat gpt-6-luna"
  ))
  attributes <- lapply(found$spans, `[[`, "attributes")
  expect_match(attributes[[1]]$gen_ai.response.id, "^resp_")
  expect_identical(
    attributes[[1]]$gen_ai.response.finish_reasons, "completed"
  )
  expect_true(all(vapply(attributes[-4], function(known) {
    known$gen_ai.usage.input_tokens > 0
  }, NA)))
  expect_match(attributes[[4]]$url.full, "/v1/models$")
  expect_null(attributes[[4]]$gen_ai.operation.name)
})

test_that("the span of a failed call has its error and its retries", {
  found <- spans_of(max_retries = 1, function(client, server) {
    server$reply(
      status = 503, times = 2, headers = c("retry-after-ms" = "10"),
      body = '{"error":{"message":"Busy"}}'
    )
    try(client$responses$create("Hello", "m"), silent = TRUE)
    server$stop()
    try(client$responses$create("Hello", "m"), silent = TRUE)
    NULL
  })
  failed <- found$spans[[1]]
  expect_identical(failed$status, "error")
  expect_match(failed$description, "Busy")
  expect_identical(failed$attributes[c(
    "error.type", "http.response.status_code", "http.request.resend_count"
  )], list(
    error.type = "503", http.response.status_code = 503L,
    http.request.resend_count = 1L
  ))
  expect_identical(
    found$spans[[2]]$attributes$error.type, "connection"
  )
})

test_that("the span of a stream ends with the stream", {
  found <- spans_of(function(client, server) {
    recorded <- getExportedValue("spanrecorder", "recorded")
    stream <- client$responses$create("Hello", "gpt-6-luna", stream = TRUE)
    stream$next_event()
    is_open <- is.null(recorded$spans[[1]]$ended)
    stream$text()
    server$reply(chunks = chat_events("a", FALSE), abort = "stall")
    closed <- client$chat$create(hello, "m", stream = TRUE)
    closed$next_event()
    closed$close()
    server$reply(chunks = chat_events("a", FALSE), abort = "reset")
    read_all(client$chat$create(hello, "m", stream = TRUE, num = 1))
    server$reply(chunks = chat_events("a", FALSE), abort = "stall")
    client$chat$create(hello, "m", stream = TRUE)
    gc()
    list(open = is_open, seconds = stream$timings[["total"]])
  })
  expect_true(found$value$open)
  read <- found$spans[[1]]
  expect_equal(
    as.numeric(read$ended - read$started, units = "secs"),
    found$value$seconds, tolerance = 0.01
  )
  expect_gt(read$attributes$gen_ai.usage.output_tokens, 0)
  expect_identical(
    lapply(found$spans[-1], function(span) span$attributes$error.type),
    list("cancelled", "connection", "cancelled")
  )
  expect_false(any(vapply(found$spans, function(span) {
    is.null(span$ended)
  }, NA)))
})

test_that("spans of tools and requests are below the span of the run", {
  found <- spans_of(function(client, server) {
    server$reply_tool("level", list(city = "Cologne"))
    level <- function(city) 3.42
    gauge <- tool(level, "Level", city = type_string())
    client$responses$run_tools("How high?", "gpt-6-luna", tools = gauge)
    server$reply_tool("broken", list())
    broken <- function() stop("BROKEN")
    client$chat$run_tools(hello, "gpt-6-luna", tools = tool(broken, "Fails"))
    server$reply_tool("level", list(city = "Cologne"))
    value_of(client$responses$run_tools_async(
      "How high?", "gpt-6-luna", tools = gauge
    ))
    client$models$list()
    NULL
  })
  run <- function(name) {
    c(
      "invoke_agent", "chat gpt-6-luna", paste("execute_tool", name),
      "chat gpt-6-luna"
    )
  }
  expect_identical(
    names_of(found$spans), c(run("level"), run("broken"), run("level"), "GET")
  )
  parents <- vapply(found$spans, function(span) as.integer(span$parent), 1L)
  expect_identical(
    parents, c(NA, 1L, 1L, 1L, NA, 5L, 5L, 5L, NA, 9L, 9L, 9L, NA)
  )
  expect_false(any(vapply(found$spans, function(span) {
    is.null(span$ended)
  }, NA)))
  tool <- found$spans[[3]]$attributes
  expect_identical(tool$gen_ai.operation.name, "execute_tool")
  expect_identical(tool$gen_ai.tool.name, "level")
  expect_true(is.character(tool$gen_ai.tool.call.id))
  expect_identical(
    vapply(found$spans[c(3, 7)], `[[`, "", "status"), c("unset", "error")
  )
})

test_that("the span of each request is below the span of the run", {
  found <- spans_of(function(client, server) {
    server$reply(status = 400, body = '{"error":{"message":"No."}}')
    client$chat$map(c("a", "b", NA, "c"), "m", on_error = "return")
    NULL
  })
  spans <- found$spans
  expect_identical(
    names_of(spans), c("parallel chat m", rep("chat m", 3))
  )
  expect_identical(
    vapply(spans[-1], function(span) as.integer(span$parent), 1L), rep(1L, 3)
  )
  run <- spans[[1]]
  expect_identical(run$attributes[c(
    "openaistream.requests", "openaistream.answered", "openaistream.failed"
  )], list(
    openaistream.requests = 3L, openaistream.answered = 2L,
    openaistream.failed = 1L
  ))
  for (span in spans[-1]) {
    expect_gte(as.numeric(span$started - run$started), -0.01)
    expect_gt(as.numeric(span$ended - span$started), 0)
  }
  errors <- lapply(spans[-1], function(span) span$attributes$error.type)
  expect_identical(sort(unlist(errors)), "400")
})

test_that("a run to a file has one span", {
  found <- spans_of(function(client, server) {
    server$reply(status = 400, body = '{"error":{"message":"No."}}')
    client$chat$map(c("a", "b", "c"), "m",
      results = tempfile(fileext = ".jsonl"), on_error = "return"
    )
    NULL
  })
  expect_identical(names_of(found$spans), "parallel chat m")
  known <- found$spans[[1]]$attributes
  expect_identical(unlist(known[c(
    "openaistream.requests", "openaistream.answered", "openaistream.failed"
  )], use.names = FALSE), c(3L, 2L, 1L))
  expect_identical(known$gen_ai.request.model, "m")
  expect_gt(known$gen_ai.usage.input_tokens, 0)
})

test_that("runs without spans of requests have the tokens of all of them", {
  found <- spans_of(function(client, server) {
    prompts <- c("a", NA, "b")
    client$chat$create(prompts[[1]], "m")
    client$chat$map(prompts, "m", engine = "batch")
    client$embeddings$create(
      "e", prompts,
      as = "matrix", file = tempfile(fileext = ".npy")
    )
    client$embeddings$create("e", prompts, as = "matrix", engine = "batch")
    client$chat$map(prompts, "m")
    used <- client$usage()
    c(sum(used$input_tokens), sum(used$output_tokens))
  })
  runs <- Filter(function(span) {
    startsWith(span$name, "parallel ")
  }, found$spans)
  expect_identical(names_of(runs), c(
    "parallel chat m", "parallel embeddings e", "parallel embeddings e",
    "parallel chat m"
  ))
  counts <- function(name) {
    unlist(lapply(runs, function(run) run$attributes[[name]]))
  }
  # A file has a row for each input; the embeddings of a batch are one request.
  expect_identical(counts("openaistream.requests"), c(2L, 3L, 1L, 2L))
  expect_identical(counts("openaistream.answered"), c(2L, 3L, 1L, 2L))
  expect_identical(counts("openaistream.failed"), c(0L, 0L, 0L, 0L))
  expect_null(runs[[4]]$attributes$gen_ai.usage.input_tokens)
  # No token is counted twice, and none is missing.
  tokens <- function(name) {
    sum(unlist(lapply(found$spans, function(span) span$attributes[[name]])))
  }
  expect_identical(found$value, c(
    tokens("gen_ai.usage.input_tokens"), tokens("gen_ai.usage.output_tokens")
  ))
})

test_that("the span of a batch that fails has its error", {
  found <- spans_of(function(client, server) {
    server$reply(status = 400, body = '{"error":{"message":"No."}}')
    try(client$chat$map("a", "m", engine = "batch"), silent = TRUE)
    NULL
  })
  run <- found$spans[[1]]
  expect_identical(run$name, "parallel chat m")
  expect_identical(run$attributes$error.type, "400")
  expect_identical(run$attributes$openaistream.failed, 1L)
  expect_false(is.null(run$ended))
})

test_that("no span is created without tracing", {
  withr::local_envvar(OTEL_R_TRACES_EXPORTER = NA, OTEL_TRACES_EXPORTER = NA)
  expect_false(is_tracing())
  expect_null(call_span("GET", "models", NULL, stop("not evaluated")))
})

test_that("spans have the address and the provider of the server", {
  address <- function(url) unlist(server_address(url))
  expect_identical(
    address("https://user:pass@api.openai.com/v1"),
    c(host = "api.openai.com", port = "443")
  )
  expect_identical(
    address("http://[::1]:8080"), c(host = "::1", port = "8080")
  )
  expect_identical(
    provider_name("my.openai.azure.com"), "azure.ai.openai"
  )
  expect_identical(provider_name("api.openai.com"), "openai")
})
