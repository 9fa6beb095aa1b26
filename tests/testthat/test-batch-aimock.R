# Batches on a server of another project: aimock.

skip_on_cran()
skip_if_not_installed("processx")

# Starts aimock, which is stopped when the test ends, and returns its base URL.
start_aimock <- function(env = parent.frame()) {
  program <- file.path(
    servers_folder(), "node_modules", "@copilotkit", "aimock", "dist", "cli.cjs"
  )
  skip_if_not(file.exists(program), "aimock is not installed")
  fixtures <- withr::local_tempfile(fileext = ".json", .local_envir = env)
  writeLines('{"fixtures":[]}', fixtures)
  port <- free_port()
  start_server(
    "node", c(program, "--port", port, "--fixtures", fixtures), port, "models",
    frame = env
  )
}

# A client whose batches end with the status `outcome`.
aimock_client <- function(url, outcome = "completed") {
  openai$new(
    "sk-test",
    base_url = url, on_error = "stop",
    headers = c("X-AIMock-Batch-Outcome" = outcome)
  )
}

test_that("batches of aimock are completed, and a second run reuses them", {
  url <- start_aimock()
  client <- aimock_client(url)
  journal <- batch_journal()
  map <- function(prompts = batch_prompts) {
    client$chat$map(
      prompts, "gpt-4o",
      engine = "batch", batch_size = 5, journal = journal
    )
  }
  answers <- map()
  expect_identical(texts_of(answers), rep("Mock batch completion", 12))
  counts <- client$batches$list()$data$request_counts
  expect_identical(sort(counts$completed), c(2L, 5L, 5L))
  expect_identical(map(), answers)

  # As if the session had ended before it wrote its batches to the journal.
  lines <- readLines(journal)
  writeLines(lines[1:4], journal)
  expect_identical(map()[[12]]$all_resp$model, "gpt-4o")
  expect_length(client$batches$list()$data$id, 3)
  expect_length(map(c(batch_prompts, "another")), 13)
  expect_length(client$batches$list()$data$id, 4)

  responses <- client$responses$map(c("a", "b"), "gpt-4o", engine = "batch")
  expect_identical(responses[[2]]$output_text, "Mock batch completion")
  vectors <- client$embeddings$create(
    "m", c(a = "one"),
    as = "matrix", engine = "batch"
  )
  expect_identical(dim(vectors), c(1L, 3L))
})

test_that("requests that aimock does not complete are sent again", {
  url <- start_aimock()
  journal <- batch_journal()
  map <- function(outcome) {
    aimock_client(url, outcome)$chat$map(
      c("a", "b"), "gpt-4o",
      engine = "batch", journal = journal, on_error = "return"
    )
  }
  for (outcome in c("expired", "cancelled", "failed")) {
    answers <- map(outcome)
    messages <- vapply(answers, conditionMessage, "")
    expect_match(messages, outcome, fixed = TRUE)
    for (answer in answers) expect_s3_class(answer, "openai_batch_error")
  }
  expect_identical(
    texts_of(map("completed")), rep("Mock batch completion", 2)
  )
})
