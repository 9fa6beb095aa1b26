# What tests of hazards count and wait for; sourced into their sessions too.

count_threads <- function() length(list.files("/proc/self/task"))

count_descriptors <- function() length(list.files("/proc/self/fd"))

# Resident memory of this process, in MB.
resident_mb <- function() {
  status <- readLines("/proc/self/status")
  as.numeric(gsub("\\D", "", grep("^VmRSS", status, value = TRUE))) / 1024
}

# The names of this process's threads.
thread_names <- function() {
  vapply(
    list.files("/proc/self/task", full.names = TRUE),
    function(task) tryCatch(readLines(file.path(task, "comm")), error = identity),
    "", USE.NAMES = FALSE
  )
}

# Waits until `condition()`; FALSE when it did not happen in time.
happens <- function(condition, seconds = 10) {
  deadline <- Sys.time() + seconds
  while (!condition()) {
    if (Sys.time() > deadline) {
      return(FALSE)
    }
    Sys.sleep(0.005)
  }
  TRUE
}

hello <- list(list(role = "user", content = "Hello"))

# An answer that never ends, one event every `pause` seconds.
endless <- function(server, events = 1e4, pause = 0.01, times = 1) {
  event <- 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
  server$reply(chunks = rep(event, events), pause = pause, times = times)
}

open_stream <- function(client) client$chat$create(hello, "m", stream = TRUE)
