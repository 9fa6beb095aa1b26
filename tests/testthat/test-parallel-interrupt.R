# Interrupts of many requests.

# Runs `map(client)` in another R process, against a server that answers only
# four requests, and then interrupts the process.
interrupted_map <- function(map) {
  skip_on_os("windows")
  server <- test_server(env = parent.frame())
  server$reply(body = any_answer, times = 4)
  server$reply(chunks = "", framing = "close", abort = "stall", times = 2)
  process <- callr::r_bg(
    function(url, map) {
      library(openaistream)
      client <- openai$new("sk-test", base_url = url)
      environment(map) <- globalenv()
      warned <- NULL
      results <- withCallingHandlers(
        map(client),
        openai_interrupted_warning = function(w) {
          warned <<- conditionMessage(w)
          invokeRestart("muffleWarning")
        }
      )
      list(results = results, warned = warned, at = as.numeric(Sys.time()))
    },
    list(url = server$url, map = map)
  )
  withr::defer(process$kill(), envir = parent.frame())
  wait_until(function() length(server$requests()) == 6, 30)
  at <- as.numeric(Sys.time())
  process$interrupt()
  process$wait(20000)
  result <- process$get_result()
  wait_until(function() {
    closed <- lapply(server$requests()[5:6], `[[`, "closed_at")
    !any(vapply(closed, is.null, TRUE))
  })
  c(result, list(seconds = result$at - at))
}

test_that("an interrupt returns completed answers and cancels the rest", {
  done <- interrupted_map(function(client) {
    client$chat$map(setNames(letters[1:10], LETTERS[1:10]), "m", max_active = 2)
  })
  expect_named(done$results, LETTERS[1:10])
  cancelled <- vapply(done$results, inherits, TRUE, "openai_cancelled_error")
  expect_identical(sum(cancelled), 6L)
  answered <- done$results[!cancelled]
  expect_true(all(vapply(answered, is.list, TRUE)))
  expect_false(any(vapply(answered, inherits, TRUE, "error")))
  expect_match(done$warned, "6 of 10 requests", fixed = TRUE)
  expect_match(done$warned, "With a `journal`, a repeated call", fixed = TRUE)
  expect_lt(done$seconds, 5)
})

test_that("an interrupted table warns once and resumes from its journal", {
  done <- interrupted_map(function(client) {
    journal <- tempfile()
    others <- NULL
    table <- withCallingHandlers(
      client$extract(
        data.frame(letter = letters[1:10]), "{letter}",
        model = "m", api = "chat", max_active = 2, journal = journal
      ),
      openai_rows_warning = function(w) others <<- conditionMessage(w)
    )
    list(table = table, others = others)
  })
  expect_identical(sum(is.na(done$results$table$error)), 4L)
  expect_null(done$results$others)
  expect_match(done$warned, "The same call sends only these.", fixed = TRUE)
})

test_that("an interrupt while R handles an answer loses no answer", {
  skip_on_os("windows")
  done <- in_session(function() {
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    warned <- NULL
    results <- withCallingHandlers(
      openaistream:::run_parallel(
        client$.__enclos_env__$private$config,
        rep(list(api_request("GET", "models")), 20),
        openaistream:::parallel_settings(
          1, 600, NULL, "return", NULL, NULL, 120
        ),
        then = function(answer) {
          tools::pskill(Sys.getpid(), tools::SIGINT)
          Sys.sleep(0.2)
          answer$data$id
        }
      ),
      openai_interrupted_warning = function(w) {
        warned <<- conditionMessage(w)
        invokeRestart("muffleWarning")
      }
    )
    list(results = results, warned = warned)
  })
  expect_true("gpt-6-luna" %in% done$results[[1]])
  expect_s3_class(done$results[[20]], "openai_cancelled_error")
  expect_match(done$warned, "of 20 requests", fixed = TRUE)
})
