# Progress bars of long calls.

skip_if_not_installed("cli")

# The standard error of a new R session that receives an answer in `pieces`
# pieces of half a megabyte, `pause` seconds apart.
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

test_that("a long answer shows its progress", {
  shown <- shown_while_receiving(TRUE)
  expect_match(shown, "Receiving", fixed = TRUE)
  expect_match(shown, "[0-9.]+ [kM]B/2.5 MB [0-9]+ s left")
})

test_that("no bar is shown if R is not interactive or the option forbids it", {
  skip_if(interactive())
  for (progress in list(NULL, FALSE)) {
    withr::local_options(openaistream.progress = progress)
    expect_null(progress_display())
  }
})

test_that("a small answer shows no progress", {
  shown <- shown_while_receiving(TRUE, pieces = 2, pause = 0.5)
  expect_no_match(shown, "Receiving")
})

test_that("an upload with a progress bar is complete", {
  path <- withr::local_tempfile()
  writeBin(raw(3e6), path)
  server <- test_server()
  withr::local_options(openaistream.progress = TRUE)
  server$reply(body = "{\"id\":\"file-1\"}")
  uploaded <- test_client(server)$files$upload(path, purpose = "batch")
  expect_identical(uploaded, list(id = "file-1"))
  request <- server$requests()[[1]]
  declared <- as.numeric(request$headers[["content-length"]])
  expect_identical(as.numeric(length(request$body)), declared)
})

test_that("an invalid option is refused before anything is sent", {
  withr::local_options(openaistream.progress = "yes")
  server <- test_server()
  expect_error(
    test_client(server)$models$list(), "openaistream.progress",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})

# A call of 1.5 s that reports its progress to `draw()`.
send_with_progress <- function(draw) {
  server <- test_server()
  server$reply(
    chunks = rep(list(raw(5e5)), 4), pause = 0.5, framing = "length"
  )
  request_send(list(
    method = "POST", base_url = server$url, path = "speech", key = "",
    answer = "bytes", expected = "file", progress = draw
  ))
}

test_that("each progress report has a larger number of bytes", {
  calls <- list()
  outcome <- send_with_progress(function(what, numbers, text) {
    calls[[length(calls) + 1L]] <<- data.frame(what, t(numbers))
  })
  expect_length(outcome$ok$value, 2e6)
  # On a busy machine the wait for the answer may be reported, too.
  calls <- Filter(function(call) call$what != "waiting", calls)
  calls <- do.call(rbind, calls)
  expect_identical(unique(calls$what), "receiving")
  expect_false(is.unsorted(calls[, 2], strictly = TRUE))
  expect_identical(unique(calls[, 3]), 2e6)
  expect_gte(min(calls[, 4]), 1)
})

test_that("errors of a progress bar are ignored", {
  withr::local_options(openaistream.progress = TRUE)
  display <- progress_display()
  expect_silent(display$draw("sending", "not numbers", ""))
  expect_silent(display$draw("sending", c(1, 2, 3), ""))
  expect_silent(display$close())
})

test_that("an interrupt in a progress report ends the call", {
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
      answer = "raw", progress = function(what, numbers, text) {
        tools::pskill(Sys.getpid(), tools::SIGINT)
        Sys.sleep(10)
      }
    ))
  })
  expect_identical(outcome, list(interrupted = TRUE))
})

test_that("a bar of many requests shows a pause that a server requests", {
  status <- function(...) openaistream:::count_status(10, 40, ...)
  expect_identical(status(0, seconds = 5, blocked_seconds = 0), "15 s left")
  expect_identical(status(0, seconds = 5, blocked_seconds = 2), "15 s left")
  expect_identical(
    status(3, seconds = 5, blocked_seconds = 11.2),
    "3 failed, waiting 12 s at the server's request"
  )
})

# The standard error of a new R session that runs `wait(client, server)`, as
# lines without the spinner.
shown_while <- function(wait, max_retries = 0) {
  errors <- withr::local_tempfile()
  helpers <- normalizePath(testthat::test_path("helper-server.R"))
  callr::r(
    function(wait, max_retries, helpers) {
      library(openaistream)
      sys.source(helpers, globalenv())
      environment(wait) <- globalenv()
      options(openaistream.progress = TRUE)
      server <- local_server()
      on.exit(server$stop())
      wait(client = test_client(server, max_retries = max_retries), server)
      NULL
    },
    list(wait, max_retries, helpers), stderr = errors,
    env = c(callr::rcmd_safe_env(), R_CLI_DYNAMIC = "false")
  )
  lines <- trimws(readLines(errors, warn = FALSE, encoding = "UTF-8"))
  sub("^[^[:alnum:]]+ ", "", lines[nzchar(lines)])
}

