# What the hazard tests count and wait for; `in_session()` sources it, too.

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
    function(task) {
      # A thread may end after it was listed.
      tryCatch(
        suppressWarnings(readLines(file.path(task, "comm"))),
        error = function(e) ""
      )
    },
    "", USE.NAMES = FALSE
  )
}

# Waits until `condition()` is true; FALSE if that takes longer than `seconds`.
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

# Queues a stream that never ends, with one event every `pause` seconds.
reply_endless <- function(server, events = 1e4, pause = 0.01, times = 1) {
  event <- 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
  server$reply(chunks = rep(event, events), pause = pause, times = times)
}

open_stream <- function(client) client$chat$create(hello, "m", stream = TRUE)
