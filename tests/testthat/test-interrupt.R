# An interrupt (Ctrl-C) is felt at once wherever R waits, as R's own condition.

# Runs `wait` in an R process of its own, against a server that never answers,
# interrupts it when the server has the request, and returns what that process
# found. The server may give another answer, one that it ends itself.
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
      noticed <- as.numeric(Sys.time())
      closed <- NULL
      deadline <- Sys.time() + 5
      while (is.null(answer) && is.null(closed) && Sys.time() < deadline) {
        Sys.sleep(0.005)
        seen <- server$requests()
        if (length(seen)) closed <- seen[[1]]$closed_at
      }
      list(
        value = value, noticed = noticed, closed = closed,
        requests = length(server$requests()),
        afterwards = client$models$list()$id
      )
    },
    list(wait = wait, ready = ready, answer = answer)
  )
  wait_until(function() file.exists(ready), 30)
  # The wait has begun when the process is idle; there is no way to ask it.
  Sys.sleep(0.5)
  signalled <- as.numeric(Sys.time())
  process$interrupt()
  process$wait(20000)
  c(process$get_result(), list(signalled = signalled))
}

# Other work on the machine may delay a process once, not three times in a row.
expect_felt_at_once <- function(wait, answer = NULL) {
  for (attempt in 1:3) {
    result <- interrupted(wait, answer)
    seconds <- result$noticed - result$signalled
    if (seconds < 0.15) break
  }
  expect_lt(seconds, 0.15)
  expect_identical(result$value, "stopped")
  expect_identical(is.double(result$closed), is.null(answer))
  expect_identical(result$requests, 1L)
  expect_true("gpt-6-luna" %in% result$afterwards)
}

test_that("a plain call is interrupted", {
  expect_felt_at_once(function(client, ready) {
    ready()
    client$chat$create(list(list(role = "user", content = "x")), "m")
  })
})

test_that("a stream is interrupted while a value is awaited", {
  expect_felt_at_once(function(client, ready) {
    stream <- client$chat$create(
      list(list(role = "user", content = "x")), "m", stream = TRUE
    )
    ready()
    stream$next_value
  })
})

test_that("an upload is interrupted", {
  expect_felt_at_once(function(client, ready) {
    path <- tempfile(fileext = ".jsonl")
    writeBin(raw(5e6), path)
    ready()
    client$files$upload(path)
  })
})

test_that("the pause before another attempt is interrupted", {
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
    expect_felt_at_once(call, answer)
  }
})
