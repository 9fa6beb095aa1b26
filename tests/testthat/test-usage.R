# The usage that the server reported, by model, to check `client$usage()`.
reported_usage <- function(answers) {
  rows <- lapply(answers, function(answer) {
    usage <- answer$usage
    first <- function(...) as.numeric(c(..., 0)[[1]])
    data.frame(
      model = answer$model, requests = 1,
      input_tokens = first(usage$input_tokens, usage$prompt_tokens),
      output_tokens = first(usage$output_tokens, usage$completion_tokens)
    )
  })
  rows <- do.call(rbind, rows)
  aggregate(. ~ model, rows, sum)
}

expect_usage <- function(client, answers) {
  used <- client$usage()
  expected <- reported_usage(answers)
  used <- used[order(used$model), names(expected)]
  row.names(used) <- NULL
  expect_equal(used, expected[order(expected$model), ])
}

include_usage <- list(include_usage = TRUE)

# The whole answer of a chat.
chat_answer <- function(client, model, ...) {
  client$request("POST", "chat/completions",
    body = list(messages = hello, model = model, ...)
  )
}

# The model and the usage of a stream that is read to its end.
streamed_answer <- function(stream, model) {
  read_all(stream)
  list(model = model, usage = stream$usage)
}

test_that("plain calls are counted by model, with their cost", {
  server <- test_server()
  client <- test_client(server)
  expect_identical(nrow(client$usage()), 0L)
  answers <- list(
    chat_answer(client, "gpt-5.5"),
    chat_answer(client, "gpt-5.5", n = 2),
    client$responses$create(input = "Hello", model = "gpt-6-luna"),
    client$embeddings$create("text-embedding-3-small", c("a", "b"))
  )
  client$models$list()
  client$responses$retrieve(answers[[3]]$id)
  expect_usage(client, answers)
  used <- client$usage()
  expect_identical(unique(used$day), as.Date(as.POSIXct(Sys.time(), "UTC")))
  chats <- used[used$model == "gpt-5.5", ]
  expect_equal(
    chats$cost, (chats$input_tokens * 5 + chats$output_tokens * 30) / 1e6
  )
  expect_identical(used$unreported, c(0, 0, 0))
})

test_that("streams are counted once, when they end", {
  server <- test_server()
  client <- test_client(server)
  answers <- list(
    streamed_answer(client$chat$create(hello, "gpt-5.5",
      stream = TRUE, stream_options = include_usage
    ), "gpt-5.5"),
    streamed_answer(client$responses$create(
      input = "Hello", model = "gpt-6-luna", stream = TRUE
    ), "gpt-6-luna"),
    streamed_answer(client$responses$create(
      input = "Hello", model = "gpt-6-luna", stream = TRUE, background = TRUE
    ), "gpt-6-luna")
  )
  expect_usage(client, answers)
})

test_that("the tokens of a stream without usage are estimated", {
  server <- test_server()
  client <- test_client(server)
  with_usage <- client$chat$create(hello, "gpt-5.5",
    stream = TRUE, stream_options = include_usage
  )
  read_all(with_usage)
  reported <- client$usage()
  expect_identical(reported$estimated, 0)
  read_all(client$chat$create(hello, "gpt-5.5", stream = TRUE))
  used <- client$usage()
  expect_identical(c(used$requests, used$estimated, used$unreported), c(2, 1, 0))
  expect_equal(used$output_tokens, 2 * reported$output_tokens, tolerance = 0.2)
  expect_gt(used$input_tokens, reported$input_tokens)
  expect_gt(used$cost, reported$cost)

  # A closed stream counts the text received so far.
  server$reply(chunks = chat_events(c("a", "b", "c"), done = FALSE))
  stream <- client$chat$create(hello, "gpt-5.5", stream = TRUE, num = 1)
  stream$next_value
  stream$close()
  expect_identical(client$usage()$estimated, 2)
})

test_that("answers without usage are counted as unreported and cost NA", {
  server <- test_server()
  client <- test_client(server)
  withr::local_options(openaistream.prices = data.frame(
    model = "tts-1", input = 1, output = 1
  ))
  client$audio$speech("tts-1", "Hello")
  client$moderations$create("Hello")
  used <- client$usage()
  expect_identical(used$unreported, c(1, 1))
  expect_identical(used$cost[used$model == "tts-1"], NA_real_)
  expect_identical(used$cost[used$model != "tts-1"], 0)
})

