# Encodings that are requested, and responses, of embeddings as a matrix.

test_that("base64 is requested from OpenAI, unless `encoding_format` is set", {
  server <- test_server()
  client <- openai_client(server)
  texts <- c("a", "b")
  by_default <- embed(client, texts)
  floats <- embed(client, texts, encoding_format = "float")
  client$embeddings$create("text-embedding-3-small", texts)
  expect_identical(
    lapply(sent_bodies(server), `[[`, "encoding_format"),
    list("base64", "float", NULL)
  )
  expect_equal(by_default, floats, tolerance = 1e-7)
  expect_identical(dim(by_default), c(2L, 1536L))
})

test_that("only OpenAI's own hosts are recognised as OpenAI", {
  is_openai <- function(url) {
    api_config$new(base_url = url)$is_openai()
  }
  for (url in c(
    "https://api.openai.com/v1", "https://API.openai.com",
    "https://eu.api.openai.com/v1", "http://api.openai.com:80/v1"
  )) {
    expect_true(is_openai(url), label = url)
  }
  for (url in c(
    "https://api.openai.com.example/v1", "https://notapi.openai.com/v1",
    "https://example.org/api.openai.com/", "http://127.0.0.1:80/v1"
  )) {
    expect_false(is_openai(url), label = url)
  }
})

test_that("floats are requested from a server that rejects base64", {
  refusals <- c(
    '{"error":{"message":"Unknown value.","param":"encoding_format"}}',
    '{"error":{"message":"base64 is not supported"}}',
    '{"detail":[{"loc":["body","encoding_format"],"msg":"extra"}]}'
  )
  for (body in refusals) {
    server <- test_server()
    server$reply(status = 422, body = body)
    matrix <- embed(openai_client(server), "a", dimensions = 2)
    expect_identical(dim(matrix), c(1L, 2L))
    expect_identical(
      lapply(sent_bodies(server), `[[`, "encoding_format"),
      list("base64", NULL)
    )
  }
})

test_that("an explicit encoding is not replaced, nor one after another error", {
  refusal <- '{"error":{"message":"No base64 here."}}'
  server <- test_server()
  server$reply(status = 400, body = refusal)
  client <- openai_client(server, on_error = "return")
  failed <- failed_call(embed(client, "a", encoding_format = "base64"))
  expect_false(failed$success)
  expect_length(server$requests(), 1)

  # Other errors do not change the encoding.
  server <- test_server()
  server$reply(status = 400, body = '{"error":{"message":"Too long."}}')
  client <- openai_client(server, on_error = "return")
  failed <- failed_call(embed(client, "a"))
  expect_match(failed$message, "Too long.", fixed = TRUE)
  expect_length(server$requests(), 1)
})

test_that("an answer that is not one vector for each input is an error", {
  cases <- list(
    list("1 embeddings for 2 inputs, but none with index 1", "[1]"),
    list("not a whole number of 32-bit floats", c("\"AACAPwA=\"", "[1]")),
    list("is not valid base64", c("\"AAC?\"", "[1]")),
    list(
      "index 1 has 1 numbers, but the one with index 0 has 2",
      c("[1,2]", "[1]")
    ),
    list("index 1\\[0\\] is not a number", c("[1]", "[null]"))
  )
  for (case in cases) {
    error <- expect_error(
      embedded(embeddings_answer(case[[2]])),
      class = "openai_response_error"
    )
    expect_match(conditionMessage(error), case[[1]])
  }
  for (index in list(c(0, 0), c(0, 2), c("0", "null"))) {
    error <- expect_error(
      embedded(embeddings_answer(c("[1]", "[1]"), index)),
      class = "openai_response_error"
    )
    expect_match(conditionMessage(error), "index")
  }
  error <- expect_error(embedded("[]"), class = "openai_response_error")
  expect_match(conditionMessage(error), "no array `data`", fixed = TRUE)
})

test_that("embeddings of different lengths are an error", {
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  inputs <- strrep("a", c(300000, 300000))
  server$reply(body = embeddings_answer("[1,2]"))
  server$reply(body = embeddings_answer("[1]"))
  error <- expect_error(
    embed(client, inputs),
    class = "openai_response_error"
  )
  expect_match(
    conditionMessage(error),
    "of one response have [12] numbers, but those of another"
  )
})

test_that("one failed request fails the call and cancels the others", {
  server <- test_server()
  client <- test_client(server, on_error = "return")
  server$reply(status = 400, body = '{"error":{"message":"Not so."}}')
  server$reply(chunks = "x", abort = "stall", times = 3)
  failed <- failed_call(embed(client, strrep("a", rep(300000, 9))))
  expect_false(failed$success)
  expect_identical(failed$status, 400L)
  expect_match(failed$message, "Not so. This was the request for inputs [1-4] ")
  # Four requests are sent at a time, and none after the failure.
  wait_until(function() {
    requests <- server$requests()
    closed <- vapply(requests, function(x) !is.null(x$closed_at), NA)
    sum(closed) == length(requests) - 1
  })
  expect_lte(length(server$requests()), 4)
})

test_that("create_async() returns a promise of a matrix", {
  skip_if_not_installed("later")
  skip_if_not_installed("promises")
  server <- test_server()
  client <- test_client(server)
  matrix <- value_of(client$embeddings$create_async(
    "text-embedding-3-small", c(x = "a", y = "b"),
    dimensions = 3, as = "matrix"
  ))
  expect_identical(matrix, embed(client, c(x = "a", y = "b"), dimensions = 3))

  server$reply(body = embeddings_answer("[1]"))
  rejected <- settled(
    client$embeddings$create_async("m", c("a", "b"), as = "matrix")
  )
  expect_s3_class(rejected$error, "openai_response_error")
})
