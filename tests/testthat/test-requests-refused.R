# Requests that no server accepts are refused before they are sent.

test_that("white space around a key is removed", {
  server <- test_server()
  server$reply(body = any_answer, times = 3)
  test_client(server, " sk-test\n")$models$list()
  test_client(server, function() "\tsk-test ")$models$list()
  withr::local_envvar(
    OPENAI_API_KEY = "sk-test\r\n", OPENAI_BASE_URL = server$url
  )
  openai$new()$models$list()
  sent <- lapply(server$requests(), function(x) x$headers[["authorization"]])
  expect_identical(sent, rep(list("Bearer sk-test"), 3))
})

test_that("invalid keys are refused and not shown", {
  for (key in c(
    "sk-\u00a0secret", "sk-secret\u200b", "\ufeffsk-secret", "sk\u2060-secret",
    "\"sk-secret\"", "'sk-secret'", "Bearer sk-secret", "bearer sk-secret"
  )) {
    error <- expect_error(openai$new(key), class = "openai_argument_error")
    expect_match(
      conditionMessage(error), "invisible character \\(U\\+|quotes|Bearer"
    )
    expect_no_match(conditionMessage(error), "secret")
  }
  expect_error(openai$new("sk-\u00a0secret"), "U+00A0) at position 4", fixed = TRUE)
  withr::local_envvar(
    OPENAI_API_KEY = "  ", OPENAI_KEY = NA, OPENAI_BASE_URL = NA
  )
  expect_error(openai$new(), "There is no API key")
  # Such as Sys.getenv("MY_KEY").
  for (empty in c("", " ")) {
    expect_error(
      openai$new(empty), "`api_key` is empty.*variable is not set",
      class = "openai_argument_error"
    )
  }
  expect_error(
    openai$new(function() "", on_error = "stop")$models$list(),
    "function passed as `api_key` returned an empty string",
    class = "openai_argument_error"
  )
  expect_silent(openai$new("", base_url = "http://localhost:11434/v1"))
  expect_silent(openai$new("", headers = c(Authorization = "Basic abc")))
})

test_that("the URL of an endpoint is refused as a base URL", {
  for (end in c("chat/completions", "embeddings/", "responses", "completions")) {
    url <- paste0("https://api.test/v1/", end)
    expect_error(
      openai$new("sk-test", base_url = url), "which each call adds itself",
      class = "openai_argument_error"
    )
  }
})

test_that("text in an invalid encoding is refused", {
  server <- test_server()
  client <- test_client(server)
  cafe <- "caf\xe9"
  for (call in list(
    function() client$chat$create(cafe, "m"),
    function() client$chat$map(c("a", cafe), "m"),
    function() client$embeddings$create("m", c("a", cafe)),
    function() client$embeddings$create("m", c("a", cafe), as = "matrix"),
    function() client$files$retrieve(cafe),
    function() client$files$list(after = cafe)
  )) {
    error <- expect_error(call(), class = "openai_argument_error")
    expect_match(conditionMessage(error), "encoding")
  }
  expect_length(server$requests(), 0)
  server$reply(body = any_answer)
  client$chat$create(iconv(cafe, "latin1", "UTF-8"), "m")
  expect_identical(sent_messages(server)[[1]][[1]]$content, "caf\u00e9")
})

test_that("bodies have the form that servers accept", {
  server <- test_server()
  server$reply(body = any_answer, times = 2)
  client <- test_client(server)
  client$chat$create("a", "m", tools = list(), response_format = "json_object")
  body <- sent_bodies(server)[[1]]
  expect_false("tools" %in% names(body))
  expect_identical(body$response_format, list(type = "json_object"))
  client$audio$transcription(
    withr::local_tempfile(lines = "x"), "m",
    response_format = "verbose_json"
  )
  expect_match(
    as.character(server$requests()[[2]]$body), "verbose_json",
    fixed = TRUE
  )
  expect_error(
    client$chat$create("a", "m", top_p = 1, top_p = 0.5),
    "`top_p` is given twice",
    class = "openai_argument_error"
  )
  expect_error(
    client$chat$create(list(list(role = "user", content = c("a", "b"))), "m"),
    "`messages[[1]]$content` must be one string, not 2",
    fixed = TRUE, class = "openai_argument_error"
  )
  expect_length(server$requests(), 2)
})

