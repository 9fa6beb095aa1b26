test_that("an estimate tells what a map would take, and sends nothing", {
  server <- test_server()
  client <- test_client(server)
  prompts <- c("one two three", NA, "four five six")
  told <- client$chat$map(prompts, "gpt-5.5",
    max_completion_tokens = 100, n = 2, estimate = TRUE
  )
  expect_identical(nrow(told), 1L)
  expect_identical(told$requests, 2L)
  expect_identical(told$output_tokens, 400)
  expect_gte(told$input_tokens, 12)
  expect_lte(told$input_tokens, 24)
  expect_equal(told$input_cost, told$input_tokens * 5 / 1e6)
  expect_equal(told$cost, told$input_cost + 400 * 30 / 1e6)
  expect_gt(told$seconds, 0)
  expect_length(server$requests(), 0)
})

test_that("answers without a bound are as long as those before, or unknown", {
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

test_that("what a journal keeps is not in it, and batches cost half", {
  server <- test_server()
  client <- test_client(server)
  journal <- withr::local_tempfile()
  estimate <- function(...) {
    client$chat$map(c("a", "b", "c"), "gpt-5.5",
      max_completion_tokens = 1000, estimate = TRUE, ...
    )
  }
  client$chat$map("b", "gpt-5.5", max_completion_tokens = 1000, journal = journal)
  told <- estimate(journal = journal)
  expect_identical(c(told$requests, told$kept), c(2L, 1L))
  expect_equal(estimate(engine = "batch")$cost, estimate()$cost / 2)
})

test_that("what a results file has is not in it", {
  server <- test_server()
  client <- test_client(server)
  results <- withr::local_tempfile(fileext = ".jsonl")
  map <- function(...) {
    client$chat$map(c("a", NA, "b", "c"), "gpt-5.5",
      max_completion_tokens = 1000, results = results, max_active = 1, ...
    )
  }
  told <- function(...) {
    estimate <- map(estimate = TRUE, ...)
    c(estimate$requests, estimate$kept)
  }
  expect_identical(told(), c(3L, 0L))
  whole <- map(estimate = TRUE)

  cut <- paste0(
    '{"choices":[{"index":0,"message":{"content":"cut"},',
    '"finish_reason":"length"}]}'
  )
  server$reply(body = cut)
  server$reply(body = sub("length", "stop", cut))
  server$reply(status = 400, body = "{}")
  map(on_error = "return")
  sent <- length(server$requests())
  expect_identical(told(), c(2L, 1L))
  expect_identical(told(ask_again = FALSE), c(1L, 2L))
  expect_lt(map(estimate = TRUE)$cost, whole$cost)
  expect_length(server$requests(), sent)

  map()
  done <- map(estimate = TRUE)
  expect_identical(c(done$requests, done$kept), c(0L, 3L))
  expect_identical(c(done$cost, done$seconds), c(0, 0))
})

test_that("answers in a journal that are asked for again are in it", {
  server <- test_server()
  client <- test_client(server)
  journal <- withr::local_tempfile()
  server$reply(body = paste0(
    '{"choices":[{"index":0,"message":{"content":"cut"},',
    '"finish_reason":"length"}]}'
  ))
  map <- function(...) client$chat$map("a", "gpt-5.5", journal = journal, ...)
  map()
  expect_identical(map(estimate = TRUE)$requests, 1L)
  expect_identical(map(estimate = TRUE, ask_again = FALSE)$requests, 0L)
})

test_that("the limits of a run say how long it takes", {
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

test_that("a file of prompts is estimated in parts, other sources not", {
  client <- openai$new("sk-test")
  path <- withr::local_tempfile(fileext = ".jsonl", lines = rep('"a b c"', 2500))
  estimate <- function(prompts) {
    client$chat$map(prompts, "gpt-5.5",
      max_completion_tokens = 1, estimate = TRUE
    )
  }
  told <- estimate(prompts_file(path))
  expect_equal(told$cost, estimate(rep("a b c", 2500))$cost)
  expect_equal(told$requests, 2500)
  expect_error(
    estimate(function() NULL), "`estimate` would use up",
    class = "openai_argument_error"
  )
})

test_that("a model without a price costs NA, with a warning", {
  client <- openai$new("sk-test")
  expect_warning(
    told <- client$parallel(list(api_request("POST", "chat/completions", list(
      model = "unknown-b", messages = hello, max_completion_tokens = 5
    ))), estimate = TRUE),
    class = "openai_price_warning"
  )
  expect_identical(told$cost, NA_real_)
  expect_identical(told$output_tokens, 5)
})

test_that("embeddings are estimated, too", {
  server <- test_server()
  client <- test_client(server)
  estimate <- function(...) {
    client$embeddings$create("text-embedding-3-small", ..., estimate = TRUE)
  }
  told <- estimate(c(rep("some words", 3000), NA), as = "matrix")
  expect_identical(told$requests, 2L)
  expect_identical(told$input_tokens, 3000 * count_tokens("some words"))
  expect_equal(told$cost, told$input_tokens * 0.02 / 1e6)
  expect_identical(estimate("some words")$requests, 1L)
  expect_identical(estimate(list(1:5))$input_tokens, 5)
  batch <- estimate("some words", engine = "batch")
  expect_equal(batch$cost, estimate("some words")$cost / 2)
  expect_length(server$requests(), 0)
})
