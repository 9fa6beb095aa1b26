own_prices <- data.frame(
  model = c("m", "m", "m", "m", "painter"),
  tier = c("standard", "standard", "flex", "batch", "standard"),
  above = c(0, 272000, 0, 0, 0),
  input = c(2, 4, 1, 0.5, 5), cached_input = c(1, 2, 0.5, NA, NA),
  cache_write = c(3, NA, NA, NA, NA), output = c(10, 20, 5, 4, NA),
  audio_input = c(40, NA, NA, NA, NA), image_output = c(NA, NA, NA, NA, 30)
)

# The value of some code, and its warnings about prices.
priced <- function(code) {
  warnings <- character()
  value <- withCallingHandlers(code, openai_price_warning = function(w) {
    warnings <<- c(warnings, conditionMessage(w))
    tryInvokeRestart("muffleWarning")
  })
  list(value = value, warnings = warnings)
}

test_that("each kind of token has its own price", {
  withr::local_options(openaistream.prices = own_prices)
  expect_equal(
    usage_cost(
      c("m", "m", "m", "painter"), c(1e6, 1e6, 1e5, 1e6),
      c(0, 4e5, NA, 0), c(1e6, 0, 1e5, 1e6), c(NA, "flex", "default", NA)
    ),
    c(4 + 20, 0.6 * 1 + 0.4 * 0.5, 0.2 + 1, 5 + 30)
  )
  expect_equal(
    usage_cost("m", 1e5, 2e4, 1e5, details = list(
      cache_write = 3e4, audio_input = 1e4
    )),
    (4e4 * 2 + 2e4 * 1 + 3e4 * 3 + 1e4 * 40 + 1e5 * 10) / 1e6
  )
})

test_that("long requests have their own prices", {
  withr::local_options(openaistream.prices = own_prices)
  expect_equal(
    usage_cost(rep("m", 3), c(272000, 272001, NA), 0, 0), c(0.544, 1.088004, NA)
  )
})

test_that("batches without a price cost half, other tiers the standard price", {
  withr::local_options(openaistream.prices = own_prices)
  expect_equal(usage_cost("m", 1e6, 0, 0, "batch"), 0.5)
  expect_equal(usage_cost("painter", 1e6, 0, 0, "batch"), 2.5)
  expect_equal(usage_cost("painter", 1e6, 0, 0, "priority"), 5)
})

test_that("dated and fine-tuned models have the price of their base model", {
  withr::local_options(openaistream.prices = data.frame(
    model = c("m", "ft:m"), input = c(1, 2), output = 0
  ))
  expect_equal(
    usage_cost(
      c("m-2026-08-07", "ft:m:me::x", "ft:m-2026-08-07:me::x"), 1e6, 0, 0
    ),
    c(1, 2, 2)
  )
})

test_that("the cost of an unknown model is NA, with one warning", {
  models <- c("unknown-a", "gpt-5.5", NA, "unknown-a")
  first <- priced(usage_cost(models, rep(1e6, 4), 0, 0))
  expect_identical(is.na(first$value), c(TRUE, FALSE, TRUE, TRUE))
  expect_length(first$warnings, 1)
  expect_match(first$warnings, "unknown-a is unknown; its cost is NA")
  second <- priced(usage_cost(models, rep(1e6, 4), 0, 0))
  expect_identical(second$warnings, character())
})

test_that("the table of prices has a date and contains the user's prices", {
  prices <- model_prices()
  expect_s3_class(attr(prices, "date"), "Date")
  expect_output(print(head(prices)), "gpt")
  expect_output(print(prices), "List prices of 20[0-9-]+, -?[0-9]+ days? old")
  expect_identical(anyDuplicated(prices[c("model", "tier", "above")]), 0L)
  expect_true(all(prices$tier %in% c("standard", "batch", "flex", "priority")))

  withr::local_options(openaistream.prices = data.frame(
    model = "gpt-5.5", input = 1, output = 2
  ))
  own <- model_prices()
  expect_identical(own[own$model == "gpt-5.5", "input"], 1)
  expect_identical(sum(own$model != "gpt-5.5"), sum(prices$model != "gpt-5.5"))
})

test_that("invalid prices are refused", {
  for (prices in list(
    list(model = "m"), data.frame(model = "m", input = 1),
    data.frame(model = "m", input = "1", output = 1),
    data.frame(model = "m", input = -1, output = 1),
    data.frame(model = "m", input = 1, output = 1, tier = "fast"),
    data.frame(model = "m", input = 1, output = 1, price = 1),
    data.frame(model = "m", input = 1, output = 1, above = 1)
  )) {
    withr::local_options(openaistream.prices = prices)
    expect_error(
      model_prices(), "option openaistream.prices",
      class = "openai_argument_error"
    )
  }
})