test_that("map() accepts one message as one prompt", {
  server <- test_server()
  answers <- test_client(server)$chat$map(
    list(role = "user", content = "b"), "m"
  )
  expect_length(answers, 1)
  expect_identical(
    sent_messages(server), list(list(list(role = "user", content = "b")))
  )
})

test_that("the requests of a run are sent in order", {
  server <- test_server()
  prompts <- sprintf("prompt %02d", 1:10)
  test_client(server)$chat$map(prompts, "m", max_active = 10, rpm = 600)
  at <- vapply(server$requests(), `[[`, 0, "received_at")
  sent <- vapply(sent_messages(server), function(x) x[[1]]$content, "")
  expect_identical(sent[order(at)], prompts)
})

test_that("`rpm` and `tpm` may be Inf", {
  server <- test_server()
  answers <- test_client(server)$chat$map("a", "m", rpm = Inf, tpm = Inf)
  expect_length(answers, 1)
  expect_error(
    test_client(server)$chat$map("a", "m", max_wait = "long"), "`max_wait`",
    class = "openai_argument_error"
  )
})

test_that("a pause that is too long ends all requests with the same error", {
  for (headers in list(
    c("retry-after" = "1000"),
    c("x-ratelimit-remaining-requests" = "0",
      "x-ratelimit-reset-requests" = "23h59m0s"),
    c("x-ratelimit-remaining-requests" = "0",
      "x-ratelimit-reset-requests" = format(
        as.numeric(Sys.time()) + 86000, digits = 12
      ))
  )) {
    server <- test_server()
    server$reply(
      status = 429, headers = headers,
      body = "{\"error\":{\"message\":\"per day\"}}", times = 20
    )
    results <- test_client(server)$chat$map(
      letters[1:6], "m", on_error = "return", max_active = 1
    )
    for (result in results) {
      expect_s3_class(result, "openai_rate_limit_error")
      expect_match(conditionMessage(result), "per day")
      expect_gt(result$retry_after, 900)
    }
    expect_length(server$requests(), 1)
  }
})

test_that("`max_wait` sets how long a pause may be", {
  server <- test_server()
  server$reply(
    status = 429, headers = c("retry-after-ms" = "300"),
    body = "{\"error\":{\"message\":\"slow\"}}", times = 2
  )
  client <- test_client(server, max_retries = 1)
  failed <- client$chat$map("a", "m", max_wait = 0.1, on_error = "return")[[1]]
  expect_identical(failed$retry_after, 0.3)
  expect_length(server$requests(), 1)
  answer <- client$chat$map("a", "m", max_wait = 1)[[1]]
  expect_length(server$requests(), 3)
  expect_type(answer$text, "character")
})

test_that("a wait of more than two minutes is reported", {
  skip_if_not_installed("callr")
  server <- test_server()
  server$reply(
    status = 429, headers = c("retry-after" = "500"),
    body = "{\"error\":{\"message\":\"slow\"}}", times = 9
  )
  output <- withr::local_tempfile()
  process <- callr::r_bg(function(url) {
    client <- openaistream::openai$new("sk-test", base_url = url)
    client$chat$map("a", "m", max_wait = Inf)
  }, list(url = server$url), stderr = output)
  withr::defer(process$kill())
  wait_until(function() {
    any(grepl("asks to wait [45][0-9]+ s", readLines(output, warn = FALSE)))
  }, 30)
  expect_true(process$is_alive())
  expect_length(server$requests(), 1)
})
