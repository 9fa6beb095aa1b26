# Runs the benchmark and writes bench/RESULTS.md and man/figures/speed.png:
#   Rscript bench/run.R <folder of the programs> [quick | tasks=<id>,<id>...]
# A quick run takes two minutes, uses small sizes, and writes its results to the
# folder of the programs instead. With `tasks`, only these are measured, and the
# report keeps the last runs of the others. `make bench` runs it.

for (file in list.files("bench/R", full.names = TRUE)) source(file)

arguments <- commandArgs(trailingOnly = TRUE)
folder <- normalizePath(arguments[[1]])
quick <- "quick" %in% arguments
chosen <- sub("^tasks=", "", grep("^tasks=", arguments, value = TRUE))
runs_file <- file.path(folder, "runs.csv")
sizes <- task_sizes(quick)

# In memory if possible, so that the speed of the disk is not measured.
memory <- "/dev/shm"
scratch <- tempfile("bench", if (dir.exists(memory)) memory else tempdir())
dir.create(scratch)

# The output of the scripts that measure latencies.
latencies <- function() {
  unlist(lapply(c("latency.R", "event_loop.R"), function(script) {
    ran <- processx::run(
      file.path(R.home("bin"), "Rscript"), file.path("bench", script),
      timeout = 120
    )
    strsplit(ran$stdout, "\n")[[1]]
  }))
}

run_all <- function() {
  on.exit(unlink(scratch, recursive = TRUE))
  server <- start_server(file.path(folder, "release", "bench-server"))
  on.exit(server$process$kill(), add = TRUE)
  download_sources(server, sizes$file, scratch)
  commands <- client_commands(folder)
  tasks <- all_tasks(sizes)
  runs <- run_tasks(
    chosen_tasks(tasks, chosen), if (quick) 2 else 5, commands, server, scratch
  )
  if (length(chosen)) runs <- with_earlier_runs(runs, tasks, runs_file)
  list(
    quick = quick, tasks = tasks, runs = runs, goals = all_goals(runs, sizes),
    profile = stream_profile(commands$openaistream, server, folder, scratch),
    latencies = if (quick) "not in a quick run" else latencies(),
    machine = machine(), versions = versions(folder)
  )
}

results <- run_all()
target <- function(path) {
  if (quick) file.path(folder, basename(path)) else path
}
write.csv(results$runs, runs_file, row.names = FALSE)
writeLines(results_text(results), target(file.path("bench", "RESULTS.md")))
dir.create(file.path("man", "figures"), showWarnings = FALSE)
plot_speed(results$runs, target(file.path("man", "figures", "speed.png")))
message(
  "Written: ", target(file.path("bench", "RESULTS.md")), ", ",
  target(file.path("man", "figures", "speed.png"))
)
