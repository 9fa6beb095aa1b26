# An interrupt (Ctrl-C) ends every wait at once, with R's own condition.

# Runs `wait()` in a new R process, on a server that never answers unless
# `answer` has arguments of `reply()`. Interrupts the process while it waits,
# and returns what it observed.
interrupted <- function(wait, answer = NULL) {
  skip_on_os("windows")
  ready <- withr::local_tempfile()
  process <- callr::r_bg(
    function(wait, ready, answer) {
      library(openaistream)
      server <- local_server()
      stalls <- list(abort = "stall", chunks = "", framing = "close")
      do.call(server$reply, if (is.null(answer)) stalls else answer)
      client <- openai$new("sk-test", base_url = server$url)
      environment(wait) <- globalenv()
      value <- tryCatch(
        wait(client, function() file.create(ready)),
        interrupt = function(e) "stopped"
      )
      caught <- as.numeric(Sys.time())
      closed <- NULL
      deadline <- Sys.time() + 5
      while (is.null(answer) && is.null(closed) && Sys.time() < deadline) {
        Sys.sleep(0.005)
        requests <- server$requests()
        if (length(requests)) closed <- requests[[1]]$closed_at
      }
      list(
        value = value, caught = caught, closed = closed,
        requests = length(server$requests()),
        afterwards = client$models$list()$id
      )
    },
    list(wait = wait, ready = ready, answer = answer)
  )
  wait_until(function() file.exists(ready), 30)
  # By now the process waits; it cannot be asked whether it does.
  Sys.sleep(0.5)
  signalled <- as.numeric(Sys.time())
  process$interrupt()
  process$wait(20000)
  c(process$get_result(), list(signalled = signalled))
}

# Other work on the machine may delay a process once, but not three times.
expect_interrupted_at_once <- function(wait, answer = NULL) {
  for (attempt in 1:3) {
    result <- interrupted(wait, answer)
    seconds <- result$caught - result$signalled
    if (seconds < 0.15) break
  }
  expect_lt(seconds, 0.15)
  expect_identical(result$value, "stopped")
  expect_identical(is.double(result$closed), is.null(answer))
  expect_identical(result$requests, 1L)
  expect_true("gpt-6-luna" %in% result$afterwards)
}

test_that("an interrupt ends a call", {
  expect_interrupted_at_once(function(client, ready) {
    ready()
    client$chat$create(list(list(role = "user", content = "x")), "m")
  })
})

test_that("an interrupt ends the wait for an event of a stream", {
  expect_interrupted_at_once(function(client, ready) {
    stream <- client$chat$create(
      list(list(role = "user", content = "x")), "m", stream = TRUE
    )
    ready()
    stream$next_value
  })
})

test_that("an interrupt ends an upload", {
  expect_interrupted_at_once(function(client, ready) {
    path <- tempfile(fileext = ".jsonl")
    writeBin(raw(5e6), path)
    ready()
    client$files$upload(path)
  })
})

test_that("an interrupt ends the wait before a retry", {
  answer <- list(status = 503, body = "{}", headers = c("Retry-After" = "60"))
  calls <- list(
    function(client, ready) {
      ready()
      client$models$list()
    },
    function(client, ready) {
      stream <- client$chat$create(
        list(list(role = "user", content = "x")), "m", stream = TRUE
      )
      ready()
      stream$next_value
    }
  )
  for (call in calls) {
    expect_interrupted_at_once(call, answer)
  }
})
