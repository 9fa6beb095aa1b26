# Limits that workers share, and interrupts of their runs.

# The maximum number of requests in any 60 seconds.
max_per_minute <- function(at) {
  at <- sort(at)
  max(findInterval(at + 60, at, left.open = TRUE) - seq_along(at) + 1L)
}

# The arrival times of requests if `count` slots share a limit. Each slot sends
# chunks of random lengths and is idle at times.
simulated_arrivals <- function(limit, count, until = 400) {
  now <- 0
  shares <- openaistream:::LimitShares$new(limit, TRUE, function() now)
  is_busy <- rep(TRUE, count)
  at <- runif(count)
  earliest <- left <- gap <- numeric(count)
  arrived <- numeric()
  while (min(at) < until) {
    slot <- which.min(at)
    now <- at[[slot]]
    if (left[[slot]] > 0) {
      arrived <- c(arrived, now + runif(1, 0, 0.9))
      left[[slot]] <- left[[slot]] - 1
      earliest[[slot]] <- now + gap[[slot]]
      at[[slot]] <- if (left[[slot]] > 0) earliest[[slot]] else now + runif(1)
      next
    }
    shares$release(slot)
    is_busy[[slot]] <- runif(1) > 0.15
    if (!is_busy[[slot]]) {
      at[[slot]] <- now + runif(1, 0, 60)
      next
    }
    share <- shares$take(slot, sum(is_busy[1:slot]), sum(is_busy))
    if (share == 0) {
      at[[slot]] <- now + 1
    } else {
      left[[slot]] <- sample(max(2, share / 6), 1)
      gap[[slot]] <- 60 / openaistream:::rate_of_share(share)
      at[[slot]] <- max(now, earliest[[slot]])
    }
  }
  arrived
}

test_that("each minute stays within the limit if workers become idle", {
  seed <- sample.int(1e6, 1)
  withr::local_seed(seed)
  for (try in 1:30) {
    limit <- sample(c(1:12, 60, 100, 300), 1)
    count <- sample(8, 1)
    arrived <- simulated_arrivals(limit, count)
    case <- paste(limit, "a minute,", count, "slots, seed", seed)
    expect_lte(max_per_minute(arrived), limit, label = case)
    # At least a quarter of the limit is used.
    expect_gte(length(arrived), limit * 400 / 60 / 4, label = case)
  }
})

test_that("chunks are large for many prompts and small at the end", {
  sizes <- function(left, slots, rpm = NULL) {
    sizes <- numeric()
    while (left > 0) {
      sizes <- c(sizes, openaistream:::chunk_size(left, slots, rpm))
      left <- left - tail(sizes, 1)
    }
    sizes
  }
  many <- sizes(1e5, 4)
  expect_identical(max(many), 200)
  expect_lte(tail(many, 1), 25)
  expect_identical(sizes(8, 4)[1:2], c(2, 2))
  expect_identical(sizes(1, 4), 1)
  # The requests of half a minute.
  expect_identical(max(sizes(1000, 4, rpm = 30)), 15)
})

test_that("2,000 prompts on 4 workers keep the limit if one is killed", {
  pids <- use_workers(4)
  server <- test_server()
  local_killer(server, pids[[3]], after = 500)
  prompts <- sprintf("prompt %d", 1:2000)
  answers <- worker_client(server)$chat$map(
    prompts, "m", workers = "future", rpm = 1800
  )
  expect_false(any(vapply(answers, inherits, NA, "error")))
  expect_false(tools::pskill(pids[[3]], 0))
  requests <- server$requests()
  # Requests that were active on the killed worker are sent again.
  expect_lte(length(requests), 2010)
  at <- vapply(requests, `[[`, 0, "received_at")
  expect_lte(max_per_minute(at), 1800)
  expect_gt(max(at) - min(at), 60)
})

test_that("the tokens of a worker's chunk delay its next chunk", {
  use_two_workers()
  server <- test_server()
  answer <- sub("}$", ',"usage":{"total_tokens":100}}', any_answer)
  server$reply(body = answer, times = 20)
  # Each worker may use 3,000 tokens a minute, 50 a second.
  worker_client(server)$chat$map(
    sprintf("%d", 1:8), "m", workers = "future", tpm = 6000, max_active = 1
  )
  at <- vapply(server$requests(), `[[`, 0, "received_at")
  # Three pauses of each worker, less the tolerance of timers.
  expect_gte(max(at) - min(at), 3 * 2 - 0.5)
})

test_that("an interrupt stops the workers and returns completed results", {
  skip_on_os("windows")
  skip_if_not_installed("future")
  skip_on_cran()
  server <- test_server()
  server$reply(body = any_answer, times = 20, delay = 0.05)
  server$reply(chunks = "", framing = "close", abort = "stall", times = 4)
  journal <- withr::local_tempfile(fileext = ".jsonl")
  process <- callr::r_bg(
    function(url, journal) {
      library(openaistream)
      future::plan(future::multisession, workers = 2)
      client <- openai$new(Sys.getenv("OPENAI_KEY"), base_url = url)
      results <- suppressWarnings(client$chat$map(
        sprintf("%d", 1:100), "m",
        workers = "future", max_active = 2, journal = journal
      ))
      list(results = results, at = as.numeric(Sys.time()))
    },
    list(url = server$url, journal = journal),
    env = c(callr::rcmd_safe_env(), worker_secrets)
  )
  withr::defer(process$kill())
  wait_until(function() length(server$requests()) == 24, 30)
  at <- as.numeric(Sys.time())
  process$interrupt()
  process$wait(20000)
  done <- process$get_result()
  is_left <- vapply(done$results, inherits, NA, "openai_cancelled_error")
  expect_identical(sum(!is_left), 20L)
  expect_length(readLines(journal), 20)
  expect_lt(done$at - at, 4)
  wait_until(function() {
    closed <- lapply(server$requests()[21:24], `[[`, "closed_at")
    !any(vapply(closed, is.null, NA))
  })
})
