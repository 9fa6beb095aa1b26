# Runs a task twice, first small as a warm-up and then measured, and prints one
# JSON line. Sourced by the clients in R; their command line is
#   <task> <URL> <size> <file> <warm-up URL> <warm-up size> <warm-up file>
# with "-" if a task needs no file.

# Prints the reason why the client cannot run a task, and quits.
not_available <- function(why) {
  cat(jsonlite::toJSON(list(not_available = why), auto_unbox = TRUE), "\n")
  quit(save = "no")
}

# A line of /proc/self/status, in MB.
process_status <- function(field) {
  lines <- readLines("/proc/self/status")
  line <- grep(paste0("^", field, ":"), lines, value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

# CPU seconds of R's main thread.
thread_seconds <- function() {
  file <- file.path("/proc/self/task", Sys.getpid(), "schedstat")
  as.numeric(strsplit(readLines(file), " ")[[1]][[1]]) / 1e9
}

process_seconds <- function() {
  sum(proc.time()[c("user.self", "sys.self", "user.child", "sys.child")])
}

# Compiles the client's functions, because R would otherwise compile them when
# they run for the second time, during the measurement.
compile_client <- function() {
  client <- globalenv()
  for (name in ls(client)) {
    value <- get(name, client)
    if (is.function(value)) assign(name, compiler::cmpfun(value), client)
  }
}

# `tasks` is a named list of functions of `url`, `size` and `path`, which return
# the number of items received, or `list(events = , seconds = )` if the time is
# not that of the whole task.
measure <- function(tasks) {
  compile_client()
  arguments <- commandArgs(trailingOnly = TRUE)
  task <- tasks[[arguments[[1]]]]
  if (is.null(task)) not_available("this client has no such function")
  task <- compiler::cmpfun(task)
  task(arguments[[5]], as.numeric(arguments[[6]]), arguments[[7]])
  invisible(gc())
  # Resets the peak VmHWM: proc(5), /proc/pid/clear_refs.
  cat("5", file = "/proc/self/clear_refs")
  resident <- process_status("VmRSS")
  cpu <- process_seconds()
  main_cpu <- thread_seconds()
  start <- as.numeric(Sys.time())
  done <- task(arguments[[2]], as.numeric(arguments[[3]]), arguments[[4]])
  seconds <- as.numeric(Sys.time()) - start
  main_cpu <- thread_seconds() - main_cpu
  cpu <- process_seconds() - cpu
  peak <- process_status("VmHWM")
  if (!is.list(done)) done <- list(events = done, seconds = seconds)
  cat(jsonlite::toJSON(
    c(done, list(
      cpu = cpu, main_cpu = main_cpu, peak_mb = peak, grown_mb = peak - resident
    )),
    auto_unbox = TRUE, digits = NA
  ), "\n")
}
