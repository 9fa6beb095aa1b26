# Pages of lists, in the shape of the Assistants API.

# The query of a list: `limit`, `order`, `after`, `before`; for several pages,
# the limit of all of them together.
page_query <- function(query, pages) {
  order <- query[["order"]] %||% "desc"
  check_choice(order, "order", c("desc", "asc"))
  limit <- page_limit(query[["limit"]] %||% 20)
  list(
    limit = limit * pages, order = order, after = query[["after"]],
    before = query[["before"]]
  )
}

page_limit <- function(given) {
  limit <- suppressWarnings(as.numeric(given))
  if (!is_number(limit) || limit != trunc(limit)) {
    abort_wrong_type("limit", "an integer", given)
  }
  refuse <- function(is, sign, bound) {
    abort_as_server(
      400, "Invalid 'limit': integer ", is, " value. Expected a value ", sign,
      " ", bound, ", but got ", limit, " instead.",
      code = sub(" ", "_", paste("integer", is, "value")), param = "limit"
    )
  }
  if (limit < 1) refuse("below minimum", ">=", 1)
  if (limit > 100) refuse("above maximum", "<=", 100)
  limit
}

# The page of a list whose elements are all known, oldest first.
page_of_all <- function(elements, query) {
  if (query$order == "desc") elements <- rev(elements)
  ids <- vapply(elements, `[[`, "", "id")
  index <- function(name) {
    found <- match(query[[name]], ids)
    if (is.na(found)) abort_not_listed(name, query[[name]])
    found
  }
  chosen <- seq_along(elements)
  if (!is.null(query$after)) chosen <- chosen[chosen > index("after")]
  if (!is.null(query$before)) chosen <- chosen[chosen < index("before")]
  as_page(elements[chosen], query$limit)
}

abort_not_listed <- function(param, id) {
  abort_as_server(
    400, "Invalid '", param, "': no object '", id, "' is in this list.",
    code = "invalid_value", param = param
  )
}

as_page <- function(elements, limit) {
  has_more <- length(elements) > limit
  elements <- utils::head(elements, limit)
  id_of <- function(index) if (length(elements)) elements[[index]]$id else ""
  list(
    object = "list", data = elements, first_id = id_of(1),
    last_id = id_of(length(elements)), has_more = has_more
  )
}
