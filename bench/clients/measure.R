# Runs one work twice, small to warm up and then measured, and prints one JSON
# line. Sourced by the clients in R; their command line is
#   <work> <URL> <size> <file> <warm-up URL> <warm-up size> <warm-up file>
# with "-" where a work needs no file.

# Stops the client with a line that says why it does not have this work.
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

# CPU seconds of this thread, which is R's own.
thread_seconds <- function() {
  file <- file.path("/proc/self/task", Sys.getpid(), "schedstat")
  as.numeric(strsplit(readLines(file), " ")[[1]][[1]]) / 1e9
}

process_seconds <- function() {
  sum(proc.time()[c("user.self", "sys.self", "user.child", "sys.child")])
}

# Compiles the client's functions: R would do so when they run for the second
# time, which is the one that is measured.
compile_client <- function() {
  client <- globalenv()
  for (name in ls(client)) {
    value <- get(name, client)
    if (is.function(value)) assign(name, compiler::cmpfun(value), client)
  }
}

# `works` is a named list of functions of `url`, `size` and `path`, which return
# the number of things received, or `list(events = , seconds = )` if the time is
# not that of the whole work.
measure <- function(works) {
  compile_client()
  arguments <- commandArgs(trailingOnly = TRUE)
  work <- works[[arguments[[1]]]]
  if (is.null(work)) not_available("this client has no such function")
  work <- compiler::cmpfun(work)
  work(arguments[[5]], as.numeric(arguments[[6]]), arguments[[7]])
  invisible(gc())
  # Makes VmHWM the most from now on: proc(5), /proc/pid/clear_refs.
  cat("5", file = "/proc/self/clear_refs")
  resident <- process_status("VmRSS")
  cpu <- process_seconds()
  main_cpu <- thread_seconds()
  start <- as.numeric(Sys.time())
  done <- work(arguments[[2]], as.numeric(arguments[[3]]), arguments[[4]])
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
