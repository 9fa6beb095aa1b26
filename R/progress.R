# The progress of a long call, and what it waits for. The bridge calls a
# function that draws (rust/bridge/src/progress.rs); package cli draws.

# Calls `wait(draw)`, where `draw` shows what `wait()` waits for, or is NULL if
# nothing is to be shown; in the end what was shown disappears.
with_progress <- function(wait) {
  display <- progress_display()
  if (is.null(display)) {
    return(wait(NULL))
  }
  on.exit(display$close())
  wait(display$draw)
}

send_with_progress <- function(fields) {
  with_progress(function(draw) {
    request_send(c(fields, list(progress = draw)))
  })
}

# Returns the functions that draw one call: `draw(what, numbers, text)` and
# `close()`; NULL if nothing is to be shown. No package is loaded before there
# is something to draw. See `draw_progress()` for the arguments.
progress_display <- function() {
  is_wanted <- check_progress(getOption("openaistream.progress"))
  if (!shows_progress(is_wanted)) {
    return(NULL)
  }
  bar <- NULL
  shown_kind <- NULL
  close <- function() {
    if (!is.null(bar)) {
      cli::cli_progress_done(bar)
      bar <<- NULL
    }
  }
  list(
    draw = ignore_draw_errors(is_wanted, function(what, numbers, text) {
      kind <- if (what %in% c("sending", "receiving", "pages")) what else "wait"
      if (!identical(shown_kind, kind)) {
        close()
        shown_kind <<- kind
      }
      bar <<- bar %||% new_bar(kind, numbers)
      draw_progress(bar, what, numbers, text)
    }),
    close = function() tryCatch(close(), error = function(e) NULL)
  )
}

# Whether to show progress: as `is_wanted`; by default only if a person sees it,
# not in documents and log files.
shows_progress <- function(is_wanted) {
  is_wanted %||% (interactive() && !isTRUE(getOption("knitr.in.progress")) &&
    sink.number(type = "message") == 2L)
}

# Draws a bar. `what` is "sending" or "receiving", with the bytes so far, all
# bytes and seconds as `numbers`; "pages", with the pages and their objects; or
# a wait, see `describe_wait()`.
draw_progress <- function(bar, what, numbers, text) {
  update <- function(...) cli::cli_progress_update(..., id = bar, force = TRUE)
  switch(what,
    sending = ,
    receiving = update(
      set = numbers[[1]],
      status = time_left(numbers[[1]], numbers[[2]], numbers[[3]])
    ),
    pages = update(set = numbers[[1]], status = paste(numbers[[2]], "objects")),
    update(inc = 0, status = describe_wait(what, numbers, text))
  )
}

# Describes a wait. `numbers` are the seconds waited, and for a pause the
# seconds left; `text` is the reason for a pause, or the state of what is being
# polled.
describe_wait <- function(what, numbers, text) {
  waited <- paste(floor(numbers[[1]]), "s")
  switch(what,
    connecting = paste0("Connecting, ", waited),
    waiting = paste0("Waiting for the answer, ", waited),
    answering = paste0("Receiving the answer, ", waited),
    pausing = paste0(
      text, ": sending again in ", ceiling(numbers[[2]]), " s"
    ),
    polling = paste0(text, ", ", waited)
  )
}

# Calls `show` if there is somewhere to draw. Failing to draw a bar is not an
# error.
ignore_draw_errors <- function(is_wanted, show) {
  visible <- NULL
  function(...) {
    visible <<- visible %||% can_draw(is_wanted)
    if (visible) {
      tryCatch(show(...), error = function(e) visible <<- FALSE)
    }
  }
}

# The number of pages of a list and the length of a wait are unknown.
new_bar <- function(kind, numbers) {
  transfer <- paste0(
    "{cli::pb_name}{cli::pb_bar} ",
    "{cli::pb_current_bytes}/{cli::pb_total_bytes} {cli::pb_status}"
  )
  is_transfer <- kind %in% c("sending", "receiving")
  cli::cli_progress_bar(
    switch(kind, sending = "Sending", receiving = "Receiving"),
    type = if (is_transfer) "download" else "iterator",
    total = if (is_transfer) numbers[[2]] else NA,
    current = FALSE, .auto_close = FALSE,
    format = switch(kind,
      pages = "{cli::pb_spin} Page {cli::pb_current}, {cli::pb_status}",
      wait = "{cli::pb_spin} {cli::pb_status}",
      transfer
    )
  )
}

# cli would count from the first drawing, which is late.
time_left <- function(bytes, total, seconds) {
  if (bytes > 0) {
    paste(ceiling(seconds * (total - bytes) / bytes), "s left")
  }
}

can_draw <- function(is_wanted) {
  requireNamespace("cli", quietly = TRUE) &&
    (isTRUE(is_wanted) || cli::is_dynamic_tty())
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
