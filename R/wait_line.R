# A line that shows what R polls for, after two seconds.

# `pause(seconds, text)` sleeps and shows the text meanwhile, `close()` removes
# the line.
wait_line <- function() {
  display <- progress_display()
  if (is.null(display)) {
    return(list(
      pause = function(seconds, text) Sys.sleep(seconds),
      close = function() NULL
    ))
  }
  start <- clock()
  list(
    pause = function(seconds, text) {
      deadline <- clock() + seconds
      while ((remaining <- deadline - clock()) > 0) {
        Sys.sleep(min(remaining, 0.5))
        waited <- clock() - start
        if (waited >= 2) display$draw("polling", c(waited, 0), text)
      }
    },
    close = display$close
  )
}

# The state of an object of the API in a few words, or of a list of the batches
# that are being processed.
describe_state <- function(value) {
  if (!is_string(value[["status"]])) {
    count <- length(value)
    return(paste0("Waiting for ", count, " batch", if (count != 1L) "es"))
  }
  counts <- as.list(value[["request_counts"]])
  paste0(
    value[["object"]], " ", value[["id"]], " is ", value[["status"]],
    if (is_number(counts$total)) {
      paste0(" (", counts$completed, " of ", counts$total, " requests)")
    }
  )
}
