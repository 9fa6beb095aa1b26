# man/figures/speed.png: the times of other clients relative to this package's.

# The tasks shown, each with the contestant that represents this package.
shown_tasks <- list(
  list(
    task = "stream", ours = "openaistream `$text()`",
    title = "chat stream, `$text()`"
  ),
  list(
    task = "stream", ours = "openaistream `$next_value`, `num = 2`",
    title = "chat stream, `$next_value`"
  ),
  list(
    task = "floats", ours = "openaistream `$create()`",
    title = "embeddings, JSON"
  ),
  list(
    task = "base64", ours = "openaistream `$create(as = \"matrix\")`",
    title = "embeddings, base64"
  ),
  list(
    task = "json_10", ours = "openaistream `files$list()`",
    title = "JSON of 10 MB"
  ),
  list(
    task = "chats", ours = "openaistream `chat$map()`",
    title = "1,000 chats, 100 at a time"
  )
)

shown_peers <- c(
  "openai-python" = "#D55E00", "httpx and json" = "#E69F00",
  "httr2 and jsonlite" = "#0072B2", "R's curl and jsonlite" = "#56B4E9",
  "async-openai" = "#009E73"
)

plot_speed <- function(runs, path) {
  rows <- Filter(function(row) {
    !is.na(median_of(runs, row$task, row$ours))
  }, shown_tasks)
  ratios <- lapply(rows, function(row) {
    vapply(names(shown_peers), function(peer) {
      times_as_long(runs, row$task, peer, row$ours)
    }, 0)
  })
  grDevices::png(path, width = 1500, height = 760, res = 170, type = "cairo")
  on.exit(grDevices::dev.off())
  draw_ratios(vapply(rows, `[[`, "", "title"), ratios)
}

draw_ratios <- function(titles, ratios) {
  rows <- rev(seq_along(titles))
  limits <- range(1, unlist(ratios), na.rm = TRUE)
  graphics::par(
    mar = c(3.6, 13, 2.8, 1), las = 1, mgp = c(2.2, 0.6, 0), cex = 0.9,
    family = "sans"
  )
  graphics::plot(
    NULL,
    log = "x", xlim = limits * c(0.8, 1.3),
    ylim = c(0.5, length(rows) + 0.5), axes = FALSE, ylab = "",
    xlab = "time relative to openaistream (logarithmic)"
  )
  ticks <- c(0.1, 0.3, 1, 3, 10, 30, 100, 300)
  graphics::axis(1, ticks, ticks)
  graphics::abline(h = rows, col = "grey88")
  graphics::abline(v = 1, col = "grey30", lwd = 2)
  graphics::mtext(gsub("`", "", titles), 2, 0.5, at = rows, cex = 0.9)
  for (i in seq_along(rows)) {
    graphics::points(
      ratios[[i]], rep(rows[[i]], length(ratios[[i]])),
      pch = 19, cex = 1.5, col = shown_peers
    )
  }
  graphics::legend(
    "top",
    inset = c(0, -0.13), xpd = TRUE, horiz = TRUE, bty = "n",
    legend = names(shown_peers), col = shown_peers, pch = 19, cex = 0.8,
    pt.cex = 1.4, text.width = NA
  )
}
