# A profile of R's main thread while it reads a stream, by perf.

# Events of the profiled stream: enough for the start of R to be negligible.
profiled_events <- 400000

# Returns a data frame of the functions that took the most time (`percent`,
# `object`, `symbol`), or one string with the reason if there is none.
stream_profile <- function(command, server, folder, scratch) {
  if (!nzchar(Sys.which("perf"))) {
    return("perf is not installed (Debian: linux-perf).")
  }
  library <- tryCatch(
    library_with_symbols(folder, scratch),
    error = function(e) NULL
  )
  if (is.null(library)) {
    return("The package could not be linked with its symbols.")
  }
  workload <- workload("stream", profiled_events)
  prepare_answer(server, workload)
  url <- function(workload) paste0(server$url, "/", workload, "/v1")
  data <- file.path(scratch, "perf.data")
  recorded <- processx::run(
    "perf", c(
      "record", "--quiet", "--event", "cpu-clock", "--freq", "999",
      "--output", data, command, "stream_next_value", url(workload),
      in_digits(profiled_events), "-", url("stream-100"), "100", "-"
    ),
    wd = file.path("bench", "clients"), timeout = 120, error_on_status = FALSE,
    env = c(client_environment, R_LIBS = library)
  )
  if (recorded$status != 0) {
    return(paste("perf failed:", recorded$stderr))
  }
  perf_report(data)
}

# Links a copy of the installed library that is not stripped of its symbols.
library_with_symbols <- function(folder, scratch) {
  library <- file.path(scratch, "library")
  dir.create(library)
  file.copy(find.package("openaistream"), library, recursive = TRUE)
  sources <- list.files("src", "[.]c$")
  file.copy(file.path("src", sources), scratch)
  processx::run(
    file.path(R.home("bin"), "R"), c(
      "CMD", "SHLIB", "-o",
      file.path(library, "openaistream", "libs", "openaistream.so"),
      sources,
      file.path(dirname(folder), "release", "libopenaistream.a"),
      "-Wl,--gc-sections"
    ),
    wd = scratch
  )
  library
}

# The functions of R's main thread that took the most time. Functions whose
# names were stripped from R's own library are added up.
perf_report <- function(data, count = 5) {
  text <- processx::run("perf", c(
    "report", "--stdio", "--no-children", "--comm", "R", "--percentage",
    "relative", "--sort", "dso,symbol", "--field-separator", "|",
    "--input", data
  ))$stdout
  lines <- grep("^ *[0-9.]+% *\\|", strsplit(text, "\n")[[1]], value = TRUE)
  parts <- strsplit(lines, "|", fixed = TRUE)
  column <- function(i) trimws(vapply(parts, `[[`, "", i))
  symbols <- sub("^\\[.\\] ", "", column(3))
  symbols[grepl("^0x[0-9a-f]+$", symbols)] <- "functions without names"
  shares <- stats::aggregate(
    percent ~ object + symbol, data.frame(
      percent = as.numeric(sub("%", "", column(1))), object = column(2),
      symbol = symbols
    ), sum
  )
  shares <- shares[order(-shares$percent), ]
  utils::head(shares[c("percent", "object", "symbol")], count)
}

# The notes in bench/profile_notes.dcf on these functions. Each note has a
# `Symbol`, a regular expression.
profile_notes <- function(symbols) {
  notes <- read.dcf(file.path("bench", "profile_notes.dcf"))
  vapply(symbols, function(symbol) {
    matches <- vapply(notes[, "Symbol"], grepl, NA, x = symbol)
    if (any(matches)) {
      gsub("\n", " ", notes[which(matches)[[1]], "Note"])
    } else {
      "-"
    }
  }, "", USE.NAMES = FALSE)
}
