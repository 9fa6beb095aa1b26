# Forked processes, such as those of parallel::mclapply().

skip_on_os("windows")

test_that("forked children can make calls, and the parent's streams continue", {
  result <- in_session(function() {
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    reply_endless(server)
    stream <- open_stream(client)
    idle <- open_stream(client)
    warm <- client$models$list()$id
    ask <- function(i) {
      text <- client$chat$create(
        list(list(role = "user", content = paste("Number", i))), "m"
      )$vres$message$content
      # The child collects the inherited objects.
      rm(stream, idle, server, envir = globalenv())
      gc()
      c(text, client$models$list()$id)
    }
    assign("client", client, globalenv())
    assign("stream", stream, globalenv())
    assign("idle", idle, globalenv())
    assign("server", server, globalenv())
    environment(ask) <- globalenv()
    expected <- lapply(1:8, function(i) {
      c(client$chat$create(
        list(list(role = "user", content = paste("Number", i))), "m"
      )$vres$message$content, warm)
    })
    rounds <- vapply(1:10, function(round) {
      children <- parallel::mclapply(
        1:8, ask, mc.cores = 2, mc.preschedule = FALSE
      )
      identical(children, expected) &&
        identical(client$models$list()$id, warm) &&
        is.list(stream$next_value) && is.list(idle$next_value)
    }, NA)
    list(rounds = rounds, distinct = length(unique(expected)))
  }, timeout = 60)
  expect_identical(result$rounds, rep(TRUE, 10))
  expect_identical(result$distinct, 8L)
})

test_that("a child can have its own server, client and children", {
  result <- in_session(function() {
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    stream <- open_stream(client)
    client$models$list()
    in_child <- function(f) {
      parallel::mccollect(parallel::mcparallel(f()))[[1]]
    }
    in_child(function() {
      own <- local_server()
      own_client <- openai$new("sk-test", base_url = own$url)
      own_stream <- open_stream(own_client)
      nested <- in_child(function() {
        list(
          parent = client$models$list()$id, child = own_client$models$list()$id,
          stream = tryCatch(own_stream$next_value, error = conditionMessage)
        )
      })
      own_stream$next_value
      before <- own$connections()
      own$stop()
      # The first server belongs to the parent, and still runs.
      foreign <- tryCatch(server$requests(), error = conditionMessage)
      stopped <- tryCatch(server$stop(), error = conditionMessage)
      list(
        nested = nested, before = before, foreign = foreign, stopped = stopped,
        again = client$models$list()$id
      )
    }) -> child
    c(child, list(
      parent = client$models$list()$id, stream = is.list(stream$next_value)
    ))
  })
  expect_true("gpt-6-luna" %in% result$parent)
  expect_identical(result$nested$parent, result$parent)
  expect_identical(result$nested$child, result$parent)
  expect_match(result$nested$stream, "another process")
  expect_match(result$foreign, "local server belongs to another process")
  expect_match(result$stopped, "local server belongs to another process")
  expect_identical(result$again, result$parent)
  expect_true(result$stream)
})

test_that("a running child keeps neither server nor stream open", {
  result <- in_session(function() {
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url, max_retries = 0)
    reply_endless(server)
    stream <- open_stream(client)
    stream$next_value
    child <- parallel::mcparallel(Sys.sleep(30))
    stream$close()
    closed <- happens(function() {
      !is.null(server$requests()[[1]]$closed_at)
    }, 3)
    server$stop()
    started <- Sys.time()
    failed <- client$with_options(timeouts = c(total = 5))$models$list()
    waited <- as.numeric(Sys.time() - started, units = "secs")
    tools::pskill(child$pid, tools::SIGKILL)
    list(closed = closed, message = failed$message, waited = waited)
  })
  expect_true(result$closed)
  expect_match(result$message, "refused")
  expect_lt(result$waited, 2)
})
