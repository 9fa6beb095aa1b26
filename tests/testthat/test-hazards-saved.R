# Objects that were saved, copied, compared and shown.


test_that("a saved workspace says in a new session what was lost", {
  file <- withr::local_tempfile()
  server <- test_server()
  client <- test_client(server)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  # What save.image() does.
  save(server, client, stream, file = file)
  found <- in_session(function(file) {
    load(file)
    message <- function(value) tryCatch(value, error = conditionMessage)
    list(
      server = message(server$requests()), stop = message(server$stop()),
      client = message(client$models$list()), stream = message(stream$next_value),
      close = stream$close(), url = is.character(server$url),
      printed = utils::capture.output(print(server), print(client), print(stream))
    )
  }, list(file))
  expect_match(found$server, "local server belongs to another R session")
  expect_match(found$stop, "local server belongs to another R session")
  expect_match(found$client, "openai\\$new")
  expect_match(found$stream, "stream belongs to another R session")
  expect_identical(found$close, "close success")
  expect_true(found$url)
  stream$close()
})

test_that("objects can be shown, listed and compared in any session", {
  look <- function(objects) {
    clearly <- function(expr) tryCatch(expr, openai_error = conditionMessage)
    copies <- unserialize(serialize(objects, NULL))
    lapply(seq_along(objects), function(i) {
      object <- objects[[i]]
      utils::capture.output({
        print(object)
        utils::str(object)
      })
      list(
        same = all.equal(object, object),
        copy = clearly(all.equal(object, copies[[i]])),
        listed = clearly(is.list(as.list(object, all.names = TRUE)))
      )
    })
  }
  server <- test_server()
  client <- test_client(server)
  objects <- list(server, client, client$chat)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  file <- withr::local_tempfile()
  saveRDS(c(objects, stream), file)

  here <- look(c(objects, stream))
  there <- in_session(function(file, look) {
    environment(look) <- globalenv()
    look(readRDS(file))
  }, list(file, look))

  whole <- list(same = TRUE, copy = TRUE, listed = TRUE)
  expect_identical(there[1:3], list(whole, whole, whole))
  # To list a stream is to read it, which one of another session refuses.
  expect_true(here[[4]]$listed)
  expect_match(there[[4]]$listed, "another R session")
  expect_true(there[[4]]$same)
  # All are alive after that.
  expect_type(stream$next_value, "list")
  expect_true("gpt-6-luna" %in% client$models$list()$id)
  stream$close()
})

test_that("a deep copy of a client is a client of its own", {
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
