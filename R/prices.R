# The prices of tokens: OpenAI's list prices, read when the package is built
# from inst/prices.tsv (created by tools/prices.py), and the user's own.

read_prices <- function(path) {
  # "# litellm 1.2.3, 2026-01-31"
  source <- strsplit(sub("# ", "", readLines(path, 1L)), ", ")[[1]]
  prices <- utils::read.delim(path, comment.char = "#", encoding = "UTF-8")
  list(prices = prices, source = source[[1]], date = as.Date(source[[2]]))
}

list_prices <- read_prices(system.file("prices.tsv", package = "openaistream"))

price_tiers <- c("standard", "batch", "flex", "priority")

# Requests with more input tokens are long, and cost more
# (https://platform.openai.com/docs/pricing).
long_input <- 272000

#' Get the prices of models
#'
#' The prices with which the package calculates costs: OpenAI's list prices, as
#' published in the Python package litellm on the date that `print()` shows, and
#' your own. They do not include taxes, discounts of your organization, tools
#' that are billed per call (web search, containers), or anything billed per
#' second or per image.
#'
#' Set your own prices with the option `openaistream.prices`, a data frame with
#' the columns `model`, `input` and `output`, and any of the others below. They
#' replace all list prices of the same model: `options(openaistream.prices =
#' data.frame(model = "my-model", input = 1, output = 4))`.
#'
#' A model that is not in the table has the prices of its name without the date
#' at the end (`gpt-5.5-2026-04-23`: `gpt-5.5`), a fine-tuned one
#' (`ft:gpt-4o-2024-08-06:team::id`) those of `ft:` and its base model. The cost
#' of other models is `NA`, and a warning of class `openai_price_warning` names
#' the model, once per session. A tier without prices uses those of
#' `"standard"`; `"batch"` uses half of them.
#'
#' @return A data frame of class `model_prices`, whose attributes `date` and
#'   `source` are the date and origin of the list prices. Each row applies to
#'   the requests of a `model` in a service tier, `tier` (`"standard"`,
#'   `"batch"`, `"flex"` or `"priority"`), with more than `above` input tokens
#'   (0, or 272000: long requests cost more). The prices are in dollars per
#'   million tokens, `NA` if there is none: `input`; `cached_input`, input read
#'   from the server's cache; `cache_write`, input written to the cache;
#'   `output`; and for audio and image tokens `audio_input`, `audio_output`,
#'   `image_input`, `image_output`. Cached, audio and image tokens without a
#'   price cost as much as text. `max_output_tokens` is the maximum length of
#'   the model's answers. Signals an error if the option does not contain valid
#'   prices.
#' @seealso `$usage()` of an [openai] client.
#' @examples
#' prices <- model_prices()
#' attr(prices, "date")
#' prices[prices$model == "gpt-5.5", c("tier", "above", "input", "output")]
#' @export
model_prices <- function() {
  structure(
    with_own_prices(list_prices$prices, getOption("openaistream.prices")),
    class = c("model_prices", "data.frame"),
    date = list_prices$date, source = list_prices$source
  )
}

#' @param x Prices, from `model_prices()`.
#' @param ... Passed on to the `print()` of data frames.
#' @rdname model_prices
#' @export
print.model_prices <- function(x, ...) {
  date <- attr(x, "date")
  if (!is.null(date)) {
    days <- as.integer(Sys.Date() - date)
    cat(
      "Dollars per million tokens. List prices of ", format(date), ", ", days,
      " day", if (days != 1L) "s", " old (", attr(x, "source"), ").\n",
      sep = ""
    )
  }
  NextMethod()
  invisible(x)
}

# List prices, replaced for the models that have own prices.
with_own_prices <- function(prices, own) {
  if (is.null(own)) {
    return(prices)
  }
  own <- check_prices(own)
  defaults <- list(tier = "standard", above = 0)
  for (name in setdiff(names(prices), names(own))) {
    own[[name]] <- rep(defaults[[name]] %||% NA_real_, nrow(own))
  }
  all <- rbind(prices[!prices$model %in% own$model, ], own[names(prices)])
  row.names(all) <- NULL
  all
}

check_prices <- function(own) {
  wanted <- c("model", "input", "output")
  if (!is.data.frame(own) || !all(wanted %in% names(own))) {
    abort_prices(
      "must be a data frame with columns model, input and output (dollars per ",
      "million tokens), not ", describe(own)
    )
  }
  known <- names(list_prices$prices)
  unknown <- setdiff(names(own), known)
  if (length(unknown)) {
    abort_prices(
      "has the column ", unknown[[1]], "; it may have ", toString(known)
    )
  }
  for (name in intersect(c("model", "tier"), names(own))) {
    own[[name]] <- as.character(factor_as_text(own[[name]]))
  }
  if (anyNA(own$model) || !all(own$tier %in% price_tiers)) {
    abort_prices(
      "needs a model in each row, and tiers among ",
      paste0("\"", price_tiers, "\"", collapse = ", ")
    )
  }
  for (name in setdiff(names(own), c("model", "tier"))) {
    is_price <- is.numeric(own[[name]]) || all(is.na(own[[name]]))
    if (!is_price || any(own[[name]] < 0, na.rm = TRUE)) {
      abort_prices("must have numbers of at least 0 in its column ", name)
    }
  }
  if (!all(own$above %in% c(0, long_input))) {
    abort_prices("must have 0 or ", long_input, " in its column above")
  }
  own
}

abort_prices <- function(...) {
  abort_argument("The option openaistream.prices ", ..., ".")
}

# The rows of `prices` that apply to requests: for the names of their models,
# their tiers, and whether they are long. NA for a model without prices.
price_rows <- function(prices, model, tier, is_long) {
  keys <- paste(prices$model, prices$tier, prices$above > 0)
  short <- match(paste(model, tier, FALSE), keys)
  long <- match(paste(model, tier, TRUE), keys)
  ifelse(is_long %in% TRUE & !is.na(long), long, short)
}

# The name under which each model has prices; NA if it has none.
priced_names <- function(models, known) {
  # The base of a fine-tuned model.
  tuned <- sub("^(ft:[^:]+):.*$", "\\1", models)
  undated <- sub("-[0-9]{4}-[0-9]{2}-[0-9]{2}$", "", tuned)
  ifelse(models %in% known, models,
    ifelse(tuned %in% known, tuned, ifelse(undated %in% known, undated, NA))
  )
}

# Converts a service tier in a response to one in the price table.
price_tier <- function(tier) {
  ifelse(tier %in% price_tiers, tier, "standard")
}
