# Plots as pictures for a model.

is_plot <- function(x) {
  inherits(x, c("recordedplot", "ggplot", "trellis", "grob"))
}

# The bytes of a plot as PNG.
drawn_plot <- function(plot, width, height) {
  check_installed("grDevices", "picture() of a plot")
  check_number(width, "width", from = 1)
  check_number(height, "height", from = 1)
  check_recorded(plot)
  path <- tempfile(fileext = ".png")
  on.exit(unlink(path))
  before <- grDevices::dev.cur()
  device <- open_png(path, width, height)
  tryCatch(draw(plot), finally = {
    grDevices::dev.off(device)
    # Closing a device makes the next one current.
    if (before > 1L) grDevices::dev.set(before)
  })
  readBin(path, "raw", file.size(path))
}

# A recorded plot without a display list would be drawn as nothing.
check_recorded <- function(plot) {
  if (inherits(plot, "recordedplot") && is.null(plot[[1]])) {
    abort_argument(
      "The recorded plot is empty, because its device did not record it, as ",
      "in Rscript: call dev.control(displaylist = \"enable\") before plotting, ",
      "or save the plot to a file and pass its path."
    )
  }
}

draw <- function(plot) {
  if (inherits(plot, "recordedplot")) {
    grDevices::replayPlot(plot)
  } else if (inherits(plot, "grob")) {
    # print() of a grob prints its name.
    grid::grid.draw(plot)
  } else {
    print(plot)
  }
}

# The number of a new PNG device. Without X11, as on most servers, only that of
# cairo can be opened, which `options(bitmapType = )` may not name.
open_png <- function(path, width, height) {
  opened <- function(...) {
    suppressWarnings(grDevices::png(path, width, height, res = 96, ...))
    grDevices::dev.cur()
  }
  tryCatch(opened(), error = function(e) {
    tryCatch(
      if (isTRUE(capabilities("cairo"))) opened(type = "cairo") else stop(e),
      error = abort_device
    )
  })
}

abort_device <- function(error) {
  abort_argument(
    "The plot cannot be drawn as a PNG (", conditionMessage(error), "): use a ",
    "smaller `width` and `height`, use an R with cairo ",
    "(capabilities(\"cairo\")), or save the plot to a file and pass its path."
  )
}
