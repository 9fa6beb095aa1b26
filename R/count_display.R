# The progress bar of many requests.

# Functions that draw the progress of one run of `total` requests, or NA: `draw`
# is called with how many have finished, how many of them failed, and for how
# many seconds nothing is sent because the server asked to wait; `close` at the
# end; `interval` is how many seconds may pass between drawings. Runs of less
# than a second draw nothing.
count_display <- function(progress, total) {
  is_wanted <- progress %||% check_progress(getOption("openaistream.progress"))
  if (!shows_progress(is_wanted)) {
    nothing <- function(...) NULL
    return(list(draw = nothing, close = nothing, interval = Inf))
  }
  total <- as.double(total)
  began <- proc.time()[["elapsed"]]
  drawn <- -Inf
  pause <- NULL
  bar <- NULL
  show <- ignore_draw_errors(is_wanted, function(done, failed, seconds,
                                                 blocked_seconds) {
    bar <<- bar %||% cli::cli_progress_bar(
      total = total, current = FALSE, .auto_close = FALSE,
      format = if (is.na(total)) {
        "Requests {cli::pb_spin} {cli::pb_current} {cli::pb_status}"
      } else {
        paste0(
          "Requests {cli::pb_bar} {cli::pb_current}/{cli::pb_total} ",
          "{cli::pb_status}"
        )
      }
    )
    cli::cli_progress_update(
      set = done, id = bar, force = TRUE,
      status = count_status(done, total, failed, seconds, blocked_seconds)
    )
  })
  list(
    draw = function(done, failed, blocked_seconds) {
      now <- proc.time()[["elapsed"]]
      if (now - began < 1) {
        return()
      }
      pause <<- pause %||% pause_between_drawings()
      if (now - drawn < pause && !identical(as.double(done), total)) {
        return()
      }
      drawn <<- now
      show(done, failed, now - began, blocked_seconds)
    },
    close = function() {
      if (!is.null(bar)) {
        tryCatch(cli::cli_progress_done(bar), error = function(e) NULL)
      }
    },
    interval = 0.25
  )
}

# The seconds between two drawings. A drawing replaces the one before on a
# terminal, but is another line of a log file.
pause_between_drawings <- function() {
  is_log <- requireNamespace("cli", quietly = TRUE) && !cli::is_dynamic_tty()
  if (is_log) 10 else 0.1
}

# The text next to the bar.
count_status <- function(done, total, failed, seconds, blocked_seconds) {
  left <- if (blocked_seconds > 2) {
    paste("waiting", ceiling(blocked_seconds), "s at the server's request")
  } else if (!is.na(total)) {
    time_left(done, total, seconds)
  }
  paste(c(if (failed) paste(failed, "failed"), left), collapse = ", ")
}
