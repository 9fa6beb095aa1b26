# The maximum cost of a run of many requests.

# Adds the maximum cost to the `settings` of a run.
with_max_cost <- function(settings, max_cost) {
  if (is.null(max_cost) || identical(max_cost, Inf)) {
    return(settings)
  }
  check_number(max_cost, "max_cost")
  if (!is.null(settings$batch_size) || !is.null(settings$workers)) {
    abort_argument(
      "`max_cost` cannot be combined with `workers` or `engine = \"batch\"`: ",
      "remove one of them, and use `estimate = TRUE` to see what the job may ",
      "cost."
    )
  }
  settings$max_cost <- as.double(max_cost)
  settings
}

# A function that returns the dollars that a job has spent of its maximum cost:
# `spent` before, and the cost of the client's calls since then.
spending <- function(config, settings) {
  spent <- settings$spent %||% 0
  cost <- function() sum(cost_of_rows(config$used()), na.rm = TRUE)
  before <- if (!is.null(settings$max_cost)) cost()
  function() if (is.null(before)) 0 else spent + cost() - before
}

# The price of a token of each request, for the core: lists of `input`,
# `cached`, `cache_write` and `output`, NULL for requests without a body, which
# use no model. Signals an error if a price is unknown.
request_prices <- function(requests) {
  field <- function(name) {
    vapply(requests, function(request) {
      value <- request$body[[name]]
      if (is_string(value)) value else NA_character_
    }, "")
  }
  models <- field("model")
  tiers <- field("service_tier")
  is_empty <- vapply(requests, function(request) {
    is.null(request$body) && is.null(request$form)
  }, NA)
  check_priced(models, is_empty)
  keys <- paste(models, tiers, is_empty)
  first <- !duplicated(keys)
  prices <- lapply(which(first), function(index) {
    if (!is_empty[[index]]) token_price(models[[index]], tiers[[index]])
  })
  prices[match(keys, keys[first])]
}

check_priced <- function(models, is_empty) {
  unnamed <- which(is.na(models) & !is_empty)
  if (length(unnamed)) {
    abort_argument(
      "`max_cost` needs the price of each request, but request ", unnamed[[1]],
      " has no `model`: add it to the body."
    )
  }
  models <- unique(models[!is_empty])
  unknown <- models[is.na(priced_names(models, model_prices()$model))]
  if (length(unknown)) {
    abort_argument(
      "`max_cost` needs the price of ", toString(unknown), ", which is ",
      "unknown: set it with options(openaistream.prices = ), see ?model_prices."
    )
  }
}

# The price of a token of a model, in dollars.
token_price <- function(model, tier) {
  list(
    input = usage_cost(model, 1, 0, 0, tier),
    cached = usage_cost(model, 1, 1, 0, tier),
    cache_write = usage_cost(
      model, 1, 0, 0, tier,
      details = list(cache_write = 1)
    ),
    output = usage_cost(model, 0, 0, 1, tier)
  )
}

# Warns about the requests that were not sent because of the budget.
warn_budget <- function(condition, left) {
  warn_openai(
    "budget", conditionMessage(condition), " ",
    if (!is.na(left)) in_digits(left) else "Some",
    " requests were not sent; their elements are conditions of class ",
    "openai_budget_error."
  )
}
