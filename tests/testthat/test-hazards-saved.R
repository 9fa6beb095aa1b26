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
    shown <- lapply(objects, function(object) {
      utils::capture.output({
        print(object)
        utils::str(object)
        utils::str(as.list(object, all.names = TRUE))
      })
    })
    list(
      shown = lengths(shown) > 0,
      equal = vapply(objects, function(x) isTRUE(all.equal(x, x)), NA),
      copied = isTRUE(all.equal(objects, unserialize(serialize(objects, NULL))))
    )
  }
  server <- test_server()
  client <- test_client(server)
  objects <- list(
    server = server, client = client, chat = client$chat,
    stream = client$chat$create(hello, "m", stream = TRUE)
  )
  file <- withr::local_tempfile()
  saveRDS(objects, file)
  here <- look(objects)
  there <- in_session(function(file, look) look(readRDS(file)), list(file, look))
  for (found in list(here, there)) {
    expect_true(all(found$shown))
    expect_true(all(found$equal))
  }
  # Both are alive after that.
  expect_type(objects$stream$next_value, "list")
  objects$stream$close()
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
