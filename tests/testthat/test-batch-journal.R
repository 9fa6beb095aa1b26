# The journal of batches: another session resumes them.

run_batches_of_four <- function(server, journal, prompts = batch_prompts, ...) {
  test_client(server)$chat$map(
    prompts, "m",
    engine = "batch", batch_size = 4, journal = journal, ...
  )
}

# Resumes the run of another session, and checks that each request was sent once
# by three files and three batches.
expect_each_once <- function(server, journal) {
  answers <- run_batches_of_four(server, journal)
  expect_identical(texts_of(answers), practice_texts(batch_prompts))
  expect_identical(as.vector(times_batched(test_client(server))), rep(1L, 12))
  times <- table(calls_of(server))
  expect_identical(times[["POST /v1/files"]], 3L)
  expect_identical(times[["POST /v1/batches"]], 3L)
}

test_that("a session that is killed at any step is resumed", {
  skip_on_cran()
  skip_on_os("windows")
  # For each of three batches: before and after its file is written to the
  # journal, before and after the batch itself is, and before and after its
  # results are read.
  notes <- expand.grid(
    moment = c("before", "after"), call = 1:6, name = "batch_note",
    stringsAsFactors = FALSE
  )
  results <- expand.grid(
    moment = c("before", "after"), call = 1:3, name = "batch_finish",
    stringsAsFactors = FALSE
  )
  steps <- rbind(notes, results)
  for (step in seq_len(nrow(steps))) {
    server <- test_server()
    journal <- batch_journal()
    with(steps[step, ], killed_map(server, journal, name, call, moment))
    expect_each_once(server, journal)
    server$stop()
  }
})

test_that("a session that is killed before it sends anything is resumed", {
  skip_on_cran()
  skip_on_os("windows")
  server <- test_server()
  journal <- batch_journal()
  killed_map(server, journal, "batch_plan", 1, "after")
  expect_length(server$requests(), 0)
  expect_length(readLines(journal), 4)
  expect_each_once(server, journal)
})

test_that("files and batches missing in the journal are found on the server", {
  server <- test_server()
  journal <- batch_journal()
  run_batches_of_four(server, journal)
  lines <- readLines(journal)
  is_answer <- grepl("^[{]\"request\"", lines)
  # The first four lines are written before the first file is uploaded.
  for (last in c(4:10, which(is_answer), length(lines) - 1)) {
    truncated <- batch_journal()
    # It ends with the beginning of the next line.
    writeLines(c(lines[seq_len(last)]), truncated)
    cat(substr(lines[[last + 1]], 1, 30), file = truncated, append = TRUE)
    expect_each_once(server, truncated)
  }
})

test_that("a second run sends nothing and returns the same", {
  server <- test_server()
  journal <- batch_journal()
  prompts <- c(batch_prompts, batch_prompts[1:2], NA)
  client <- test_client(server, api_key = "secret-of-mine")
  run <- function(...) {
    client$chat$map(prompts, "m", engine = "batch", journal = journal, ...)
  }
  first <- run()
  expect_false(any(grepl("secret-of-mine", readLines(journal))))
  sent <- length(server$requests())
  expect_identical(run(), first)
  expect_identical(length(server$requests()), sent)

  # Another server, and other prompts: one is new, and some are removed.
  server <- test_server()
  prompts <- c("prompt 99", batch_prompts[2:12])
  copy <- batch_journal()
  file.copy(journal, copy)
  journal <- copy
  client <- test_client(server)
  expect_identical(texts_of(run()), practice_texts(prompts))
  expect_identical(client$batches$list()$data$request_counts$total, 1L)
})

