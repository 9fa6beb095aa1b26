# Thousands of dropped objects do not use up descriptors, threads or memory.

skip_on_os("windows")
skip_if_not(dir.exists("/proc/self/task"), "/proc does not exist")

# Creates and drops `count` objects by `create(i)`, and returns the growth since
# a warm-up with `warm` objects. `gc()` runs once per `every` objects.
growth <- function(create, count, warm, every) {
  drop <- function(numbers) {
    for (i in numbers) {
      create(i)
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
  # A thread closes sockets, a moment after the finalizer.
  happens(function() count_descriptors() <= before[["descriptors"]] + 5, 5)
  measure() - before
}

expect_no_growth <- function(growth) {
  expect_lte(growth[["threads"]], 0)
  expect_lte(growth[["descriptors"]], 5)
  expect_lte(growth[["mb"]], 30)
}

test_that("5,000 dropped streams leave nothing, and are closed on the server", {
  result <- in_session(function(growth) {
    environment(growth) <- globalenv()
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    server$reply(
      chunks = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n',
      abort = "stall", times = 5500
    )
    growth <- growth(function(i) {
      stream <- open_stream(client)
      if (i %% 2 == 0) stream$next_value
    }, count = 5000, warm = 500, every = 50)
    open <- function() {
      sum(vapply(server$requests(), function(request) {
        is.null(request$closed_at)
      }, NA))
    }
    happens(function() open() == 0, 5)
    list(growth = growth, open = open(), received = length(server$requests()))
  }, list(growth = growth), timeout = 100)
  expect_no_growth(result$growth)
  expect_identical(result$open, 0L)
  # A stream that is dropped before its request was sent is never sent.
  expect_gt(result$received, 2500)
})

test_that("500 dropped clients and 50 local servers leave nothing", {
  result <- in_session(function(growth) {
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
  expect_no_growth(result$clients)
  expect_no_growth(result$servers)
})
