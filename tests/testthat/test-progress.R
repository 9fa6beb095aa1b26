# Progress bars of long calls.

skip_if_not_installed("cli")

# What a session of its own writes to standard error while it reads an answer of
# `pieces` pieces of half a megabyte, `pause` seconds apart.
shown_while_receiving <- function(progress, pieces = 5, pause = 0.5) {
  errors <- withr::local_tempfile()
  length <- callr::r(
    function(progress, pieces, pause) {
      library(openaistream)
      options(openaistream.progress = progress)
      server <- local_server()
      on.exit(server$stop())
      server$reply(
        chunks = rep(list(raw(5e5)), pieces), pause = pause, framing = "length"
      )
      client <- openai$new("sk-test", base_url = server$url)
      length(client$audio$speech(input = "Hello."))
    },
    list(progress, pieces, pause),
    stderr = errors, env = c(callr::rcmd_safe_env(), R_CLI_DYNAMIC = "false")
  )
  expect_identical(length, as.integer(pieces * 5e5))
  paste(readLines(errors, warn = FALSE), collapse = "\n")
}

test_that("a long answer shows how far it is", {
  shown <- shown_while_receiving(TRUE)
  expect_match(shown, "Receiving", fixed = TRUE)
  expect_match(shown, "[0-9.]+ [kM]B/2.5 MB [0-9]+ s left")
})

test_that("nothing is drawn unasked where nobody sits, or when forbidden", {
  skip_if(interactive())
  for (progress in list(NULL, FALSE)) {
    withr::local_options(openaistream.progress = progress)
    expect_null(progress_display())
  }
})

test_that("nothing is shown of a small answer", {
  expect_identical(shown_while_receiving(TRUE, pieces = 2, pause = 1), "")
})

test_that("an upload whose bytes are counted arrives whole", {
  path <- withr::local_tempfile()
  writeBin(raw(3e6), path)
  server <- test_server()
  withr::local_options(openaistream.progress = TRUE)
  server$reply(body = "{\"id\":\"file-1\"}")
  uploaded <- test_client(server)$files$upload(path, purpose = "batch")
  expect_identical(uploaded, list(id = "file-1"))
  request <- server$requests()[[1]]
  told <- as.numeric(request$headers[["content-length"]])
  expect_identical(as.numeric(length(request$body)), told)
})

test_that("an option that is none is refused before anything is sent", {
  withr::local_options(openaistream.progress = "yes")
  server <- test_server()
  expect_error(
    test_client(server)$models$list(), "openaistream.progress",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})

# A call of 1.5 s with a drawing of one's own.
drawn_with <- function(draw) {
  server <- test_server()
  server$reply(
    chunks = rep(list(raw(5e5)), 4), pause = 0.5, framing = "length"
  )
  request_send(list(
    method = "POST", base_url = server$url, path = "speech", key = "",
    answer = "bytes", expected = "file", progress = draw
  ))
}

test_that("what is drawn grows, no more often than there is news", {
  calls <- list()
  outcome <- drawn_with(function(sending, progress) {
    calls[[length(calls) + 1L]] <<- c(sending, progress)
  })
  expect_length(outcome$ok$value, 2e6)
  calls <- do.call(rbind, calls)
  expect_identical(unique(calls[, 1]), 0)
  expect_false(is.unsorted(calls[, 2], strictly = TRUE))
  expect_identical(unique(calls[, 3]), 2e6)
  expect_gte(min(calls[, 4]), 1)
})

test_that("a drawing that fails is no reason to fail", {
  withr::local_options(openaistream.progress = TRUE)
  display <- progress_display()
  expect_silent(display$draw(TRUE, "not numbers"))
  expect_silent(display$draw(TRUE, c(1, 2, 3)))
  expect_silent(display$close())
})

test_that("an interrupt while it is drawn ends the call", {
  skip_on_os("windows")
  outcome <- in_session(function() {
    server <- local_server()
    on.exit(server$stop())
    server$reply(
      chunks = list(raw(1e6), raw(1e6)), abort = "stall",
      framing = "length", headers = c("Content-Length" = "3000000")
    )
    openaistream:::request_send(list(
      method = "POST", base_url = server$url, path = "speech", key = "",
      answer = "raw", progress = function(sending, progress) {
        tools::pskill(Sys.getpid(), tools::SIGINT)
        Sys.sleep(10)
      }
    ))
  })
  expect_identical(outcome, list(interrupted = TRUE))
})

test_that("a bar of many requests tells that a server asks to wait", {
  status <- function(...) openaistream:::count_status(10, 40, ...)
  expect_identical(status(0, seconds = 5, held = 0), "15 s left")
  expect_identical(status(0, seconds = 5, held = 2), "15 s left")
  expect_identical(
    status(3, seconds = 5, held = 11.2),
    "3 failed, waiting 12 s at the server's request"
  )
})
