# The package unloaded and loaded again, and the end of a session.

skip_on_os("windows")
skip_if_not(dir.exists("/proc/self/task"), "/proc does not exist")

test_that("50 loads and unloads with an open stream leave no thread", {
  result <- in_session(function() {
    kept <- list()
    had_threads <- logical()
    load_and_unload <- function(unmap) {
      library(openaistream)
      server <- local_server()
      client <- openai$new("sk-test", base_url = server$url)
      reply_endless(server)
      stream <- open_stream(client)
      stream$next_value
      is_own <- startsWith(thread_names(), "openaistream")
      had_threads <<- c(had_threads, any(is_own))
      # Some objects are collected after the package was unloaded.
      kept[[length(kept) %% 5 + 1]] <<- list(stream, server, client)
      path <- system.file(package = "openaistream")
      detach("package:openaistream")
      unloadNamespace("openaistream")
      if (unmap) library.dynam.unload("openaistream", path)
      gc()
    }
    unloadNamespace("openaistream")
    start <- count_threads()
    for (round in 1:50) load_and_unload(unmap = round %% 2 == 0)
    after <- thread_names()
    kept <- NULL
    gc()
    library(openaistream)
    server <- local_server()
    list(
      after = after, start = start, had_threads = had_threads,
      models = openai$new("sk-test", base_url = server$url)$models$list()$id
    )
  })
  expect_identical(result$had_threads, rep(TRUE, 50))
  expect_false(any(grepl("openaistream", result$after)))
  expect_lte(length(result$after), result$start)
  expect_true("gpt-6-luna" %in% result$models)
})

test_that("a stream ends with an error when the package is unloaded", {
  # The server is in this process, so that it outlives the package in the other.
  server <- test_server()
  server$reply(chunks = chat_events("x", done = FALSE), abort = "stall")
  result <- in_session(function(url) {
    stream <- open_stream(openai$new("sk-test", base_url = url))
    stream$next_value
    unloadNamespace("openaistream")
    list(first = stream$next_value, second = stream$next_value)
  }, list(server$url))
  expect_s3_class(result$first, "openai_stream_error")
  expect_match(conditionMessage(result$first), "unloaded")
  expect_identical(result$second, "complete")
})

test_that("a session with 20 open streams and a server ends within a second", {
  marker <- withr::local_tempfile()
  process <- callr::r_bg(
    function(helpers, marker) {
      library(openaistream)
      for (file in helpers) sys.source(file, globalenv())
      server <- local_server()
      client <- openai$new("sk-test", base_url = server$url)
      reply_endless(server, times = 20)
      streams <- lapply(1:20, function(i) open_stream(client))
      for (stream in streams) stream$next_value
      assign("kept", list(server, client, streams), globalenv())
      cat(as.numeric(Sys.time()), file = marker)
      quit(save = "no", status = 0)
    },
    list(normalizePath(test_path("helper-hazards.R")), marker)
  )
  # Polled, so that the end is seen at once.
  wait_until(function() !process$is_alive(), 30)
  ended <- as.numeric(Sys.time())
  expect_identical(process$get_exit_status(), 0L)
  expect_lt(ended - as.numeric(readLines(marker, warn = FALSE)), 1)
})
