# Many requests as batches: `engine = "batch"`.

test_that("map() returns the same by batches as by direct requests", {
  server <- test_server()
  client <- test_client(server)
  prompts <- c(a = "prompt 1", b = NA, c = "prompt 2", d = "prompt 1")
  direct <- test_client(test_server())$chat$map(prompts, "m", n = 2)
  answers <- client$chat$map(prompts, "m", n = 2, engine = "batch")
  expect_identical(as.list(answers), as.list(direct))
  expect_identical(calls_of(server), c(
    "POST /v1/files", "POST /v1/batches", "GET /v1/files/file-2/content"
  ))
  lines <- strsplit(batched_files(client), "\n", fixed = TRUE)[[1]]
  line <- jsonlite::fromJSON(lines[[2]])
  expect_identical(line[1:3], list(
    custom_id = "2", method = "POST", url = "/v1/chat/completions"
  ))
  expect_identical(line$body$messages$content, "prompt 2")
  expect_identical(client$chat$map(c(NA, NA), "m", engine = "batch")[[2]]$text,
    c(NA_character_)
  )
})

test_that("responses can be sent as batches, and their answers are parsed", {
  client <- test_client(test_server())
  direct <- test_client(test_server())
  map <- function(client, ...) {
    answers <- client$responses$map(
      c("one", "two"), "m",
      text = json_schema(list(count = integer())), ...
    )
    lapply(answers, function(answer) answer[c("parsed", "output_text")])
  }
  expect_identical(map(client, engine = "batch"), map(direct))
})

test_that("requests are split into batches of `batch_size`", {
  server <- test_server(background_delay = 0.2)
  client <- test_client(server)
  answers <- client$chat$map(
    batch_prompts, "m", engine = "batch", batch_size = 5
  )
  expect_identical(texts_of(answers), practice_texts(batch_prompts))
  batches <- client$batches$list()$data
  expect_identical(batches$request_counts$total, c(2L, 5L, 5L))
  # Each has its own name.
  names <- batches$metadata$openaistream
  expect_match(names, "^openaistream-[0-9a-f]{16}-[1-3]$")
  expect_identical(anyDuplicated(names), 0L)
})

test_that("map_async() by batches returns a promise of the answers", {
  client <- test_client(test_server())
  promised <- settled(
    client$chat$map_async(batch_prompts, "m", engine = "batch", batch_size = 7)
  )$value
  expect_identical(texts_of(promised), practice_texts(batch_prompts))
  server <- test_server()
  server$reply(status = 401, body = "{}", path = "/v1/files")
  failed <- settled(
    test_client(server)$chat$map_async("a", "m", engine = "batch")
  )$error
  expect_s3_class(failed, "openai_authentication_error")
})

test_that("a failed line of a batch is the condition of its request", {
  prompts <- list(x = "good", y = list(list(role = "user", content = 1)))
  run <- function(client, ...) client$chat$map(prompts, "m", ...)
  client <- test_client(test_server())
  answers <- run(client, engine = "batch", on_error = "return")
  direct <- run(test_client(test_server()), on_error = "return")
  same <- c("message", "status", "type", "code", "param", "attempts")
  expect_identical(answers$x, direct$x)
  expect_identical(class(answers$y), class(direct$y))
  expect_identical(answers$y[same], direct$y[same])
  expect_match(answers$y$request_id, "^req_batch_")

  error <- expect_error(
    run(client, engine = "batch"), class = "openai_bad_request_error"
  )
  expect_identical(error$index, 2L)
  expect_identical(error$results$x, direct$x)
  expect_match(
    deparse(conditionCall(error))[[1]], "client$chat$map", fixed = TRUE
  )
})

test_that("requests of an expired batch are reported, and sent again", {
  server <- test_server(background_delay = 0.4, batch_limit = 0.6)
  client <- test_client(server)
  journal <- batch_journal()
  run <- function(client, ...) {
    client$chat$map(
      batch_prompts, "m", engine = "batch", journal = journal, ...
    )
  }
  answers <- run(client, on_error = "return")
  is_expired <- vapply(answers, inherits, NA, "openai_batch_error")
  expect_identical(which(is_expired), 7:12)
  expect_identical(answers[[7]]$code, "batch_expired")
  expect_match(conditionMessage(answers[[7]]), "window expired", fixed = TRUE)

  # Another server, whose batches do not expire.
  client <- test_client(test_server())
  answers <- run(client)
  expect_identical(texts_of(answers), practice_texts(batch_prompts))
  expect_identical(
    as.integer(times_batched(client)), rep(c(0L, 1L), each = 6)
  )
})

