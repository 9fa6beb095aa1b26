# The cost of requests.

# The cost of requests in dollars, for the model and the reported tokens of
# each; NA if the model has no price, or if no tokens were reported. The vectors
# are as long as `model`; cached tokens are included in the input. `tier` is the
# service tier as in responses, or "batch". `details` may contain other kinds of
# tokens that are included in those of input and output, see `priced_details`.
# `is_long` is which requests have the prices of long requests.
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
  # A model that only generates images has no price for text.
  output <- price("output", price("image_output", NA))
  total <- costing(rep_len(as.double(input_tokens), count), input) +
    costing(tokens(output_tokens), output)
  # Each kind costs its own price instead of that of text.
  counts <- c(list(cached_input = cached_tokens), details)
  for (kind in c("cached_input", priced_details)) {
    text <- if (endsWith(kind, "_output")) output else input
    counted <- tokens(counts[[kind]])
    total <- total + costing(counted, price(kind, text) - text)
  }
  as.double(ifelse(is.na(found$row), NA, total * found$factor / 1e6))
}

# The kinds of input and output tokens that have their own prices, in addition
# to cached ones.
priced_details <- c(
  "cache_write", "audio_input", "image_input", "audio_output", "image_output"
)

# Zero tokens cost nothing whatever their price, and free ones however many.
costing <- function(tokens, price) {
  ifelse(tokens %in% 0 | price %in% 0, 0, tokens * price)
}

# The rows of `prices` for requests, and the factors for their prices. Warns
# about models without prices.
prices_of <- function(prices, model, tier, is_long) {
  model <- as.character(model)
  known <- unique(model)
  names <- priced_names(known, prices$model)
  warn_unpriced(known[is.na(names) & !is.na(known)])
  name <- names[match(model, known)]
  tier <- price_tier(tier)
  row <- price_rows(prices, name, tier, is_long)
  standard <- price_rows(prices, name, "standard", is_long)
  # Batches cost half the price.
  is_half <- is.na(row) & tier == "batch"
  list(
    row = ifelse(is.na(row), standard, row),
    factor = ifelse(is_half, 0.5, 1)
  )
}

# The models whose unknown price was reported in this session.
unpriced <- new.env(parent = emptyenv())

warn_unpriced <- function(models) {
  new <- setdiff(models, unpriced$warned_models)
  if (length(new)) {
    unpriced$warned_models <- c(unpriced$warned_models, new)
    warn_openai(
      "price",
      "The price of ", toString(new), " is unknown; its cost is NA. Set your ",
      "own prices with options(openaistream.prices = ), see ?model_prices."
    )
  }
}
