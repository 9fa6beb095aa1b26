# Kills the process that `begin()` starts when `path` has as many bytes as each
# of `moments` says, and gives what one that is left alone returns.
result_after_kills <- function(begin, path, moments, env = parent.frame()) {
  for (moment in moments) {
    process <- begin()
    withr::defer(process$kill(), envir = env)
    wait_until(function() {
      !process$is_alive() || isTRUE(file.size(path) >= moment)
    }, 60)
    process$kill()
    process$wait(10000)
  }
  process <- begin()
  withr::defer(process$kill(), envir = env)
  process$wait(120000)
  process$get_result()
}