test_that("requests of a cancelled batch are reported", {
  server <- test_server(background_delay = 60)
  client <- test_client(server)
  promise <- client$chat$map_async(
    batch_prompts, "m", engine = "batch", on_error = "return"
  )
  run_loop_until(function() length(client$batches$list()$data$id) == 1L)
  client$batches$cancel("batch_1")
  server$reply(
    path = "/v1/batches/batch_1", times = 1,
    body = '{"id":"batch_1","object":"batch","status":"cancelled"}'
  )
  answers <- settled(promise)$value
  messages <- vapply(answers, conditionMessage, "")
  expect_identical(
    unique(messages),
    "The batch batch_1 was cancelled, without a result of this request."
  )
  expect_true(all(vapply(answers, inherits, NA, "openai_batch_error")))
})

test_that("the error of a failed batch has the server's message", {
  server <- test_server()
  client <- test_client(server)
  server$reply(path = "/v1/batches/batch_1", body = paste0(
    '{"id":"batch_1","object":"batch","status":"failed","errors":{"data":[',
    '{"code":"token_limit_exceeded","message":"Enqueued token limit reached.",',
    '"line":null}]}}'
  ))
  error <- expect_error(
    client$chat$map("a", "m", engine = "batch"),
    class = "openai_batch_error"
  )
  expect_match(
    conditionMessage(error), "batch_1 failed: Enqueued token limit reached.",
    fixed = TRUE
  )
})

test_that("polling continues after a failed request", {
  server <- test_server()
  client <- test_client(server)
  server$reply(path = "/v1/batches/batch_1", status = 503, body = "{}")
  server$reply(path = "/v1/batches/batch_1", chunks = "", abort = "reset")
  answers <- client$chat$map("prompt 1", "m", engine = "batch")
  expect_identical(texts_of(answers), practice_texts("prompt 1"))
})

test_that("creating a batch is retried after the server fails", {
  server <- test_server()
  client <- test_client(server, max_retries = 2)
  # No batch with the name exists, so that the request is sent again.
  server$reply(path = "/v1/batches", status = 503, body = "{}",
    headers = c("Retry-After" = "0.01")
  )
  client$chat$map("prompt 1", "m", engine = "batch")
  expect_identical(calls_of(server), c(
    "POST /v1/files", "POST /v1/batches", "GET /v1/batches",
    "POST /v1/batches", "GET /v1/files/file-2/content"
  ))
})

test_that("a batch whose response was lost is found, not created twice", {
  server <- test_server()
  client <- test_client(server)
  # The name of the first batch of the journal.
  journal <- batch_journal()
  writeLines(
    '{"engine":"batch","version":1,"job":"0123456789abcdef"}', journal
  )
  name <- "openaistream-0123456789abcdef-1"
  path <- withr::local_tempfile(lines = paste0(
    '{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{',
    '"model":"m","messages":[{"role":"user","content":"prompt 7"}]}}'
  ))
  client$batches$create(
    input_file_id = client$files$upload(path, purpose = "batch")$id,
    endpoint = "/v1/chat/completions", completion_window = "24h",
    metadata = list(openaistream = name)
  )
  server$reply(path = "/v1/batches", chunks = "", abort = "reset")
  answers <- client$chat$map(
    "prompt 1", "m", engine = "batch", journal = journal
  )
  expect_identical(texts_of(answers), practice_texts("prompt 7"))
  expect_length(client$batches$list()$data$id, 1)
})

test_that("a table of answers by batches has their cost", {
  table_of <- function(client, ...) {
    answers <- client$chat$map(c("a", NA), "gpt-4o", ...)
    as.data.frame(answers)
  }
  by_batch <- table_of(test_client(test_server()), engine = "batch")
  direct <- table_of(test_client(test_server()))
  same <- c(".id", "text", "error", "model", "input_tokens", "output_tokens")
  expect_identical(by_batch[same], direct[same])
  expect_equal(by_batch$cost, direct$cost / 2)
  expect_identical(by_batch$attempts, c(NA, 0L))
})

test_that("a progress bar counts the completed requests of batches", {
  skip_if_not_installed("cli")
  server <- test_server(background_delay = 2)
  shown <- character()
  withCallingHandlers(
    test_client(server)$chat$map(
      batch_prompts, "m", engine = "batch", progress = TRUE
    ),
    cliMessage = function(message) NULL,
    message = function(message) {
      shown <<- c(shown, conditionMessage(message))
      invokeRestart("muffleMessage")
    }
  )
  expect_match(paste(shown, collapse = ""), "12/12", fixed = TRUE)
})

test_that("an error names the batches that continue", {
  server <- test_server(background_delay = 60)
  client <- test_client(server)
  server$reply(path = "/v1/batches/batch_1", status = 403, body = "{}")
  error <- expect_error(
    client$chat$map(batch_prompts, "m", engine = "batch", batch_size = 6),
    class = "openai_permission_error"
  )
  expect_identical(error$batches, c("batch_1", "batch_2"))
  expect_match(
    conditionMessage(error), "continues with the batches batch_1, batch_2",
    fixed = TRUE
  )
  expect_length(error$results, 12)
})

