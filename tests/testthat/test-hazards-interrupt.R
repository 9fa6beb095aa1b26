# Interrupts at any time do not break the session.

skip_on_os("windows")

# Runs `work(client, server, ready, is_done)` in a new session and returns its
# value. After `ready()` the session is interrupted `times` times, with `pause`
# seconds in between. `is_done()` is TRUE after the last interrupt.
under_interrupts <- function(work, times = 1, pause = 0.1) {
  ready <- withr::local_tempfile()
  done <- withr::local_tempfile()
  process <- callr::r_bg(
    function(work, ready, done, helpers) {
      library(openaistream)
      for (file in helpers) sys.source(file, globalenv())
      server <- local_server()
      client <- openai$new("sk-test", base_url = server$url)
      # R loads functions when they are first used, and an interrupt can leave
      # them half loaded, in any package. So they are used here, with another
      # server, whose responses never stall.
      steady_server <- local_server()
      steady <- openai$new("sk-test", base_url = steady_server$url)
      steady$models$list()
      open_stream(steady)$next_value
      environment(work) <- globalenv()
      value <- work(
        client, server, function() file.create(ready),
        function() file.exists(done)
      )
      list(value = value, afterwards = steady$models$list()$id)
    },
    list(work, ready, done, normalizePath(test_path("helper-hazards.R")))
  )
  withr::defer(process$kill())
  wait_until(function() file.exists(ready), 30)
  for (i in seq_len(times)) {
    Sys.sleep(pause)
    process$interrupt()
  }
  # The last interrupt may be handled a moment later.
  Sys.sleep(0.5)
  file.create(done)
  process$wait(20000)
  expect_identical(process$get_exit_status(), 0L)
  result <- process$get_result()
  expect_true("gpt-6-luna" %in% result$afterwards)
  result$value
}

test_that("a loop of short calls continues after 50 interrupts", {
  result <- under_interrupts(times = 50, pause = 0.02, function(client, server,
                                                               ready, is_done) {
    caught <- 0
    calls <- 0
    wrong <- 0
    ready()
    while (!is_done()) {
      tryCatch(
        while (!is_done()) {
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
  expect_gt(result[["caught"]], 10)
  expect_gt(result[["calls"]], 10)
  expect_identical(result[["wrong"]], 0)
})

test_that("no event is lost by 50 interrupts while values are created", {
  result <- under_interrupts(times = 50, pause = 0.02, function(client, server,
                                                               ready, is_done) {
    count <- 500
    numbers <- paste(seq_len(200) / 7, collapse = ",")
    event <- sprintf(
      '{"choices":[{"index":0,"delta":{"content":"a","b":[[%s]]}}]}', numbers
    )
    events <- strrep(sprintf("data: %s\n\n", event), count)
    caught <- rounds <- event_count <- 0
    wrong <- character()
    stream <- NULL
    # All events are received first, so that later only values are created.
    start <- function() {
      server$reply(chunks = c(events, "data: [DONE]\n\n"))
      stream <<- client$chat$create("Hello", "m", stream = TRUE, num = 50)
      # An interrupt would end Sys.sleep() even here.
      while (is.na(stream$timings[["total"]])) {}
      event_count <<- 0
    }
    suspendInterrupts(start())
    ready()
    while (!is_done()) {
      tryCatch(
        while (!is_done()) {
          value <- stream$next_value
          if (is.list(value) && !inherits(value, "condition")) {
            event_count <- event_count + length(value$vres)
          } else {
            if (!identical(value, "complete") || event_count != count) {
              wrong <- c(wrong, paste(event_count, format(value)[[1]]))
            }
            rounds <- rounds + 1
            suspendInterrupts(start())
          }
        },
        interrupt = function(e) caught <<- caught + 1,
        error = function(e) wrong <<- c(wrong, conditionMessage(e))
      )
    }
    list(caught = caught, rounds = rounds, wrong = wrong)
  })
  expect_gt(result$caught, 10)
  expect_gt(result$rounds, 2)
  expect_identical(result$wrong, character())
})

test_that("two interrupts in a row end one wait", {
  value <- under_interrupts(times = 2, pause = 0.001, function(client, server,
                                                               ready, is_done) {
    server$reply(abort = "stall", chunks = "", framing = "close")
    tryCatch({
      tryCatch(
        {
          ready()
          client$models$list()
        },
        interrupt = function(e) {
          # The second interrupt may occur while the first one is handled.
          Sys.sleep(0.2)
          "stopped"
        }
      )
    }, interrupt = function(e) "stopped")
  })
  expect_identical(value, "stopped")
})

test_that("an interrupt of the function for the key sends nothing", {
  value <- under_interrupts(function(client, server, ready, is_done) {
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

test_that("calling handlers receive the interrupt of a wait", {
  value <- under_interrupts(function(client, server, ready, is_done) {
    server$reply(abort = "stall", chunks = "", framing = "close")
    received <- NULL
    stopped <- tryCatch(
      withCallingHandlers(
        {
          ready()
          client$models$list()
        },
        interrupt = function(e) received <<- class(e)
      ),
      interrupt = function(e) "stopped"
    )
    list(stopped, received)
  })
  expect_identical(value, list("stopped", c("interrupt", "condition")))
})

test_that("the threads of the package block signals", {
  skip_if_not(dir.exists("/proc/self/task"), "/proc does not exist")
  server <- test_server()
  client <- test_client(server)
  # A separate thread reads a file.
  path <- withr::local_tempfile(lines = "{}", fileext = ".jsonl")
  client$files$upload(path)
  tasks <- list.files("/proc/self/task", full.names = TRUE)
  names <- vapply(tasks, function(task) readLines(file.path(task, "comm")), "")
  own_tasks <- tasks[startsWith(names, "openaistream")]
  expect_gte(length(own_tasks), 3)
  for (task in own_tasks) {
    status <- readLines(file.path(task, "status"))
    blocked <- sub("SigBlk:\t", "", grep("^SigBlk", status, value = TRUE))
    # SIGINT, SIGCHLD and SIGUSR1, bits 2, 17 and 10, among nearly all others.
    lower <- strtoi(substring(blocked, nchar(blocked) - 4), 16L)
    expect_identical(bitwAnd(lower, 0x10202L), 0x10202L)
  }
  status <- readLines("/proc/self/status")
  expect_match(grep("^SigBlk", status, value = TRUE), "0{16}")
})
