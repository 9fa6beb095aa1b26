test_that("an estimate has requests, tokens, cost and time; nothing is sent", {
  server <- test_server()
  client <- test_client(server)
  prompts <- c("one two three", NA, "four five six")
  estimate <- client$chat$map(prompts, "gpt-5.5",
    max_completion_tokens = 100, n = 2, estimate = TRUE
  )
  expect_identical(nrow(estimate), 1L)
  expect_identical(estimate$requests, 2L)
  expect_identical(estimate$output_tokens, 400)
  expect_gte(estimate$input_tokens, 12)
  expect_lte(estimate$input_tokens, 24)
  expect_equal(estimate$input_cost, estimate$input_tokens * 5 / 1e6)
  expect_equal(estimate$cost, estimate$input_cost + 400 * 30 / 1e6)
  expect_gt(estimate$seconds, 0)
  expect_length(server$requests(), 0)
})

test_that("without a token limit, an estimate uses past answers, or is NA", {
  server <- test_server()
  client <- test_client(server)
  estimate <- function() {
    client$responses$map(c("a", "b"), "gpt-6-luna", estimate = TRUE)
  }
  expect_identical(estimate()$output_tokens, NA_real_)
  expect_identical(estimate()$cost, NA_real_)
  expect_gt(estimate()$input_cost, 0)
  used <- client$responses$create(input = "a", model = "gpt-6-luna")$usage
  expect_equal(estimate()$output_tokens, 2 * used$output_tokens)
  expect_gt(estimate()$cost, 0)
})

test_that("answers in a journal are not estimated, and batches cost half", {
  server <- test_server()
  client <- test_client(server)
  journal <- withr::local_tempfile()
  estimate <- function(...) {
    client$chat$map(c("a", "b", "c"), "gpt-5.5",
      max_completion_tokens = 1000, estimate = TRUE, ...
    )
  }
  client$chat$map("b", "gpt-5.5",
    max_completion_tokens = 1000, journal = journal
  )
  remaining <- estimate(journal = journal)
  expect_identical(c(remaining$requests, remaining$kept), c(2L, 1L))
  expect_equal(estimate(engine = "batch")$cost, estimate()$cost / 2)
})

test_that("answers in a results file are not estimated", {
  server <- test_server()
  client <- test_client(server)
  results <- withr::local_tempfile(fileext = ".jsonl")
  map <- function(...) {
    client$chat$map(c("a", NA, "b", "c"), "gpt-5.5",
      max_completion_tokens = 1000, results = results, max_active = 1, ...
    )
  }
  counts <- function(...) {
    estimate <- map(estimate = TRUE, ...)
    c(estimate$requests, estimate$kept)
  }
  expect_identical(counts(), c(3L, 0L))
  whole <- map(estimate = TRUE)

  truncated <- paste0(
    '{"choices":[{"index":0,"message":{"content":"Hal"},',
    '"finish_reason":"length"}]}'
  )
  server$reply(body = truncated)
  server$reply(body = sub("length", "stop", truncated))
  server$reply(status = 400, body = "{}")
  map(on_error = "return")
  sent <- length(server$requests())
  expect_identical(counts(), c(2L, 1L))
  expect_identical(counts(ask_again = FALSE), c(1L, 2L))
  expect_lt(map(estimate = TRUE)$cost, whole$cost)
  expect_length(server$requests(), sent)

  map()
  nothing <- map(estimate = TRUE)
  expect_identical(c(nothing$requests, nothing$kept), c(0L, 3L))
  expect_identical(c(nothing$cost, nothing$seconds), c(0, 0))
})

test_that("requests in a journal that are sent again are estimated", {
  server <- test_server()
  client <- test_client(server)
  journal <- withr::local_tempfile()
  server$reply(body = paste0(
    '{"choices":[{"index":0,"message":{"content":"Hal"},',
    '"finish_reason":"length"}]}'
  ))
  map <- function(...) client$chat$map("a", "gpt-5.5", journal = journal, ...)
  map()
  expect_identical(map(estimate = TRUE)$requests, 1L)
  expect_identical(map(estimate = TRUE, ask_again = FALSE)$requests, 0L)
})

