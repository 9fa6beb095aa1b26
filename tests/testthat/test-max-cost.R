# An input token costs 1 dollar, an output token 10 dollars.
local_high_prices <- function(env = parent.frame()) {
  withr::local_options(openaistream.prices = data.frame(
    model = "gpt-6-luna", input = 1e6, output = 1e7
  ), .local_envir = env)
}

is_budget_error <- function(x) inherits(x, "openai_budget_error")

# The results of a run, and the condition or warning that ended it.
run_within <- function(code) {
  warning <- NULL
  results <- withCallingHandlers(
    tryCatch(code, openai_budget_error = identity),
    openai_budget_warning = function(w) {
      warning <<- w
      tryInvokeRestart("muffleWarning")
    }
  )
  list(results = results, warning = warning)
}

test_that("a run stops before it exceeds `max_cost` and keeps its answers", {
  local_high_prices()
  for (resource in c("chat", "responses")) {
    for (max_active in c(1, 8)) {
      server <- test_server()
      client <- test_client(server)
      ran <- run_within(client[[resource]]$map(
        sprintf("Question %d", 1:40), "gpt-6-luna",
        max_active = max_active, max_cost = 2000, on_error = "return"
      ))
      left <- vapply(ran$results, is_budget_error, NA)
      expect_true(any(left) && !all(left))
      expect_lte(client$usage()$cost, 2000)
      expect_identical(client$usage()$requests, sum(!left) + 0)
      expect_length(server$requests(), sum(!left))
      expect_match(conditionMessage(ran$warning), paste(sum(left), "requests"))
      expect_match(
        conditionMessage(ran$warning), "`max_cost` (2000",
        fixed = TRUE
      )
    }
  }
})

test_that("the maximum cost of an answer is reserved in advance", {
  local_high_prices()
  server <- test_server()
  client <- test_client(server)
  # Each may cost 10 * 100 and a little more, although it will cost less.
  ran <- run_within(client$chat$map(
    c("a", "b", "c"), "gpt-6-luna",
    max_completion_tokens = 100, max_cost = 900
  ))
  expect_s3_class(ran$results, "openai_budget_error")
  expect_length(server$requests(), 0)
  expect_length(ran$results$results, 3)
  expect_true(all(vapply(ran$results$results, is_budget_error, NA)))
  done <- client$chat$map(
    c("a", "b", "c"), "gpt-6-luna",
    max_completion_tokens = 100, max_cost = 5000
  )
  expect_length(done, 3)
})

test_that("a run with a journal resumes later", {
  local_high_prices()
  server <- test_server()
  client <- test_client(server)
  journal <- withr::local_tempfile()
  prompts <- sprintf("Question %d", 1:20)
  runs <- 0
  repeat {
    runs <- runs + 1
    ran <- run_within(client$chat$map(
      prompts, "gpt-6-luna",
      journal = journal, max_cost = 1500, on_error = "return"
    ))
    if (is.null(ran$warning)) break
    expect_lt(runs, 20)
  }
  expect_gt(runs, 1)
  expect_false(any(vapply(ran$results, is_budget_error, NA)))
  expect_length(server$requests(), 20)
})

test_that("a run to a results file stops and resumes later, too", {
  local_high_prices()
  server <- test_server()
  client <- test_client(server)
  file <- withr::local_tempfile(fileext = ".jsonl")
  map <- function(...) {
    client$chat$map(sprintf("Question %d", 1:20), "gpt-6-luna",
      results = file, ...
    )
  }
  ran <- run_within(map(max_cost = 1500, on_error = "return"))
  expect_match(conditionMessage(ran$warning), "max_cost")
  expect_gt(ran$results$answered, 0)
  expect_identical(ran$results$answered + ran$results$left, 20)
  stopped <- run_within(map(max_cost = 500))
  expect_s3_class(stopped$results, "openai_budget_error")
  expect_identical(map()$answered, 20)
  expect_length(server$requests(), 20)
})

test_that("each request is estimated by the price of its model", {
  withr::local_options(openaistream.prices = data.frame(
    model = c("gpt-6-luna", "gpt-5.5"), input = 1e6, output = c(1e6, 1e7)
  ))
  server <- test_server()
  client <- test_client(server)
  chat <- function(model) {
    api_request("POST", "chat/completions", list(
      model = model, messages = hello, max_completion_tokens = 50
    ))
  }
  requests <- c(
    list(api_request("GET", "models")),
    lapply(rep("gpt-6-luna", 3), chat), list(chat("gpt-5.5"))
  )
  ran <- run_within(client$parallel(
    requests,
    max_active = 1, max_cost = 400, on_error = "return"
  ))
  expect_identical(
    vapply(ran$results, is_budget_error, NA),
    c(FALSE, FALSE, FALSE, FALSE, TRUE)
  )
})

test_that("requests without a price are refused before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  expect_error(
    client$chat$map("a", "unknown-model", max_cost = 1),
    "price of unknown-model.*openaistream.prices",
    class = "openai_argument_error"
  )
  expect_error(
    client$parallel(
      list(api_request("POST", "chat/completions", list(messages = hello))),
      max_cost = 1
    ), "request 1 has no `model`",
    class = "openai_argument_error"
  )
  for (max_cost in list("1", -1, NA, c(1, 2))) {
    expect_error(
      client$chat$map("a", "gpt-5.5", max_cost = max_cost), "`max_cost`",
      class = "openai_argument_error"
    )
  }
  expect_error(
    client$chat$map("a", "gpt-5.5", max_cost = 1, engine = "batch"),
    "`max_cost`",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})

test_that("`$map_async()` stops before it exceeds `max_cost`, too", {
  skip_if_not_installed("later")
  skip_if_not_installed("promises")
  local_high_prices()
  server <- test_server()
  client <- test_client(server)
  promise <- client$chat$map_async(
    sprintf("Question %d", 1:40), "gpt-6-luna",
    max_cost = 1500
  )
  expect_s3_class(run_within(value_of(promise))$results, "openai_budget_error")
})

test_that("the cost so far counts after the client adapts to the server", {
  local_high_prices()
  answer <- paste0(
    '{"choices":[{"index":0,"message":{"content":"Hi"},',
    '"finish_reason":"stop"}],"model":"gpt-6-luna",',
    '"usage":{"prompt_tokens":1,"completion_tokens":60}}'
  )
  refusal <- '{"error":{"message":"Unrecognized argument: n","param":"n"}}'
  for (results in list(NULL, withr::local_tempfile(fileext = ".jsonl"))) {
    server <- test_server()
    client <- test_client(server)
    server$reply(body = answer)
    server$reply(status = 400, body = refusal, times = 2)
    server$reply(body = answer, times = 2)
    # An answer costs 601, and each may cost 1,000 and more.
    expect_message(
      ran <- run_within(client$chat$map(c("a", "b", "c"), "gpt-6-luna",
        max_completion_tokens = 100, max_cost = 2000, max_active = 1,
        on_error = "return", results = results
      )), "From now on"
    )
    expect_match(conditionMessage(ran$warning), "has cost 1202")
    expect_length(server$requests(), 4)
  }
})
