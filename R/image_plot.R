# Images drawn on the graphics device.

#' @export
plot.openai_images <- function(x, ...) {
  check_installed("graphics", "plot()")
  rasters <- lapply(images_there(x), raster_of)
  # With the same height, side by side, with a small gap.
  widths <- vapply(rasters, function(r) ncol(r) / nrow(r), numeric(1))
  gap <- 0.03
  left <- cumsum(c(0, widths + gap))
  old <- graphics::par(mar = c(0, 0, 0, 0))
  on.exit(graphics::par(old))
  graphics::plot.new()
  graphics::plot.window(
    xlim = c(0, sum(widths) + gap * (length(widths) - 1)), ylim = c(0, 1),
    asp = 1
  )
  for (i in seq_along(rasters)) {
    right <- left[[i]] + widths[[i]]
    graphics::rasterImage(rasters[[i]], left[[i]], 0, right, 1)
  }
  invisible(x)
}

# The bytes of an image in a form that R can draw.
raster_of <- function(bytes) {
  format <- file_format(bytes)
  if (identical(format, "PNG")) {
    check_installed("png", "plot() of a PNG image")
    png::readPNG(bytes, native = TRUE)
  } else if (identical(format, "JPEG")) {
    check_installed("jpeg", "plot() of a JPEG image")
    jpeg::readJPEG(bytes, native = TRUE)
  } else {
    abort_argument(
      "plot() can draw PNG and JPEG images, but this one is ",
      format %||% "of an unknown format", ": set output_format = \"png\", ",
      "or open it with another program after save_image()."
    )
  }
}
