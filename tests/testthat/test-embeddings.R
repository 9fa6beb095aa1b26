# Embeddings as a matrix.

test_that("the rows of a matrix are the embeddings of the list", {
  server <- test_server()
  client <- test_client(server)
  texts <- c("a cat", "a dog", "the law")

  matrix <- embed(client, texts, dimensions = 7)
  list <- client$embeddings$create(
    "text-embedding-3-small", texts,
    dimensions = 7
  )

  expected <- do.call(rbind, list$data$embedding)
  attr(expected, "model") <- list$model
  attr(expected, "usage") <- list$usage
  expect_identical(matrix, expected)
  expect_identical(dim(matrix), c(3L, 7L))
  expect_null(sent_bodies(server)[[1]]$encoding_format)
})

test_that("base64 is decoded to the numbers that jsonlite decodes", {
  skip_if_not_installed("jsonlite")
  server <- test_server()
  client <- test_client(server)
  texts <- paste("text", 1:40)

  matrix <- embed(client, texts, encoding_format = "base64")
  encoded <- client$embeddings$create(
    "text-embedding-3-small", texts,
    encoding_format = "base64"
  )$data$embedding

  expect_type(encoded, "character")
  decoded <- t(vapply(encoded, function(text) {
    readBin(jsonlite::base64_dec(text), "double", 1536, 4, endian = "little")
  }, numeric(1536), USE.NAMES = FALSE))
  attributes(matrix) <- attributes(matrix)["dim"]
  expect_identical(matrix, decoded)
  expect_equal(rowSums(matrix^2), rep(1, 40), tolerance = 1e-6)
})

test_that("openai-python returns the same numbers", {
  python <- Sys.getenv("OPENAISTREAM_PYTHON")
  skip_if(!nzchar(python), "OPENAISTREAM_PYTHON is not set")
  skip_if_not_installed("jsonlite")
  server <- test_server()
  matrix <- embed(
    test_client(server), c("a", "b"),
    dimensions = 5, encoding_format = "base64"
  )

  script <- paste(
    "import json, openai, sys",
    "client = openai.OpenAI(api_key='sk-python', base_url=sys.argv[1])",
    "answer = client.embeddings.create(",
    "    model='text-embedding-3-small', input=['a', 'b'], dimensions=5)",
    "print(json.dumps([vector.embedding for vector in answer.data]))",
    sep = "\n"
  )
  output <- system2(
    python, c("-c", shQuote(script), server$url),
    stdout = TRUE, stderr = TRUE,
    # With R's library path, Python would load libraries other than its own.
    env = "LD_LIBRARY_PATH="
  )

  expect_identical(sent_bodies(server)[[2]]$encoding_format, "base64")
  attributes(matrix) <- attributes(matrix)["dim"]
  expect_identical(matrix, jsonlite::fromJSON(output))
})

test_that("NaN, infinities and negative zero keep their bits", {
  skip_if_not_installed("jsonlite")
  bits <- as.raw(c(
    0x23, 0x01, 0xC0, 0x7F, 0, 0, 0x80, 0xFF, 0, 0, 0, 0x80, 1, 0, 0, 0
  ))
  encoded <- dQuote(jsonlite::base64_enc(bits), FALSE)
  row <- embedded(embeddings_answer(encoded), "a")[1, ]
  expected <- readBin(bits, "double", 4, 4, endian = "little")
  expect_identical(
    writeBin(row, raw()), writeBin(expected, raw())
  )
})

test_that("rows have the order and the names of the inputs", {
  matrix <- embedded(
    embeddings_answer(c("[3,4]", "\"AACAPwAAAEA=\""), index = 1:0),
    setNames(c("a", "b"), c("first", "zw\u00f6lf"))
  )
  expect_identical(
    matrix,
    structure(
      rbind(c(1, 2), c(3, 4)),
      dimnames = list(c("first", "zw\u00f6lf"), NULL),
      model = "m", usage = list(total_tokens = 3L)
    )
  )
  expect_identical(names(attributes(embedded(
    embeddings_answer(c("[1]", "[2]"))
  ))), c("dim", "model", "usage"))
})

test_that("thousands of inputs are split into requests of 2,048, in order", {
  server <- test_server()
  client <- test_client(server)
  texts <- paste("text", seq_len(5000))

  matrix <- embed(client, texts, dimensions = 3)

  bodies <- sent_bodies(server)
  sizes <- vapply(bodies, function(body) length(body$input), 1L)
  expect_identical(sort(sizes), c(904L, 2048L, 2048L))
  rows <- c(1, 2048, 2049, 4096, 4097, 5000)
  separate <- embed(client, texts[rows], dimensions = 3)
  expect_identical(matrix[rows, ], separate[seq_along(rows), ])
  tokens <- attr(matrix, "usage")$total_tokens
  expect_identical(tokens, 5000L * attr(separate, "usage")$total_tokens %/% 6L)
})

