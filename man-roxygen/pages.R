#' @param pages How many pages of the list are fetched and put together, one
#'   number, `Inf` for all.