test_that("a call shows that it waits for its answer after two seconds", {
  shown <- shown_while(function(client, server) {
    server$reply(body = "{\"data\":[]}", delay = 3.5)
    client$models$list()
  })
  expect_match(shown, "^Waiting for the answer, [0-9]+ s$")
  expect_true("Waiting for the answer, 3 s" %in% shown)
  expect_no_match(shown, " [01] s$")
})

test_that("a pause before a retry shows its reason and its length", {
  shown <- shown_while(max_retries = 1, function(client, server) {
    server$reply(
      status = 429, body = '{"error":{"message":"Slow.","type":"tokens"}}',
      headers = c("retry-after-ms" = "4500")
    )
    client$models$list()
  })
  expect_match(
    shown, "^HTTP 429 \\(limit of tokens\\): sending again in [123] s$"
  )
})

# The first text arrives after three seconds, the second after three more.
test_that("a stream shows that it waits until text may be printed", {
  open <- function(client, server) {
    server$reply(chunks = chat_events(c("", "a", "b")), pause = c(0, 3, 3, 0))
    client$chat$create(hello, "m", stream = TRUE)
  }
  waits <- list(
    text = function(client, server) open(client, server)$text(),
    echo = function(client, server) open(client, server)$echo(),
    each = function(client, server) {
      open(client, server)$each(function(event) NULL)
    }
  )
  kinds <- lapply(waits, function(wait) {
    body(wait) <- bquote({
      open <- .(open)
      .(body(wait))
    })
    unique(sub(", .*", "", shown_while(wait)))
  })
  expect_identical(kinds, list(
    text = c("Waiting for the answer", "Receiving the answer"),
    echo = "Waiting for the answer", each = character()
  ))
})

test_that("a wait for a background response shows its status", {
  shown <- shown_while(function(client, server) {
    waiting <- '{"id":"resp_1","object":"response","status":"in_progress"}'
    server$reply(body = waiting, times = 3)
    server$reply(body = sub("in_progress", "cancelled", waiting))
    client$responses$wait("resp_1")
  })
  expect_true("response resp_1 is in_progress, 2 s" %in% shown)
  expect_identical(
    describe_state(list(
      id = "batch_1", object = "batch", status = "in_progress",
      request_counts = list(total = 10L, completed = 4L, failed = 0L)
    )),
    "batch batch_1 is in_progress (4 of 10 requests)"
  )
  expect_identical(
    describe_state(list(list(id = "batch_1"))), "Waiting for 1 batch"
  )
})

test_that("a terminal shows the line, but knitr and message sinks do not", {
  skip_on_os(c("windows", "mac"))
  terminal <- processx::process$new(
    file.path(R.home("bin"), "R"), c("--no-save", "--quiet", "--no-readline"),
    pty = TRUE, env = c("current", TERM = "xterm", R_CLI_NUM_COLORS = "1"),
    pty_options = list(rows = 25L, cols = 80L, echo = FALSE)
  )
  withr::defer(terminal$kill())
  shown_until <- function(end) {
    shown <- ""
    wait_until(function() {
      terminal$poll_io(100)
      shown <<- paste0(shown, terminal$read_output())
      grepl(end, shown, fixed = TRUE)
    }, 60)
    shown
  }
  shown_by <- function(code) {
    terminal$write_input(paste0(code, "; cat('THE', 'END\\n')\n"))
    shown_until("THE END")
  }
  shown_until("> ")
  shown <- shown_by(paste(
    "library(openaistream)", "server <- local_server()",
    "server$reply(body = '{\"data\":[]}', delay = 3.5, times = 3)",
    "client <- openai$new('sk-test', base_url = server$url)",
    "answer <- client$models$list()",
    sep = "; "
  ))
  expect_match(shown, "Waiting for the answer, 3 s", fixed = TRUE)
  # The cursor returns, and the line is erased.
  rest <- sub("^.*Waiting for the answer, [0-9]+ s", "", shown)
  expect_match(rest, "^[^\n]*\r[^\n]*(\033\\[K| {20})")
  expect_no_match(
    shown_by("options(knitr.in.progress = TRUE); client$models$list() -> x"),
    "Waiting"
  )
  expect_no_match(
    shown_by(paste(
      "options(knitr.in.progress = NULL)", "log <- file(tempfile(), 'w')",
      "sink(log, type = 'message')", "x <- client$models$list()",
      "sink(type = 'message')",
      sep = "; "
    )),
    "Waiting"
  )
})
