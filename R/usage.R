# The usage of a client: its ledger is in the core (rust/core/src/ledger.rs).

# An environment that copies of a client share, with the pointer to a ledger.
new_ledger <- function() {
  new.env(parent = emptyenv())
}

# The pointer, recreated if the client was saved or sent to another session.
native_ledger <- function(ledger) {
  if (!usage_ledger_is_valid(ledger$pointer)) {
    ledger$pointer <- unwrap(usage_ledger())
  }
  ledger$pointer
}

# The rows of a ledger, from `usage_rows()`, by day and model, with their cost.
usage_table <- function(rows) {
  rows$cost <- cost_of_rows(rows)
  columns <- c(
    requests = "requests", input_tokens = "input", cached_tokens = "cached",
    output_tokens = "output", reasoning_tokens = "reasoning", cost = "cost",
    estimated = "estimated", unreported = "unreported"
  )
  groups <- paste(rows$day, rows$model)
  first <- !duplicated(groups)
  sums <- lapply(rows[columns], function(column) {
    as.vector(rowsum(column, groups, reorder = FALSE))
  })
  data.frame(
    day = as.Date(rows$day[first], origin = "1970-01-01"),
    model = as.character(rows$model[first]),
    structure(sums, names = names(columns))
  )
}

# The cost of each row; NA if no response reported its tokens, unless they are
# free.
cost_of_rows <- function(rows) {
  usage_cost(
    rows$model, ifelse(rows$unreported == rows$requests, NA, rows$input),
    rows$cached, rows$output, rows$tier,
    details = rows[priced_details],
    is_long = rows$is_long
  )
}
