# Files that are uploaded to a vector store and indexed.

text_file <- function(name, text, env = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = env)
  path <- file.path(folder, name)
  writeLines(text, path)
  path
}

store_file <- function(status, ...) {
  jsonlite::toJSON(
    list(id = "file-1", status = status, vector_store_id = "vs_1", ...),
    auto_unbox = TRUE
  )
}

store_batch <- function(status, completed = 0, failed = 0) {
  jsonlite::toJSON(list(
    id = "vsfb_1", vector_store_id = "vs_1", status = status,
    file_counts = list(
      in_progress = 0, completed = completed, failed = failed, cancelled = 0,
      total = completed + failed
    )
  ), auto_unbox = TRUE)
}

test_that("a file is uploaded, indexed and searched", {
  server <- test_server()
  client <- test_client(server)
  path <- text_file("rivers.txt", "The Rhine is 1,233 km long.")
  store <- client$vector_stores$create(name = "rivers")

  file <- client$vector_stores$files$upload_and_poll(
    store$id, path,
    attributes = list(country = "de")
  )

  expect_identical(file$status, "completed")
  expect_identical(file$attributes$country, "de")
  found <- client$vector_stores$search(store$id, query = "Rhine")$data
  expect_identical(found$filename, "rivers.txt")
})

test_that("several files are uploaded, indexed and searched", {
  server <- test_server()
  client <- test_client(server)
  paths <- c(
    text_file("rhine.txt", "The Rhine is 1,233 km long."),
    text_file("elbe.txt", "The Elbe is 1,094 km long.")
  )
  known <- client$files$create(
    file = text_file("oder.txt", "The Oder is 866 km long."),
    purpose = "assistants"
  )
  store <- client$vector_stores$create(name = "rivers")

  batch <- client$vector_stores$file_batches$upload_and_poll(
    store$id, paths,
    file_ids = known$id
  )

  expect_identical(batch$status, "completed")
  expect_identical(batch$file_counts$completed, 3L)
  found <- client$vector_stores$search(store$id, query = "Elbe long")$data
  expect_identical(found$filename[[1]], "elbe.txt")
  answer <- client$responses$create(
    "How long is the Oder?", "gpt-6-luna",
    tools = list(
      list(type = "file_search", vector_store_ids = list(store$id))
    )
  )
  cited <- answer$output[[2]]$content[[1]]$annotations
  expect_identical(cited[[1]]$filename, "oder.txt")
})

test_that("a file is polled until it is indexed", {
  server <- test_server()
  path <- "/v1/vector_stores/vs_1/files/file-1"
  server$reply(body = store_file("in_progress"), path = path)
  server$reply(body = store_file("completed"), path = path)
  files <- test_client(server)$vector_stores$files
  expect_identical(files$poll("vs_1", "file-1")$status, "completed")
  expect_length(server$requests(), 2)

  server$reply(body = store_file("in_progress"), path = path)
  expect_error(
    files$poll("vs_1", "file-1", timeout = 0),
    "files\\$poll\\(\\).*vector_stores\\$files\\$delete",
    class = "openai_timeout_error"
  )
})

test_that("a file that could not be indexed gives a warning with the reason", {
  server <- test_server()
  client <- test_client(server)
  server$reply(body = store_file(
    "failed",
    last_error = list(code = "unsupported_file", message = "No text in it.")
  ))
  expect_warning(
    file <- client$vector_stores$files$poll("vs_1", "file-1"),
    "file-1.*\"failed\": No text in it.",
    class = "openai_indexing_warning"
  )
  expect_identical(file$status, "failed")

  server$reply(body = store_batch("completed", completed = 2, failed = 1))
  expect_warning(
    client$vector_stores$file_batches$poll("vs_1", "vsfb_1"),
    "1 of 3 files.*list_files\\(\"vs_1\", \"vsfb_1\", filter = \"failed\"\\)",
    class = "openai_indexing_warning"
  )
})

test_that("a missing file is refused before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  paths <- c(text_file("rhine.txt", "The Rhine."), "no-such-file.txt")
  stores <- client$vector_stores
  expect_error(
    stores$file_batches$upload_and_poll("vs_1", paths),
    "no-such-file.txt.*does not exist",
    class = "openai_argument_error"
  )
  expect_error(
    stores$files$upload_and_poll("vs_1", "no-such-file.txt"), "does not exist"
  )
  expect_error(
    stores$file_batches$upload_and_poll("vs_1", character()), "`files`",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})

test_that("`on_error` of the client also applies to uploads", {
  server <- test_server()
  client <- test_client(server, on_error = "return")
  path <- text_file("rhine.txt", "The Rhine.")
  answer <- failed_call(
    client$vector_stores$files$upload_and_poll("vs_none", path)
  )
  expect_identical(answer$status, 404L)
})

test_that("`upload_and_poll_async()` polls on the event loop", {
  server <- test_server()
  client <- test_client(server)
  store <- client$vector_stores$create(name = "rivers")
  path <- text_file("rhine.txt", "The Rhine.")
  batches <- client$vector_stores$file_batches
  promise <- batches$upload_and_poll_async(store$id, path)
  expect_identical(value_of(promise)$file_counts$completed, 1L)
})
