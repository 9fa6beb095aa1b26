# Where assistants are stored: in the session, or in a file that sessions share.

offline_client <- function(key = "sk-test", port = 9, file = NULL) {
  openai$new(
    key, base_url = paste0("http://127.0.0.1:", port, "/v1"),
    assistants = "responses", assistants_file = file
  )
}

test_that("clients with the same URL and key share their assistants", {
  one <- offline_client(port = 10)
  id <- one$assistants$create("m", name = "Tutor")$id

  expect_identical(
    offline_client(port = 10)$assistants$retrieve(id)$name, "Tutor"
  )
  others <- list(
    offline_client("sk-other", port = 10), offline_client(port = 11)
  )
  for (other in others) {
    failed <- failed_call(other$assistants$retrieve(id))
    expect_match(failed$message, "No assistant found with id", fixed = TRUE)
  }
})

test_that("a file keeps assistants for the next session", {
  file <- withr::local_tempfile(fileext = ".json")
  id <- offline_client(file = file)$assistants$create(
    "m", name = "T\u00fctor", metadata = list(big = "9007199254740993")
  )$id

  found <- in_session(
    function(file, id) {
      client <- openai$new("sk-test",
        base_url = "http://127.0.0.1:9/v1",
        assistants = "responses", assistants_file = file
      )
      list(all = client$assistants$list(), one = client$assistants$retrieve(id))
    },
    list(file = file, id = id)
  )
  expect_identical(found$all$data$id, id)
  expect_identical(found$one$name, "T\u00fctor")
  expect_identical(found$one$metadata$big, "9007199254740993")
})

test_that("two sessions with 1,000 writes each lose none", {
  skip_on_cran()
  file <- withr::local_tempfile(fileext = ".json")
  write_all <- function(file, name) {
    client <- openaistream::openai$new("sk-test",
      base_url = "http://127.0.0.1:9/v1",
      assistants = "responses", assistants_file = file
    )
    for (i in 1:1000) {
      client$assistants$create("m", name = paste(name, i))
    }
  }
  sessions <- lapply(c("a", "b"), function(name) {
    callr::r_bg(write_all, list(file = file, name = name))
  })
  for (session in sessions) {
    session$wait(timeout = 600000)
    session$get_result()
  }

  written <- jsonlite::fromJSON(file, simplifyVector = FALSE)$assistants
  names <- vapply(written, function(it) it$assistant$name, "")
  expect_setequal(unname(names), c(paste("a", 1:1000), paste("b", 1:1000)))
})

test_that("a file with other content is rejected and not changed", {
  file <- withr::local_tempfile(lines = "my notes")
  client <- offline_client(file = file)
  expect_error(
    client$assistants$create("m"), "it is not a registry of assistants",
    class = "openai_argument_error"
  )
  expect_identical(readLines(file), "my notes")
  expect_error(
    offline_client(file = file.path(tempdir(), "none", "a.json")),
    "a directory that does not exist", class = "openai_argument_error"
  )
})
