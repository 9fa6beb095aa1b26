# Pages of lists, as the Assistants API gave them.

# What a list is asked for: `limit`, `order`, `after`, `before`; for several
# pages as many elements as these have.
page_query <- function(query, pages) {
  limit <- suppressWarnings(as.numeric(query[["limit"]] %||% 20))
  if (!is_number(limit) || limit < 1 || limit > 100) {
    abort_as_server(
      400, "Invalid 'limit': must be a whole number from 1 to 100.",
      code = "invalid_value", param = "limit"
    )
  }
  order <- query[["order"]] %||% "desc"
  if (!order %in% c("asc", "desc")) {
    abort_as_server(
      400, "Invalid 'order': must be 'asc' or 'desc'.",
      code = "invalid_value", param = "order"
    )
  }
  list(
    limit = limit * pages, order = order, after = query[["after"]],
    before = query[["before"]]
  )
}

# The page of a list whose elements, oldest first, are all here.
page_of_all <- function(elements, query) {
  if (query$order == "desc") elements <- rev(elements)
  ids <- vapply(elements, `[[`, "", "id")
  place <- function(name) {
    found <- match(query[[name]], ids)
    if (is.na(found)) {
      abort_as_server(
        400, "Invalid '", name, "': no object '", query[[name]],
        "' is in this list.",
        code = "invalid_value", param = name
      )
    }
    found
  }
  chosen <- seq_along(elements)
  if (!is.null(query$after)) chosen <- chosen[chosen > place("after")]
  if (!is.null(query$before)) chosen <- chosen[chosen < place("before")]
  as_page(elements[chosen], query$limit)
}

as_page <- function(elements, limit) {
  has_more <- length(elements) > limit
  elements <- utils::head(elements, limit)
  id_of <- function(place) if (length(elements)) elements[[place]]$id else ""
  list(
    object = "list", data = elements, first_id = id_of(1),
    last_id = id_of(length(elements)), has_more = has_more
  )
}
