# The progress bar of a long call. The bridge tells how far it is; package cli
# draws.

# Sends a request and waits, below a progress bar if it takes long.
send_with_progress <- function(fields) {
  display <- progress_display()
  if (is.null(display)) {
    return(request_send(fields))
  }
  on.exit(display$close())
  request_send(c(fields, list(progress = display$draw)))
}

# What draws for one call: `draw` for the bridge, `close` for the end; NULL
# where nobody wants to see it. Nothing is loaded before there is something to
# draw.
progress_display <- function() {
  wanted <- check_progress(getOption("openaistream.progress"))
  if (!(wanted %||% interactive())) {
    return(NULL)
  }
  bar <- NULL
  sends <- NULL
  close <- function() {
    if (!is.null(bar)) {
      cli::cli_progress_done(bar)
      bar <<- NULL
    }
  }
  show <- function(sending, bytes) {
    if (!identical(sends, sending)) {
      close()
      sends <<- sending
    }
    if (bytes[[1]] >= bytes[[2]]) {
      # What remains is to wait for the answer.
      close()
      return()
    }
    if (is.null(bar)) {
      bar <<- cli::cli_progress_bar(
        if (sending) "Sending" else "Receiving",
        type = "download", total = bytes[[2]], current = FALSE,
        .auto_close = FALSE
      )
    }
    cli::cli_progress_update(set = bytes[[1]], id = bar, force = TRUE)
  }
  visible <- NULL
  list(
    # A bar that cannot be drawn is no reason to fail.
    draw = function(sending, bytes) {
      visible <<- visible %||% can_draw(wanted)
      if (visible) {
        tryCatch(show(sending, bytes), error = function(e) visible <<- FALSE)
      }
    },
    close = function() tryCatch(close(), error = function(e) NULL)
  )
}

can_draw <- function(wanted) {
  requireNamespace("cli", quietly = TRUE) &&
    (isTRUE(wanted) || cli::is_dynamic_tty())
}

check_progress <- function(progress) {
  if (!is.null(progress) && !isTRUE(progress) && !isFALSE(progress)) {
    abort_argument(
      "The option openaistream.progress must be TRUE, FALSE or NULL, not ",
      describe(progress), "."
    )
  }
  progress
}
