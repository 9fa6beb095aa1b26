# Splits the inputs of a matrix of embeddings into as many requests as needed.

# The limits of one request:
# https://platform.openai.com/docs/api-reference/embeddings/create
max_request_inputs <- 2048
max_request_tokens <- 300000

# How full to make requests whose tokens are estimated. If the server rejects
# one, it is sent again in halves.
filled_share <- 0.95

# The bodies of the requests, each `fields` with its part of `input` (from
# as_inputs(), without missing inputs); how many inputs are in each; and the
# names of all. A request of a batch that is too large cannot be halved.
embedding_inputs <- function(input, fields, prefer_base64, by_batch = FALSE) {
  check_fields(fields)
  parts <- parts_of_inputs(tokens_of_inputs(input, at_most = by_batch))
  bodies <- lapply(parts, function(part) {
    c(fields, list(input = unboxed_inputs(input[part])))
  })
  by_default <- prefer_base64 && !"encoding_format" %in% names(fields)
  with_base64 <- function(body) c(body, list(encoding_format = "base64"))
  list(
    bodies = if (by_default) lapply(bodies, with_base64) else bodies,
    fallback = if (by_default) bodies,
    sizes = lengths(parts, use.names = FALSE),
    names = names(input)
  )
}

# A character vector, or a list of vectors of token numbers; some may be NA.
as_inputs <- function(input) {
  input <- factor_as_text(input)
  if (is_tokens(input)) {
    return(list(input))
  }
  if (!is.character(input) && !is.list(input)) {
    abort_input("not ", describe(input))
  }
  missing <- vapply(input, is_missing, NA, USE.NAMES = FALSE)
  if (length(input) && all(missing)) {
    abort_argument("`input` must contain at least one text that is not NA.")
  }
  if (is.list(input) && all(vapply(input[!missing], is_string, logical(1)))) {
    input <- vapply(input, as.character, "")
  }
  is_text <- is.character(input)
  usable <- missing | is_text | vapply(input, is_tokens, NA)
  if (!all(usable)) {
    first <- which(!usable)[[1]]
    abort_input("but its element ", first, " is ", describe(input[[first]]))
  }
  if (length(input) == 0L) {
    abort_argument("`input` must contain at least one text; it is empty.")
  }
  input
}

abort_input <- function(...) {
  abort_argument(
    "`input` must be a character vector, or a list of vectors of token ",
    "numbers, ", ..., "."
  )
}

is_tokens <- function(x) {
  is.numeric(x) && length(x) > 0L && all(is.finite(x)) &&
    all(x >= 0 & x == round(x))
}

# Approximately how many tokens each input has, rather too many than too few; or
# the maximum that it can have, its bytes.
tokens_of_inputs <- function(input, at_most = FALSE) {
  if (!is.character(input)) {
    return(lengths(input))
  }
  if (at_most) {
    return(nchar(enc2utf8(input), type = "bytes"))
  }
  counts <- tokens_estimate(input, TRUE)
  # Values that are not text are rejected later, when the body is prepared.
  ifelse(is.na(counts), 0, counts / filled_share)
}

# The indexes of the inputs of each request. An input that is too large by
# itself is left for the server to reject.
parts_of_inputs <- function(tokens, max_inputs = max_request_inputs) {
  parts <- list()
  first <- 1
  while (first <= length(tokens)) {
    window <- seq(first, min(first + max_inputs - 1, length(tokens)))
    fitting <- sum(cumsum(as.numeric(tokens[window])) <= max_request_tokens)
    part <- window[seq_len(max(1, fitting))]
    parts <- c(parts, list(part))
    first <- first + length(part)
  }
  parts
}

# Inputs that stay an array in JSON even if there is only one.
unboxed_inputs <- function(input) {
  input <- unname(input)
  if (is.character(input)) I(input) else lapply(input, I)
}

# The matrix of the inputs that were sent, with rows of NA for the others and
# the names of all.
with_missing_rows <- function(rows, is_sent, names) {
  if (all(is_sent)) {
    return(rows)
  }
  indexes <- rep(NA_integer_, length(is_sent))
  indexes[is_sent] <- seq_len(nrow(rows))
  all <- rows[indexes, , drop = FALSE]
  rownames(all) <- names
  others <- c("model", "usage")
  attributes(all)[others] <- attributes(rows)[others]
  all
}
