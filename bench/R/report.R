# bench/RESULTS.md.

# A table of Markdown; `align` has a letter per column: l or r.
markdown_table <- function(frame, align) {
  rule <- c(l = "---", r = "---:")[strsplit(align, "")[[1]]]
  row <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
  cells <- vapply(frame, as.character, character(nrow(frame)))
  cells <- matrix(cells, nrow = nrow(frame))
  c(row(names(frame)), row(rule), apply(cells, 1, row), "")
}

results_text <- function(results) {
  c(
    "# Speed: what `make bench` measured", "",
    if (results$quick) {
      c("A quick run, which shows that all works: sizes are small.", "")
    },
    named_table(results$machine, "machine"),
    named_table(results$versions, "version"),
    readLines(file.path("bench", "METHOD.md")), "",
    "## Goals", "", bars_table(results$bars),
    readLines(file.path("bench", "MISSED.md")), "",
    "## Works", "", works_text(results),
    "## The main thread", "", main_thread_text(results),
    "## Latencies", "", "```", results$latencies, "```"
  )
}

named_table <- function(values, what) {
  frame <- data.frame(names(values), unname(values))
  names(frame) <- c(what, "")
  markdown_table(frame, "ll")
}

bars_table <- function(bars) {
  field <- function(name) vapply(bars, `[[`, "", name)
  values <- vapply(bars, `[[`, 0, "value")
  holds <- vapply(bars, `[[`, NA, "holds")
  markdown_table(data.frame(
    row = field("row"), goal = field("wanted"),
    measured = ifelse(is.na(values), "not available", field("shown")),
    met = ifelse(is.na(values), "-", ifelse(holds, "yes", "**no**"))
  ), "lll")
}

works_text <- function(results) {
  unlist(lapply(results$works, function(work) {
    measured <- results$runs$measured[results$runs$work == work$id]
    c(
      paste("###", work$title), "", work_table(work, results$runs),
      paste0("Measured until ", max(measured), "."), ""
    )
  }))
}

# The contestants of a work, each with the medians of its runs; ratios are times
# of the first one, this package.
work_table <- function(work, runs) {
  rows <- lapply(work$contestants, function(one) {
    mine <- runs[runs$work == work$id & runs$label == one$label, ]
    middle <- function(field) median_of(runs, work$id, one$label, field)
    shown <- function(field, digits = 3) {
      if (is.na(middle(field))) "" else in_words(signif(middle(field), digits))
    }
    if (!is.na(mine$problem[[1]])) {
      return(data.frame(
        client = one$label, seconds = mine$problem[[1]], range = "",
        ratio = "", cpu = "", peak = "", grown = "", runs = ""
      ))
    }
    ratio <- middle("seconds") /
      median_of(runs, work$id, work$contestants[[1]]$label)
    data.frame(
      client = one$label, seconds = shown("seconds"),
      range = paste(signif(range(mine$seconds), 3), collapse = " to "),
      ratio = if (is.na(ratio)) "" else in_words(signif(ratio, 3)),
      cpu = shown("cpu"), peak = shown("peak_mb"), grown = shown("grown_mb"),
      runs = as.character(nrow(mine))
    )
  })
  frame <- do.call(rbind, rows)
  names(frame) <- c(
    "client", "seconds, median", "from to", "ratio", "CPU seconds", "peak MB",
    "grown by MB", "runs"
  )
  markdown_table(frame, "lrrrrrrr")
}

main_thread_text <- function(results) {
  runs <- results$runs[grepl("^(stream|many_chunks)$", results$runs$work), ]
  runs <- runs[!is.na(runs$main_cpu) & startsWith(runs$label, "openaistream"), ]
  per_event <- stats::aggregate(
    1e6 * main_cpu / events ~ label + work, runs, stats::median
  )
  names(per_event) <- c("client", "work", "CPU per event")
  per_event[[3]] <- sprintf("%.2f µs", per_event[[3]])
  profile <- results$profile
  c(
    markdown_table(per_event[c(2, 1, 3)], "llr"),
    paste0(
      "The profile of ", in_words(profiled_events), " events read with ",
      "`$next_value`, `num = 2` (perf, the main thread):"
    ),
    "",
    if (is.data.frame(profile)) {
      profile$note <- profile_notes(profile$symbol)
      profile$percent <- sprintf("%.1f", profile$percent)
      profile$symbol <- paste0("`", profile$symbol, "`")
      names(profile)[4] <- "what it is"
      markdown_table(profile, "rlll")
    } else {
      c(profile, "")
    }
  )
}
