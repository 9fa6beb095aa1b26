# Starts a process with `start()` and kills it once the file at `path` has a
# size, for each of `sizes`; then starts it once more and returns its result.
result_after_kills <- function(start, path, sizes, env = parent.frame()) {
  for (size in sizes) {
    process <- start()
    withr::defer(process$kill(), envir = env)
    wait_until(function() {
      !process$is_alive() || isTRUE(file.size(path) >= size)
    }, 60)
    process$kill()
    process$wait(10000)
  }
  process <- start()
  withr::defer(process$kill(), envir = env)
  process$wait(120000)
  process$get_result()
}
