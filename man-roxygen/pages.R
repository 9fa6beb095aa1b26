#' @param pages How many pages of the list to fetch and combine, one number;
#'   `Inf` for all.