test_that("a request has at most 300,000 tokens", {
  server <- test_server()
  client <- test_client(server)
  input_sizes <- function() {
    sizes <- vapply(sent_bodies(server), function(x) length(x$input), 1L)
    sort(sizes)
  }

  text <- paste(rep("The shop opens at half past seven.", 15), collapse = " ")
  embed(client, rep(text, 1400), dimensions = 2)
  bytes <- 1400 * nchar(text)
  expect_gt(bytes, 2 * 300000)
  expect_length(input_sizes(), 1)

  # An input that may be too large is sent alone.
  server <- test_server()
  client <- test_client(server)
  embed(client, c("a", strrep("b", 400000), "c"), dimensions = 2)
  expect_identical(input_sizes(), c(1L, 1L, 1L))

  server <- test_server()
  client <- test_client(server)
  embed(client, rep(list(seq_len(100000)), 4), dimensions = 2)
  expect_identical(input_sizes(), c(1L, 3L))
})

test_that("a request that is rejected as too large is sent in halves", {
  server <- test_server()
  client <- test_client(server)
  texts <- c(paste("text", seq_len(7)), "a \"quoted\" \u00e9")
  expected <- embed(client, texts, dimensions = 2)
  refusal <- paste0(
    '{"error":{"message":"Requested 300001 tokens, max 300000 tokens per ',
    'request","type":"max_tokens_per_request","param":null,',
    '"code":"max_tokens_per_request"}}'
  )
  server$reply(status = 400, body = refusal, times = 2)
  matrix <- embed(client, texts, dimensions = 2)
  expect_identical(matrix[, ], expected[, ])
  expect_identical(attr(matrix, "usage"), attr(expected, "usage"))
  sizes <- vapply(sent_bodies(server), function(x) length(x$input), 1L)
  # The second refusal is for one of the halves.
  expect_identical(sort(sizes[-1]), c(2L, 2L, 4L, 4L, 8L))

  # A single input that is too large fails.
  server$reply(status = 400, body = refusal, times = 3)
  failed <- expect_error(embed(client, texts[1:2]), "tokens per request")
  expect_match(conditionMessage(failed), "the request for inputs [12] to [12]")

  # The practice server, which counts each punctuation mark, has the limit, too.
  many <- paste(seq_len(40), strrep(".a!b", 6000))
  matrix <- embed(client, many, dimensions = 2)
  expect_identical(
    matrix[c(1, 20, 40), ],
    embed(client, many[c(1, 20, 40)], dimensions = 2)[, ]
  )
})

test_that("inputs are strings or token ids, and are sent as arrays", {
  server <- test_server()
  client <- test_client(server)
  by_input <- lapply(
    list("a", list("a", "b"), list(1L, c(2, 3)), c(7L, 8L)),
    function(input) dim(embed(client, input, dimensions = 2))
  )
  expect_identical(by_input, list(c(1L, 2L), c(2L, 2L), c(2L, 2L), c(1L, 2L)))
  expect_identical(
    lapply(sent_bodies(server), `[[`, "input"),
    list(
      list("a"), list("a", "b"), list(list(1L), list(2L, 3L)),
      list(list(7L, 8L))
    )
  )
})

test_that("the labels of a factor are sent", {
  server <- test_server()
  embed(test_client(server), factor(c("b", "a", "b")))
  expect_identical(sent_bodies(server)[[1]]$input, list("b", "a", "b"))
})

test_that("invalid input is rejected before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  for (input in list(
    NULL, NA_character_, character(), list(), list("a", 1), TRUE,
    list(-1), list(1.5), list(character())
  )) {
    expect_error(
      embed(client, input), "`input` must",
      class = "openai_argument_error"
    )
  }
  expect_error(
    embed(client, list(1, NA, TRUE)), "but its element 3 is TRUE.",
    fixed = TRUE
  )
  expect_error(
    client$embeddings$create("m", "a", as = "data.frame"),
    "`as` must be \"list\" or \"matrix\", not \"data.frame\"",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})

test_that("a missing text has a row of NA, and is not sent", {
  server <- test_server()
  client <- test_client(server)
  texts <- c(a = "one", b = NA, c = "two")
  matrix <- embed(client, texts, dimensions = 4)
  without_missing <- embed(client, texts[-2], dimensions = 4)
  expect_identical(matrix[c("a", "c"), ], without_missing[, ])
  expect_identical(matrix["b", ], rep(NA_real_, 4))
  expect_identical(rownames(matrix), names(texts))
  for (name in c("model", "usage")) {
    expect_identical(attr(matrix, name), attr(without_missing, name))
  }
  expect_identical(sent_bodies(server)[[1]]$input, list("one", "two"))
  expect_identical(
    rowSums(is.na(embed(client, list(1:3, NA, 4), dimensions = 4))), c(0, 4, 0)
  )
  expect_identical(dim(embed(client, list(NA, "x"), dimensions = 4)), c(2L, 4L))
  expect_error(
    embed(client, c(NA_character_, NA)), "that is not NA",
    class = "openai_argument_error"
  )
  expect_error(
    client$embeddings$create("m", c("a", NA)), "NA at its element 2",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 4)
})
