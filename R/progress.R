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
  show <- function(sending, bytes, total, seconds) {
    if (!identical(sends, sending)) {
      close()
      sends <<- sending
    }
    if (bytes >= total) {
      # What remains is to wait for the answer.
      return(close())
    }
    bar <<- bar %||% new_bar(if (sending) "Sending" else "Receiving", total)
    cli::cli_progress_update(
      set = bytes, status = time_left(bytes, total, seconds), id = bar,
      force = TRUE
    )
  }
  show_pages <- function(pages, objects) {
    bar <<- bar %||% new_count()
    cli::cli_progress_update(
      set = pages, status = paste(objects, "objects"), id = bar, force = TRUE
    )
  }
  list(
    draw = drawing(wanted, function(sending, progress) {
      if (length(progress) == 2L) {
        show_pages(progress[[1]], progress[[2]])
      } else {
        show(sending, progress[[1]], progress[[2]], progress[[3]])
      }
    }),
    close = function() tryCatch(close(), error = function(e) NULL)
  )
}

# `show` where there is a place to draw. A bar that cannot be drawn is no reason
# to fail.
drawing <- function(wanted, show) {
  visible <- NULL
  function(...) {
    visible <<- visible %||% can_draw(wanted)
    if (visible) {
      tryCatch(show(...), error = function(e) visible <<- FALSE)
    }
  }
}

new_bar <- function(name, total) {
  cli::cli_progress_bar(
    name,
    type = "download", total = total, current = FALSE, .auto_close = FALSE,
    format = paste0(
      "{cli::pb_name}{cli::pb_bar} ",
      "{cli::pb_current_bytes}/{cli::pb_total_bytes} {cli::pb_status}"
    )
  )
}

# Of a list nobody knows how many pages it has.
new_count <- function() {
  cli::cli_progress_bar(
    total = NA, current = FALSE, .auto_close = FALSE,
    format = "{cli::pb_spin} Page {cli::pb_current}, {cli::pb_status}"
  )
}

# cli would count from the first drawing, which comes late.
time_left <- function(bytes, total, seconds) {
  if (bytes > 0) {
    paste(ceiling(seconds * (total - bytes) / bytes), "s left")
  }
}

can_draw <- function(wanted) {
  requireNamespace("cli", quietly = TRUE) &&
    (isTRUE(wanted) || cli::is_dynamic_tty())
}

check_progress <- function(progress,
                           name = "The option openaistream.progress") {
  if (!is.null(progress) && !isTRUE(progress) && !isFALSE(progress)) {
    abort_argument(
      name, " must be TRUE, FALSE or NULL, not ", describe(progress), "."
    )
  }
  progress
}
