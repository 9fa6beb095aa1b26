# Objects that are saved, copied, compared and printed.


test_that("objects of a saved workspace cannot be used in a new session", {
  file <- withr::local_tempfile()
  server <- test_server()
  client <- test_client(server)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  # Like save.image().
  save(server, client, stream, file = file)
  result <- in_session(function(file) {
    load(file)
    message <- function(value) tryCatch(value, error = conditionMessage)
    list(
      server = message(server$requests()), stop = message(server$stop()),
      client = message(client$models$list()),
      stream = message(stream$next_value),
      close = stream$close(), url = server$url,
      printed = utils::capture.output(
        print(server), print(client), print(stream)
      )
    )
  }, list(file))
  expect_match(result$server, "local server belongs to another R session")
  expect_match(result$stop, "local server belongs to another R session")
  expect_match(result$client, "openai\\$new")
  expect_match(result$stream, "stream belongs to another R session")
  expect_identical(result$close, "close success")
  expect_identical(result$url, server$url)
  expect_match(result$printed, server$url, fixed = TRUE, all = FALSE)
  stream$close()
})

test_that("objects can be printed, listed and compared in any session", {
  inspect <- function(objects) {
    message <- function(expr) tryCatch(expr, openai_error = conditionMessage)
    copies <- unserialize(serialize(objects, NULL))
    lapply(seq_along(objects), function(i) {
      object <- objects[[i]]
      utils::capture.output({
        print(object)
        utils::str(object)
      })
      list(
        same = all.equal(object, object),
        copy = message(all.equal(object, copies[[i]])),
        listed = message(is.list(as.list(object, all.names = TRUE)))
      )
    })
  }
  server <- test_server()
  client <- test_client(server)
  objects <- list(server, client, client$chat)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  file <- withr::local_tempfile()
  saveRDS(c(objects, stream), file)

  here <- inspect(c(objects, stream))
  there <- in_session(function(file, inspect) {
    environment(inspect) <- globalenv()
    inspect(readRDS(file))
  }, list(file, inspect))

  works <- list(same = TRUE, copy = TRUE, listed = TRUE)
  expect_identical(there[1:3], list(works, works, works))
  # Listing a stream reads it, which is an error in another session.
  expect_true(here[[4]]$listed)
  expect_match(there[[4]]$listed, "another R session")
  expect_true(there[[4]]$same)
  # The objects still work.
  expect_type(stream$next_value, "list")
  expect_true("gpt-6-luna" %in% client$models$list()$id)
  stream$close()
})

test_that("a deep copy of a client works without the original", {
  server <- test_server()
  client <- test_client(server)
  expected <- client$models$list()$id
  copy <- client$clone(deep = TRUE)
  rm(client)
  gc()
  expect_identical(copy$models$list()$id, expected)
  stream <- copy$chat$create(hello, "m", stream = TRUE)
  expect_error(stream$clone(), "non-function")
  expect_error(server$clone(), "non-function")
  stream$close()
})