test_that("a background response is counted when it is retrieved", {
  server <- test_server()
  client <- test_client(server)
  waiting <- client$responses$create(
    input = "Hello", model = "gpt-6-luna", background = TRUE
  )
  expect_identical(client$usage()$unreported, 1)
  done <- client$responses$wait(waiting$id)
  client$responses$retrieve(waiting$id)
  expect_usage(client, list(done))
  expect_identical(client$usage()$unreported, 0)
})

test_that("failed requests and answers from a journal are not counted", {
  server <- test_server()
  client <- test_client(server, max_retries = 1)
  server$reply(status = 500)
  answer <- chat_answer(client, "gpt-5.5")
  server$reply(status = 400)
  failed_call(client$chat$create(hello, "gpt-5.5"))
  expect_usage(client, list(answer))

  journal <- withr::local_tempfile()
  first <- client$chat$map(c("a", "b"), "gpt-6-luna", journal = journal)
  again <- client$chat$map(c("a", "b"), "gpt-6-luna", journal = journal)
  expect_identical(sum(client$usage()$requests), 3)
})

test_that("the requests of a copy count in the same ledger", {
  server <- test_server()
  client <- test_client(server)
  vectors <- client$with_options(max_retries = 3)$embeddings$create(
    "text-embedding-3-small", rep("some words", 3000),
    as = "matrix"
  )
  used <- client$usage()
  expect_equal(used$input_tokens, attr(vectors, "usage")$prompt_tokens)
  expect_gt(used$requests, 1)
})

test_that("a client that was saved and restored starts at zero", {
  server <- test_server()
  client <- test_client(server)
  client$chat$create(hello, "gpt-5.5")
  copy <- unserialize(serialize(client, NULL))
  expect_identical(nrow(copy$usage()), 0L)
  expect_identical(nrow(client$usage()), 1L)
})

# One row of a ledger with these numbers, and 0 for the others.
client_rows <- function(...) {
  rows <- unwrap(usage_rows(unwrap(usage_ledger())))
  rows <- lapply(rows, function(column) 0)
  rows$is_long <- FALSE
  rows[names(list(...))] <- list(...)
  rows
}

test_that("batches have their own price", {
  rows <- client_rows(
    day = 20000, model = "gpt-5.5", tier = "batch", requests = 2, input = 1e6,
    output = 1e6
  )
  expect_equal(usage_table(rows)$cost, 2.5 + 15)
  expect_identical(usage_table(rows)$day, as.Date("2024-10-04"))
})

test_that("1,000 mixed calls add up to the usage that the server reported", {
  server <- test_server()
  client <- test_client(server)
  seed <- as.integer(Sys.time()) %% 1e6
  withr::local_seed(seed)
  models <- c("gpt-5.5", "gpt-6-luna", "gpt-5-mini")
  text <- function() paste(sample(letters, sample(40, 1), TRUE), collapse = " ")
  chats <- lapply(seq_len(700), function(i) {
    model <- sample(models, 1)
    body <- list(model = model, messages = list(list(
      role = "user", content = text()
    )))
    api_request("POST", "chat/completions", body)
  })
  answers <- client$parallel(chats)
  for (i in seq_len(300)) {
    model <- sample(models, 1)
    kind <- sample(4, 1)
    messages <- list(list(role = "user", content = text()))
    answer <- if (kind == 1) {
      client$responses$create(input = text(), model = model)
    } else {
      stream <- switch(kind - 1,
        client$responses$create(input = text(), model = model, stream = TRUE),
        client$chat$create(messages, model,
          stream = TRUE, stream_options = include_usage
        ),
        client$responses$create(
          input = text(), model = model, stream = TRUE, background = TRUE
        )
      )
      streamed_answer(stream, model)
    }
    answers <- c(answers, list(answer[c("model", "usage")]))
  }
  withr::with_options(list(digits = 15), expect_usage(client, answers))
  used <- client$usage()
  expect_equal(used$cost, usage_cost(
    used$model, used$input_tokens, used$cached_tokens, used$output_tokens
  ), info = paste("seed", seed))
})
