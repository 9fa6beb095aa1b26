# R code that is called by the package and calls it.

test_that("the function for the key can make a call itself", {
  server <- test_server()
  inner <- test_client(server, "sk-inner")
  outer <- test_client(server, function() {
    paste0("sk-", inner$models$list()$object[[1]])
  })
  value <- outer$chat$create(hello, "m")
  expect_true(is.list(value$vres))
  stream <- outer$chat$create(hello, "m", stream = TRUE)
  expect_identical(read_all(stream)[[1]]$vres[[1]]$role, "assistant")
  keys <- vapply(server$requests(), function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(
    keys, rep(c("Bearer sk-inner", "Bearer sk-model"), 2)
  )
})

test_that("finalizers can close streams whenever the garbage collector runs", {
  result <- in_session(function() {
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    server$reply(
      chunks = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n',
      abort = "stall", times = 300
    )
    closed <- 0
    open <- function(i) {
      holder <- new.env()
      holder$stream <- open_stream(client)
      holder$stream$next_value
      reg.finalizer(holder, function(holder) {
        closed <<- closed + identical(holder$stream$close(), "close success")
      })
      invisible()
    }
    for (i in 1:300) open(i)
    # Any allocation may run the finalizers within a call.
    answers <- vapply(1:300, function(i) {
      length(client$models$list()$id)
    }, 1L)
    gc()
    list(closed = closed, answers = unique(answers))
  })
  expect_gte(result$closed, 299)
  expect_length(result$answers, 1)
})

test_that("a stream can be read in callbacks of later", {
  skip_if_not_installed("later")
  server <- test_server()
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  text <- ""
  done <- FALSE
  read <- function() {
    value <- stream$next_value
    if (is.list(value)) {
      for (event in value$vres) text <<- paste0(text, event$content)
      later::later(read)
    } else {
      done <<- TRUE
    }
  }
  later::later(read)
  run_loop_until(function() done)
  whole <- test_client(server)$chat$create(hello, "m")
  expect_identical(text, whole$vres$message$content)
})

test_that("values are correct if the collector runs at each allocation", {
  result <- in_session(timeout = 100, function() {
    options(openaistream.failed_call_warning = FALSE)
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    file <- tempfile(fileext = ".jsonl")
    writeLines("{}", file)
    body <- list(
      list(role = "user", content = iconv("Gr\u00fc\u00dfe", "UTF-8", "latin1"))
    )
    rows <- paste0(
      '{"data":[{"id":"a","n":1.5,"l":["x"]},',
      '{"id":"b","n":null,"m":[1,2]}]}'
    )
    make_calls <- function() {
      server$reply(body = rows)
      frame <- client$files$list()
      server$reply(status = 404, body = '{"error":{"message":"None \u00fc"}}')
      failed <- client$models$retrieve("m")
      server$reply(body = '{"id":"file-1"}')
      uploaded <- client$files$upload(file)
      plain <- client$chat$create(body, "m")
      stream <- client$chat$create(body, "m", stream = TRUE, num = 1000)
      # One large batch takes less time than many small ones.
      Sys.sleep(0.2)
      values <- list()
      while (is.list(value <- stream$next_value)) {
        values <- c(values, value$vres)
      }
      list(
        frame, failed[names(failed) != "request_id"], uploaded,
        plain$vres$message, lapply(values, as.list),
        stream$get_state(), length(server$requests()) > 0
      )
    }
    expected <- make_calls()
    gctorture(TRUE)
    actual <- make_calls()
    gctorture(FALSE)
    list(expected = expected, actual = actual)
  })
  expect_identical(result$actual, result$expected)
})
