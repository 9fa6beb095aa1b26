# Writes the text of bench/RESULTS.md.

# A Markdown table; `align` has one letter per column: l or r.
markdown_table <- function(frame, align) {
  rule <- c(l = "---", r = "---:")[strsplit(align, "")[[1]]]
  row <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
  cells <- vapply(frame, as.character, character(nrow(frame)))
  cells <- matrix(cells, nrow = nrow(frame))
  c(row(names(frame)), row(rule), apply(cells, 1, row), "")
}

results_text <- function(results) {
  c(
    "# Speed, measured by `make bench`", "",
    if (results$quick) {
      c("A quick run with small sizes, which only tests the benchmark.", "")
    },
    named_table(results$machine, "machine"),
    named_table(results$versions, "version"),
    readLines(file.path("bench", "METHOD.md")), "",
    "## Goals", "", goals_table(results$goals),
    readLines(file.path("bench", "MISSED.md")), "",
    "## Tasks", "", tasks_text(results),
    "## The main thread", "", main_thread_text(results),
    "## Latencies", "", "```", results$latencies, "```"
  )
}

named_table <- function(values, what) {
  frame <- data.frame(names(values), unname(values))
  names(frame) <- c(what, "")
  markdown_table(frame, "ll")
}

goals_table <- function(goals) {
  field <- function(name) vapply(goals, `[[`, "", name)
  values <- vapply(goals, `[[`, 0, "value")
  is_met <- vapply(goals, `[[`, NA, "is_met")
  markdown_table(data.frame(
    measurement = field("row"), goal = field("requirement"),
    measured = ifelse(is.na(values), "not available", field("shown")),
    met = ifelse(is.na(values), "-", ifelse(is_met, "yes", "**no**"))
  ), "lll")
}

tasks_text <- function(results) {
  unlist(lapply(results$tasks, function(task) {
    measured <- results$runs$measured[results$runs$task == task$id]
    c(
      paste("###", task$title), "", task_table(task, results$runs),
      paste0("Last measured: ", max(measured), "."), ""
    )
  }))
}

# The contestants of a task, each with the medians of its runs. Ratios are
# relative to the first one, this package.
task_table <- function(task, runs) {
  rows <- lapply(task$contestants, function(one) {
    own_runs <- runs[runs$task == task$id & runs$label == one$label, ]
    median <- function(field) median_of(runs, task$id, one$label, field)
    shown <- function(field) {
      if (is.na(median(field))) "" else in_words(signif(median(field), 3))
    }
    if (!is.na(own_runs$problem[[1]])) {
      return(data.frame(
        client = one$label, seconds = own_runs$problem[[1]], range = "",
        ratio = "", cpu = "", peak = "", grown = "", runs = ""
      ))
    }
    ratio <- median("seconds") /
      median_of(runs, task$id, task$contestants[[1]]$label)
    data.frame(
      client = one$label, seconds = shown("seconds"),
      range = paste(signif(range(own_runs$seconds), 3), collapse = " to "),
      ratio = if (is.na(ratio)) "" else in_words(signif(ratio, 3)),
      cpu = shown("cpu"), peak = shown("peak_mb"), grown = shown("grown_mb"),
      runs = as.character(nrow(own_runs))
    )
  })
  frame <- do.call(rbind, rows)
  names(frame) <- c(
    "client", "seconds, median", "range", "ratio", "CPU seconds", "peak MB",
    "growth in MB", "runs"
  )
  markdown_table(frame, "lrrrrrrr")
}

main_thread_text <- function(results) {
  runs <- results$runs[grepl("^(stream|many_chunks)$", results$runs$task), ]
  runs <- runs[!is.na(runs$main_cpu) & startsWith(runs$label, "openaistream"), ]
  per_event <- stats::aggregate(
    1e6 * main_cpu / events ~ label + task, runs, stats::median
  )
  names(per_event) <- c("client", "task", "CPU per event")
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
      names(profile)[4] <- "note"
      markdown_table(profile, "rlll")
    } else {
      c(profile, "")
    }
  )
}
