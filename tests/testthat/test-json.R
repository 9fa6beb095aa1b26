# JSON of requests and responses, compared with jsonlite, over a real socket.

count <- 2000

# Whether two JSON texts have the same value. Older versions of jsonlite write
# only 15 digits of a number, so that no more are compared. jsonlite writes "NA"
# for a missing number, which the package sends as `null`.
same_json <- function(x, y) {
  parse <- function(text) {
    with_null(jsonlite::fromJSON(text, simplifyVector = FALSE))
  }
  isTRUE(all.equal(parse(x), parse(y), tolerance = 1e-14))
}

with_null <- function(value) {
  if (is.list(value)) {
    lapply(value, with_null)
  } else if (!identical(value, "NA")) {
    value
  }
}

test_that("random responses are parsed to the values that jsonlite returns", {
  seed <- local_random_seed()
  server <- test_server()
  client <- test_client(server)
  for (i in seq_len(count)) {
    text <- random_json()
    text <- paste0("{\"id\":\"x\",\"value\":", text, "}")
    server$reply(body = text)
    value <- client$models$retrieve("x")
    expected <- suppressWarnings(jsonlite::fromJSON(text))
    if (!identical(value, expected)) {
      fail(paste0("Seed ", seed, ", document ", i, ": ", text))
      return()
    }
  }
  succeed()
})

test_that("a data frame that several threads parse is that of jsonlite", {
  record <- function(i) {
    json_object(
      c(
        "id", "text", "escaped", "number", "mixed", "flag", "special",
        "tiny", "nested", "vectors", "sometimes", "_row"
      ),
      c(
        i, '"plain"', json_string(paste0("\u00e9\n", i)), i / 7,
        if (i %% 2) i else '"two"', if (i %% 3) "true" else "null",
        if (i %% 5) '"NaN"' else '"NA"', -2147483648 - i %% 2,
        sprintf('{"a":%d,"b":{"c":["x",%d]}}', i, i), sprintf("[%d,0.5]", i),
        if (i %% 4) '"here"' else "null", sprintf('"row %d"', i)
      )
    )
  }
  text <- json_array(vapply(1:6000, record, ""))
  server <- test_server()
  text <- paste0("{\"id\":\"x\",\"value\":", text, "}")
  server$reply(body = text)
  value <- test_client(server)$models$retrieve("x")
  expect_identical(value, jsonlite::fromJSON(text))
})

test_that("random values are sent as the JSON that jsonlite writes", {
  seed <- local_random_seed()
  server <- test_server()
  client <- test_client(server)
  server$reply(body = any_answer, times = count)
  values <- lapply(seq_len(count), function(i) random_r_value())
  for (value in values) {
    client$moderations$create(input = value)
  }
  sent <- lapply(server$requests(), `[[`, "body")
  for (i in seq_len(count)) {
    expected <- jsonlite::toJSON(
      list(input = values[[i]]), auto_unbox = TRUE, digits = 22, null = "null"
    )
    if (!same_json(sent[[i]], expected)) {
      fail(paste0(
        "Seed ", seed, ", value ", i, ": ", sent[[i]], " is not ", expected
      ))
      return()
    }
  }
  succeed()
})

test_that("numbers are sent with all digits", {
  seed <- local_random_seed()
  server <- test_server()
  numbers <- c(
    rnorm(500) * 10^sample(-300:300, 500, TRUE), .Machine$double.xmax,
    .Machine$double.xmin, 5e-324, 1 / 3, 0.1, 2^53 + 2, 1e22, 1e23, 123456789
  )
  failed_call(test_client(server)$moderations$create(input = numbers))
  sent <- jsonlite::fromJSON(server$requests()[[1]]$body)$input
  expect_identical(as.double(sent), numbers, info = paste("Seed", seed))
})

test_that("responses and requests are in UTF-8, whatever R's encoding is", {
  server <- test_server()
  server$reply(body = '{"id":"\\u00e4\\ud83d\\ude00\u2600"}')
  client <- test_client(server)
  id <- client$models$retrieve("x")$id
  expect_identical(id, "\u00e4\U1F600\u2600")
  expect_identical(Encoding(id), "UTF-8")
  client$moderations$create(iconv("\u00e4", "UTF-8", "latin1"))
  expect_identical(server$requests()[[2]]$body, "{\"input\":\"\u00e4\"}")
})