test_that("requests of an earlier run's expired batch are sent again", {
  skip_on_cran()
  skip_on_os("windows")
  server <- test_server(background_delay = 0.6, batch_limit = 0.9)
  journal <- batch_journal()
  killed_map(
    server, journal, "batch_note", 2, "after",
    prompts = batch_prompts[1:4]
  )
  answers <- run_batches_of_four(
    server, journal, batch_prompts[1:4],
    on_error = "return"
  )
  # The first batch answers two of the four prompts, the second one a third.
  is_expired <- vapply(answers, inherits, NA, "openai_batch_error")
  expect_identical(is_expired, c(FALSE, FALSE, FALSE, TRUE))
  batches <- test_client(server)$batches$list()$data
  expect_identical(batches$request_counts$total, c(2L, 4L))
})

test_that("only failed requests are sent again", {
  server <- test_server()
  journal <- batch_journal()
  prompts <- list(
    batch_prompts[[1]], list(list(role = "user", content = 1)),
    batch_prompts[[2]]
  )
  first <- run_batches_of_four(server, journal, prompts, on_error = "return")
  expect_s3_class(first[[2]], "openai_bad_request_error")
  second <- run_batches_of_four(server, journal, prompts, on_error = "return")
  expect_identical(second[-2], first[-2])
  expect_s3_class(second[[2]], "openai_bad_request_error")
  batches <- test_client(server)$batches$list()$data
  expect_identical(batches$request_counts$total, c(1L, 3L))
})

test_that("requests whose answers were truncated are sent again", {
  server <- test_server()
  journal <- batch_journal()
  server$reply(path = "/v1/files/file-2/content", body = paste0(
    '{"custom_id":"1","response":{"status_code":200,"body":{"choices":[{',
    '"finish_reason":"length","message":{"content":"Hal"}}]}}}'
  ))
  prompts <- batch_prompts[[1]]
  expect_identical(
    texts_of(run_batches_of_four(server, journal, prompts)), "Hal"
  )
  kept <- run_batches_of_four(server, journal, prompts, ask_again = FALSE)
  expect_identical(texts_of(kept), "Hal")
  expect_identical(
    texts_of(run_batches_of_four(server, journal, prompts)),
    practice_texts(prompts)
  )
  expect_identical(
    test_client(server)$batches$list()$data$id, c("batch_2", "batch_1")
  )
})

test_that("the journal of one engine is rejected by the other", {
  server <- test_server()
  client <- test_client(server)
  for (engine in c("direct", "batch")) {
    journal <- batch_journal()
    client$chat$map("prompt 1", "m", engine = engine, journal = journal)
    before <- readLines(journal)
    sent <- length(server$requests())
    other <- setdiff(c("direct", "batch"), engine)
    error <- expect_error(
      client$chat$map("prompt 2", "m", engine = other, journal = journal),
      class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), "`engine = \"batch\"`", fixed = TRUE)
    expect_match(conditionMessage(error), "not changed", fixed = TRUE)
    expect_identical(readLines(journal), before)
    expect_length(server$requests(), sent)
  }
  writeLines("id,name", journal)
  expect_error(
    client$chat$map("a", "m", engine = "batch", journal = journal),
    "not a journal",
    class = "openai_argument_error"
  )
  expect_identical(readLines(journal), "id,name")
})

test_that("only one run at a time can use a journal", {
  server <- test_server(background_delay = 0.3)
  client <- test_client(server)
  journal <- batch_journal()
  promise <- client$chat$map_async(
    "prompt 1", "m",
    engine = "batch", journal = journal
  )
  expect_error(
    run_batches_of_four(server, journal), "another run is using it",
    class = "openai_argument_error"
  )
  expect_identical(texts_of(value_of(promise)), practice_texts("prompt 1"))
  # The journal is available again.
  expect_length(run_batches_of_four(server, journal), 12)
})

test_that("embeddings are read from their journal", {
  server <- test_server()
  client <- test_client(server)
  journal <- batch_journal()
  embed <- function(as = "matrix") {
    client$embeddings$create(
      "m", c("a", "b"),
      as = as, dimensions = 4, engine = "batch", journal = journal
    )
  }
  first <- embed()
  sent <- length(server$requests())
  expect_identical(embed(), first)
  expect_identical(embed("list")$data$embedding[[2]], first[2, ])
  expect_length(server$requests(), sent)
})