test_that("an interrupt ends the wait and returns the results so far", {
  skip_on_os("windows")
  server <- test_server(background_delay = 60)
  journal <- batch_journal()
  process <- callr::r_bg(
    function(url, prompts, journal) {
      library(openaistream)
      client <- openai$new("sk-test", base_url = url)
      warning <- NULL
      results <- withCallingHandlers(
        client$chat$map(prompts, "m", engine = "batch", journal = journal),
        openai_interrupted_warning = function(w) {
          warning <<- conditionMessage(w)
          invokeRestart("muffleWarning")
        }
      )
      list(results = results, warning = warning)
    },
    list(url = server$url, prompts = batch_prompts, journal = journal)
  )
  withr::defer(process$kill())
  wait_until(function() {
    last <- tail(server$requests(), 1)
    length(last) && grepl("^/v1/batches/batch_1", last[[1]]$target)
  }, 30)
  process$interrupt()
  process$wait(20000)
  returned <- process$get_result()
  expect_match(
    returned$warning, "batch_1; a run with the same journal", fixed = TRUE
  )
  is_cancelled <- vapply(
    returned$results, inherits, NA, "openai_cancelled_error"
  )
  expect_identical(is_cancelled, rep(TRUE, 12))
  client <- test_client(server)
  expect_identical(client$batches$retrieve("batch_1")$status, "validating")
})

test_that("embeddings by batches have the same values as by direct requests", {
  texts <- c(a = "one", b = NA, c = "three", d = strrep("x", 3e5))
  client <- test_client(test_server())
  direct <- test_client(test_server())
  embed <- function(client, ...) {
    client$embeddings$create("m", texts, as = "matrix", dimensions = 8, ...)
  }
  expect_identical(embed(client, engine = "batch"), embed(direct))
  expect_length(strsplit(batched_files(client), "\n")[[1]], 2)
  expect_identical(
    client$embeddings$create("m", c("a", "b"), engine = "batch"),
    direct$embeddings$create("m", c("a", "b"))
  )
  promised <- settled(client$embeddings$create_async(
    "m", texts, as = "matrix", dimensions = 8, engine = "batch"
  ))$value
  expect_identical(promised, embed(direct))
})

test_that("`batch_size` limits the inputs of a batch of embeddings", {
  client <- test_client(test_server())
  texts <- as.character(seq_len(5000))
  vectors <- client$embeddings$create(
    "m", texts, as = "matrix", dimensions = 2, engine = "batch",
    batch_size = 4096
  )
  expect_identical(dim(vectors), c(5000L, 2L))
  counts <- client$batches$list()$data$request_counts
  expect_identical(counts$total, c(1L, 2L))
})

test_that("failed embeddings by batches behave like a failed call", {
  client <- test_client(test_server())
  value <- failed_call(
    client$embeddings$create("m", "a", dimensions = -1, engine = "batch")
  )
  expect_identical(value$status, 400L)
  expect_error(
    client$embeddings$create(
      "m", "a", dimensions = -1, engine = "batch", as = "matrix"
    ),
    class = "openai_bad_request_error"
  )
})

test_that("requests in batches are counted at the price of batches", {
  client <- test_client(test_server())
  model <- "gpt-4o"
  for (engine in c("direct", "batch")) {
    client$chat$map(batch_prompts, model, engine = engine)
  }
  used <- client$usage()
  expect_identical(used$requests, 24)
  direct <- test_client(test_server())
  direct$chat$map(batch_prompts, model)
  expect_equal(used$cost, 1.5 * direct$usage()$cost)
})

test_that("invalid arguments are rejected before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  refuse <- function(message, ...) {
    error <- expect_error(
      client$chat$map("a", "m", ...), class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), message, fixed = TRUE)
  }
  refuse("`engine` must be", engine = "slow")
  refuse("`batch_size` must be", engine = "batch", batch_size = 50001)
  refuse("`batch_size` must be", engine = "batch", batch_size = 1.5)
  refuse("`batch_size` must be", engine = "batch", batch_size = 0)
  refuse("`rpm` is not for", engine = "batch", rpm = 10)
  refuse("`tpm` is not for", engine = "batch", tpm = 10)
  refuse("Request 1", engine = "batch", temperature = as.name("x"))
  expect_error(
    client$embeddings$create("m", "a", journal = "x"),
    "engine = \"batch\"",
    class = "openai_argument_error", fixed = TRUE
  )
  expect_length(server$requests(), 0)
})

test_that("temporary files of a run are removed", {
  before <- list.files(tempdir())
  client <- test_client(test_server())
  client$chat$map(batch_prompts, "m", engine = "batch", batch_size = 5)
  expect_identical(setdiff(list.files(tempdir()), before), character())
})
