# Thousands of objects dropped leave descriptors, threads and memory flat.

skip_on_os("windows")
skip_if_not(dir.exists("/proc/self/task"), "counted in /proc")

# Drops `count` times what `make(i)` makes, after a warm-up of `warm` times, and
# returns what is there more at the end than then.
growth <- function(make, count, warm, every) {
  drop <- function(numbers) {
    for (i in numbers) {
      make(i)
      if (i %% every == 0) gc(full = FALSE)
    }
    gc()
  }
  measure <- function() {
    c(
      threads = count_threads(), descriptors = count_descriptors(),
      mb = resident_mb()
    )
  }
  drop(seq_len(warm))
  happens(function() count_descriptors() < 60, 3)
  before <- measure()
  drop(seq_len(count))
  # Sockets are closed by a thread, a moment after the finalizer.
  happens(function() count_descriptors() <= before[["descriptors"]] + 5, 5)
  measure() - before
}

expect_flat <- function(more) {
  expect_lte(more[["threads"]], 0)
  expect_lte(more[["descriptors"]], 5)
  expect_lte(more[["mb"]], 30)
}

test_that("5,000 dropped streams leave nothing, and the server sees them go", {
  found <- in_session(function(growth) {
    environment(growth) <- globalenv()
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    server$reply(
      chunks = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n',
      abort = "stall", times = 5500
    )
    more <- growth(function(i) {
      stream <- open_stream(client)
      if (i %% 2 == 0) stream$next_value
    }, count = 5000, warm = 500, every = 50)
    open <- function() {
      sum(vapply(server$requests(), function(request) {
        is.null(request$closed_at)
      }, NA))
    }
    happens(function() open() == 0, 5)
    list(more = more, open = open(), seen = length(server$requests()))
  }, list(growth = growth), timeout = 100)
  expect_flat(found$more)
  expect_identical(found$open, 0L)
  # One that is dropped before its request has left is never sent.
  expect_gt(found$seen, 2500)
})

test_that("500 dropped clients and 50 local servers leave nothing", {
  found <- in_session(function(growth) {
    environment(growth) <- globalenv()
    server <- local_server()
    list(
      clients = growth(function(i) {
        openai$new(paste0("sk-", i), base_url = server$url)$models$list()
      }, count = 500, warm = 50, every = 50),
      servers = growth(function(i) {
        own <- local_server()
        openai$new("sk-test", base_url = own$url)$models$list()
      }, count = 50, warm = 10, every = 10)
    )
  }, list(growth = growth))
  expect_flat(found$clients)
  expect_flat(found$servers)
})
