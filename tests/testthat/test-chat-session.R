# A session whose page is a list; `until` runs the event loop.
session <- function(server) {
  told <- list()
  client <- test_client(server)
  list(
    talk = ChatSession$new(
      function(messages) client$chat$create(messages, "m", stream = TRUE),
      function(message) told <<- c(told, list(message))
    ),
    told = function() told,
    text = function() paste(unlist(lapply(told, `[[`, "text")), collapse = ""),
    states = function() unlist(lapply(told, `[[`, "state"))
  )
}

run_until <- function(condition) {
  wait_until(function() {
    later::run_now()
    condition()
  })
}

test_that("an answer is told in pieces, and its end once", {
  skip_if_not_installed("later")
  server <- test_server()
  server$reply(chunks = chat_events(c("One ", "two")), pause = 0.05)
  page <- session(server)

  page$talk$ask("Count", 7)
  expect_length(page$told(), 0L)
  run_until(function() length(page$states()))

  expect_identical(page$text(), "One two")
  expect_identical(page$states(), "complete")
  expect_identical(unique(lapply(page$told(), `[[`, "answer")), list(7))
})

test_that("a question is ignored while an answer is under way", {
  skip_if_not_installed("later")
  server <- test_server()
  server$reply(chunks = chat_events("x", done = FALSE), abort = "stall")
  page <- session(server)
  page$talk$ask("One", 1)
  page$talk$ask("Two", 2)
  run_until(function() nzchar(page$text()))
  expect_length(server$requests(), 1L)
  page$talk$clear()
})

test_that("nothing is told of an answer that was cleared away", {
  skip_if_not_installed("later")
  server <- test_server()
  server$reply(chunks = chat_events("x", done = FALSE), abort = "stall")
  server$reply(chunks = chat_events("New"))
  page <- session(server)
  page$talk$ask("One", 1)
  run_until(function() nzchar(page$text()))
  page$talk$clear()
  page$talk$ask("Two", 2)
  run_until(function() length(page$states()))

  ends <- Filter(function(message) message$event == "end", page$told())
  expect_identical(lapply(ends, `[[`, "answer"), list(2))
  expect_identical(page$text(), "xNew")
})

test_that("a request that cannot be made fails as one that is refused", {
  skip_if_not_installed("later")
  told <- NULL
  client <- openai$new(function() stop("No key today."))
  talk <- ChatSession$new(
    function(messages) client$chat$create(messages, "m", stream = TRUE),
    function(message) told <<- message
  )
  talk$ask("Hello", 1)
  expect_identical(told$state, "failed")
  reason <- told$error
  expect_match(reason, "No key today", fixed = TRUE)
})
