# What requests cost.

# The cost in dollars of requests, each with its model and the tokens that the
# server told; NA where the model has no price, or nothing was told. The vectors
# are as long as `model`; cached tokens are some of the input. `tier` is the
# service tier as answers name it, or "batch". `details` may have further kinds
# of tokens that are among those of input and output, see `priced_details`.
# `is_long` tells which have the prices of long requests.
usage_cost <- function(model, input_tokens, cached_tokens, output_tokens,
                       tier = NULL, details = list(),
                       is_long = input_tokens > long_input) {
  count <- length(model)
  prices <- model_prices()
  found <- prices_of(prices, model, rep_len(tier %||% NA, count), is_long)
  price <- function(name, otherwise) {
    own <- prices[[name]][found$row]
    ifelse(is.na(own), otherwise, own)
  }
  tokens <- function(counted) {
    counted <- rep_len(as.double(counted %||% 0), count)
    ifelse(is.na(counted), 0, counted)
  }
  input <- price("input", NA)
  # A model that only draws has no price of texts.
  output <- price("output", price("image_output", NA))
  total <- costing(rep_len(as.double(input_tokens), count), input) +
    costing(tokens(output_tokens), output)
  # Each kind costs its own price in place of that of text.
  counts <- c(list(cached_input = cached_tokens), details)
  for (kind in c("cached_input", priced_details)) {
    text <- if (endsWith(kind, "_output")) output else input
    counted <- tokens(counts[[kind]])
    total <- total + costing(counted, price(kind, text) - text)
  }
  as.double(ifelse(is.na(found$row), NA, total * found$factor / 1e6))
}

# The kinds of tokens among those of input and output that have prices of their
# own, beside cached ones.
priced_details <- c(
  "cache_write", "audio_input", "image_input", "audio_output", "image_output"
)

# No tokens cost nothing whatever their price, and free ones however many.
costing <- function(tokens, price) {
  ifelse(tokens %in% 0 | price %in% 0, 0, tokens * price)
}

# The rows of `prices` for requests, and by what to multiply their prices.
# Warns of a model that has none.
prices_of <- function(prices, model, tier, is_long) {
  model <- as.character(model)
  known <- unique(model)
  names <- priced_names(known, prices$model)
  warn_unpriced(known[is.na(names) & !is.na(known)])
  name <- names[match(model, known)]
  tier <- price_tier(tier)
  row <- price_rows(prices, name, tier, is_long)
  standard <- price_rows(prices, name, "standard", is_long)
  # OpenAI asks half the price for batches.
  is_half <- is.na(row) & tier == "batch"
  list(
    row = ifelse(is.na(row), standard, row),
    factor = ifelse(is_half, 0.5, 1)
  )
}

# The models whose lack of a price was told in this session.
unpriced <- new.env(parent = emptyenv())

warn_unpriced <- function(models) {
  new <- setdiff(models, unpriced$told)
  if (length(new)) {
    unpriced$told <- c(unpriced$told, new)
    warn_openai(
      "price",
      "The price of ", toString(new), " is not known; its cost is NA. Prices ",
      "of your own are told by options(openaistream.prices = ), see ",
      "?model_prices."
    )
  }
}
