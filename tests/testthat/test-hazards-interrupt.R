# Interrupts at any time, in whatever runs, leave the session whole.

skip_on_os("windows")

# Runs `work(client, server, ready, over)` in a session of its own, interrupts
# it `times` times, each `pause` seconds after the last, from `ready()` on, and
# returns its value. `over()` tells whether there was the last one.
under_interrupts <- function(work, times = 1, pause = 0.1) {
  ready <- withr::local_tempfile()
  over <- withr::local_tempfile()
  process <- callr::r_bg(
    function(work, ready, over, helpers) {
      library(openaistream)
      for (file in helpers) sys.source(file, globalenv())
      server <- local_server()
      client <- openai$new("sk-test", base_url = server$url)
      # Its first use loads what R loads lazily, which an interrupt can leave
      # half loaded, in any package. Its answers do not stall, as the other's
      # may.
      spare <- local_server()
      steady <- openai$new("sk-test", base_url = spare$url)
      steady$models$list()
      open_stream(steady)$next_value
      environment(work) <- globalenv()
      value <- work(
        client, server, function() file.create(ready),
        function() file.exists(over)
      )
      list(value = value, afterwards = steady$models$list()$id)
    },
    list(work, ready, over, normalizePath(test_path("helper-hazards.R")))
  )
  withr::defer(process$kill())
  wait_until(function() file.exists(ready), 30)
  for (i in seq_len(times)) {
    Sys.sleep(pause)
    process$interrupt()
  }
  # A signal takes its time.
  Sys.sleep(0.5)
  file.create(over)
  process$wait(20000)
  expect_identical(process$get_exit_status(), 0L)
  result <- process$get_result()
  expect_true("gpt-6-luna" %in% result$afterwards)
  result$value
}

test_that("a loop of short calls survives 50 interrupts", {
  found <- under_interrupts(times = 50, pause = 0.02, function(client, server,
                                                               ready, over) {
    caught <- 0
    calls <- 0
    wrong <- 0
    ready()
    while (!over()) {
      tryCatch(
        while (!over()) {
          if (!"gpt-6-luna" %in% client$models$list()$id) wrong <- wrong + 1
          stream <- open_stream(client)
          while (is.list(value <- stream$next_value)) {}
          if (!identical(value, "complete")) wrong <- wrong + 1
          calls <- calls + 1
        },
        interrupt = function(e) caught <<- caught + 1
      )
    }
    c(caught = caught, calls = calls, wrong = wrong)
  })
  expect_gt(found[["caught"]], 10)
  expect_gt(found[["calls"]], 10)
  expect_identical(found[["wrong"]], 0)
})

test_that("50 interrupts into the building of values lose no event", {
  found <- under_interrupts(times = 50, pause = 0.02, function(client, server,
                                                               ready, over) {
    count <- 500
    numbers <- paste(seq_len(200) / 7, collapse = ",")
    event <- 'data: {"choices":[{"index":0,"delta":{"content":"a","b":[[%s]]}}]}\n\n'
    events <- strrep(sprintf(event, numbers), count)
    caught <- rounds <- given <- 0
    wrong <- character()
    stream <- NULL
    # All events are there, so that nothing but their values is waited for.
    begin <- function() {
      server$reply(chunks = c(events, "data: [DONE]\n\n"))
      stream <<- client$chat$create("Hello", "m", stream = TRUE, num = 50)
      # An interrupt would end Sys.sleep() even here.
      while (is.na(stream$timings[["total"]])) {}
      given <<- 0
    }
    suspendInterrupts(begin())
    ready()
    while (!over()) {
      tryCatch(
        while (!over()) {
          value <- stream$next_value
          if (is.list(value) && !inherits(value, "condition")) {
            given <- given + length(value$vres)
          } else {
            if (!identical(list(value, given), list("complete", count))) {
              wrong <- c(wrong, paste(given, format(value)[[1]]))
            }
            rounds <- rounds + 1
            suspendInterrupts(begin())
          }
        },
        interrupt = function(e) caught <<- caught + 1,
        error = function(e) wrong <<- c(wrong, conditionMessage(e))
      )
    }
    list(caught = caught, rounds = rounds, wrong = wrong)
  })
  expect_gt(found$caught, 10)
  expect_gt(found$rounds, 2)
  expect_identical(found$wrong, character())
})

test_that("two interrupts in a row end one wait", {
  value <- under_interrupts(times = 2, pause = 0.001, function(client, server,
                                                               ready, over) {
    server$reply(abort = "stall", chunks = "", framing = "close")
    tryCatch({
      tryCatch(
        {
          ready()
          client$models$list()
        },
        interrupt = function(e) {
          # The second may come while the first is handled.
          Sys.sleep(0.2)
          "stopped"
        }
      )
    }, interrupt = function(e) "stopped")
  })
  expect_identical(value, "stopped")
})

test_that("R code of a key's function is interrupted, and nothing is sent", {
  value <- under_interrupts(function(client, server, ready, over) {
    slow <- openai$new(function() {
      ready()
      Sys.sleep(20)
      "sk-late"
    }, base_url = server$url)
    stopped <- tryCatch(slow$models$list(), interrupt = function(e) "stopped")
    list(stopped, length(server$requests()))
  })
  expect_identical(value, list("stopped", 0L))
})

test_that("calling handlers see the interrupt of a wait", {
  value <- under_interrupts(function(client, server, ready, over) {
    server$reply(abort = "stall", chunks = "", framing = "close")
    seen <- NULL
    stopped <- tryCatch(
      withCallingHandlers(
        {
          ready()
          client$models$list()
        },
        interrupt = function(e) seen <<- class(e)
      ),
      interrupt = function(e) "stopped"
    )
    list(stopped, seen)
  })
  expect_identical(value, list("stopped", c("interrupt", "condition")))
})

test_that("no thread of the package takes a signal", {
  skip_if_not(dir.exists("/proc/self/task"), "read from /proc")
  server <- test_server()
  client <- test_client(server)
  # A file is read by a thread of its own.
  path <- withr::local_tempfile(lines = "{}", fileext = ".jsonl")
  client$files$upload(path)
  tasks <- list.files("/proc/self/task", full.names = TRUE)
  names <- vapply(tasks, function(task) readLines(file.path(task, "comm")), "")
  ours <- tasks[startsWith(names, "openaistream")]
  expect_gte(length(ours), 3)
  for (task in ours) {
    status <- readLines(file.path(task, "status"))
    blocked <- sub("SigBlk:\t", "", grep("^SigBlk", status, value = TRUE))
    # SIGINT, SIGCHLD and SIGUSR1, bits 2, 17 and 10, among nearly all others.
    lower <- strtoi(substring(blocked, nchar(blocked) - 4), 16L)
    expect_identical(bitwAnd(lower, 0x10202L), 0x10202L)
  }
  status <- readLines("/proc/self/status")
  expect_match(grep("^SigBlk", status, value = TRUE), "0{16}")
})