test_that("the limits of a run determine the estimated time", {
  client <- openai$new("sk-test")
  estimate <- function(...) {
    client$chat$map(rep("a", 100), "gpt-5.5",
      max_completion_tokens = 60, estimate = TRUE, ...
    )$seconds
  }
  expect_identical(estimate(rpm = 10), 600)
  expect_identical(estimate(max_active = 10), 20)
  expect_identical(estimate(max_active = 1), 200)
})

test_that("a file of prompts is estimated, other sources are rejected", {
  client <- openai$new("sk-test")
  path <- withr::local_tempfile(
    fileext = ".jsonl", lines = rep('"a b c"', 2500)
  )
  estimate <- function(prompts) {
    client$chat$map(prompts, "gpt-5.5",
      max_completion_tokens = 1, estimate = TRUE
    )
  }
  of_file <- estimate(prompts_file(path))
  expect_equal(of_file$cost, estimate(rep("a b c", 2500))$cost)
  expect_equal(of_file$requests, 2500)
  expect_error(
    estimate(function() NULL), "`estimate` would use up",
    class = "openai_argument_error"
  )
})

test_that("the cost of a model without a price is NA, with a warning", {
  client <- openai$new("sk-test")
  expect_warning(
    estimate <- client$parallel(list(
      api_request("POST", "chat/completions", list(
        model = "unknown-b", messages = hello, max_completion_tokens = 5
      ))
    ), estimate = TRUE),
    class = "openai_price_warning"
  )
  expect_identical(estimate$cost, NA_real_)
  expect_identical(estimate$output_tokens, 5)
})

test_that("inputs whose rows are already in the file are not estimated", {
  server <- test_server()
  client <- test_client(server)
  file <- withr::local_tempfile(fileext = ".npy")
  inputs <- c("one", NA, "two words", sprintf("number %d", 1:3000))
  embed <- function(inputs, ...) {
    client$embeddings$create(
      "text-embedding-3-small", inputs,
      as = "matrix", file = file, ...
    )
  }
  all <- embed(inputs, estimate = TRUE)
  expect_false(file.exists(file))
  expect_identical(all$kept, 0L)
  embed(inputs[1:3])
  count <- length(server$requests())
  rest <- embed(inputs, estimate = TRUE)
  expect_identical(rest$kept, 2L)
  expect_identical(
    rest$input_tokens, all$input_tokens - sum(count_tokens(inputs[c(1, 3)]))
  )
  # The same number of requests is sent.
  expect_length(server$requests(), count)
  embed(inputs)
  expect_length(server$requests(), count + rest$requests)
  none <- embed(inputs, estimate = TRUE)
  expect_identical(none$requests, 0L)
  expect_identical(none$cost, 0)
  writeLines("a", file)
  expect_error(
    embed(inputs, estimate = TRUE), "NumPy",
    class = "openai_argument_error"
  )
})

test_that("embeddings are estimated, too", {
  server <- test_server()
  client <- test_client(server)
  estimate <- function(...) {
    client$embeddings$create("text-embedding-3-small", ..., estimate = TRUE)
  }
  matrix <- estimate(c(rep("some words", 3000), NA), as = "matrix")
  expect_identical(matrix$requests, 2L)
  expect_identical(matrix$input_tokens, 3000 * count_tokens("some words"))
  expect_equal(matrix$cost, matrix$input_tokens * 0.02 / 1e6)
  expect_identical(estimate("some words")$requests, 1L)
  expect_identical(estimate(list(1:5))$input_tokens, 5)
  batch <- estimate("some words", engine = "batch")
  expect_equal(batch$cost, estimate("some words")$cost / 2)
  expect_length(server$requests(), 0)
})
