# Methods of streams for generics of other packages.

#' @exportS3Method as.data.frame DataStream
as.data.frame.DataStream <- function(x, row.names = NULL, optional = FALSE,
                                     ...) {
  x$pieces()
}

#' @exportS3Method promises::as.promise DataStream
as.promise.DataStream <- function(x) {
  promises::promise(function(resolve, reject) {
    x$on_event(on_done = resolve, on_error = reject)
  })
}

#' @exportS3Method iterators::iter DataStream
iter.DataStream <- function(obj, ...) {
  obj
}

#' @exportS3Method iterators::nextElem DataStream
nextElem.DataStream <- function(obj, ...) {
  event <- obj$next_event()
  if (is.null(event)) {
    stop("StopIteration", call. = FALSE)
  }
  event
}

#' @exportS3Method coro::as_iterator DataStream
as_iterator.DataStream <- function(x) {
  function() {
    event <- x$next_event()
    if (is.null(event)) coro::exhausted() else event
  }
}
