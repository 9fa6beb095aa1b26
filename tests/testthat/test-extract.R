# client$extract(): adds answers to a data frame as further columns.

reviews <- function() {
  data.frame(
    text = c("I love it", "Never again", NA, "Fine"), stars = c(5, 1, 3, NA)
  )
}

mood <- list(mood = type_enum(c("good", "bad")), score = integer())

# Queues a response with this text.
response_reply <- function(server, text, ...) {
  content <- list(list(type = "output_text", text = text))
  server$reply(body = as.character(jsonlite::toJSON(list(
    id = "resp_1", object = "response", status = "completed", model = "m",
    output = list(list(
      type = "message", role = "assistant", content = content
    ))
  ), auto_unbox = TRUE)), ...)
}

test_that("a prompt is sent for each row, and its answer is in that row", {
  local_prices()
  server <- test_server()
  response_reply(server, '{"mood":"good","score":9}')
  response_reply(server, '{"mood":"bad","score":1}')
  response_reply(server, '{"mood":"good","score":6}')
  data <- reviews()
  table <- test_client(server)$extract(
    data, "Classify: {text}", mood, "m",
    max_active = 1
  )
  expect_identical(
    sent_prompts(server), paste("Classify:", data$text[c(1, 2, 4)])
  )
  expect_identical(table[1:2], data)
  expect_identical(
    table$mood, factor(c("good", "bad", NA, "good"), c("good", "bad"))
  )
  expect_identical(table$score, c(9L, 1L, NA, 6L))
  expect_named(table, c(
    "text", "stars", "mood", "score", "error", "model", "input_tokens",
    "output_tokens", "cost", "seconds", "attempts"
  ))
  expect_identical(table$attempts, c(1L, 1L, 0L, 1L))
  format <- sent_bodies(server)[[1]]$text$format
  expect_identical(format$type, "json_schema")
})

test_that("without a schema the answer is a text; `api` chooses the API", {
  local_prices()
  server <- test_server()
  data <- data.frame(river = c("Rhine", "Elbe"), row.names = c("a", "b"))
  table <- test_client(server)$extract(
    data, "Where is the {river}?", NULL, "m",
    api = "chat", system = "Be short."
  )
  expect_match(table$text, "You wrote: \"Where is the (Rhine|Elbe)[?]\"")
  expect_identical(row.names(table), c("a", "b"))
  expect_length(sent_messages(server)[[1]], 2)
  # A second question about the same rows.
  table <- test_client(server)$extract(
    table, "How long is the {river}?", NULL, "m",
    prefix = "length_"
  )
  expect_match(table$length_text[[2]], "How long is the Elbe?", fixed = TRUE)
  expect_length(table, 1 + 8 + 8)
})

test_that("failed rows have NA and an error, and are sent again", {
  local_prices()
  server <- test_server()
  response_reply(server, '{"mood":"good","score":9}')
  server$reply(status = 404, body = '{"error":{"message":"No such model."}}')
  response_reply(server, "no json")
  client <- test_client(server)
  journal <- withr::local_tempfile()
  extract <- function() {
    client$extract(reviews(), "Classify: {text}", mood, "m",
      max_active = 1, journal = journal
    )
  }
  warnings <- capture_warnings(table <- extract())
  expect_match(
    warnings,
    "1 of 4 rows failed; the column `error` contains the messages. Row 2:",
    all = FALSE
  )
  expect_identical(table$score, c(9L, NA, NA, NA))
  expect_match(table$error[[2]], "No such model.")
  expect_match(table$error[[4]], "could not be parsed")
  expect_identical(is.na(table$error), c(TRUE, FALSE, TRUE, FALSE))

  response_reply(server, '{"mood":"bad","score":1}')
  response_reply(server, '{"mood":"good","score":6}')
  expect_silent(table <- extract())
  expect_identical(table$score, c(9L, 1L, NA, 6L))
  expect_identical(table$attempts, c(0L, 1L, 0L, 1L))
  expect_identical(sent_prompts(server)[4:5], c(
    "Classify: Never again", "Classify: Fine"
  ))

  server$reply(status = 404, body = "{}")
  expect_error(
    client$extract(data.frame(a = "x"), "{a}", mood, "m", on_error = "stop"),
    class = "openai_not_found_error"
  )
})

test_that("tibbles and data.tables keep their class", {
  local_prices()
  server <- test_server()
  client <- test_client(server)
  extract <- function(data) client$extract(data, "{text}?", mood, "m")
  plain <- extract(reviews()[c("text", "stars")][1:2, ])
  for (package in c("tibble", "data.table")) {
    skip_if_not_installed(package)
    convert <- switch(package,
      tibble = tibble::as_tibble,
      data.table = data.table::as.data.table
    )
    data <- convert(reviews()[1:2, ])
    before <- class(data)
    table <- extract(data)
    expect_identical(class(table), before)
    same <- setdiff(names(plain), "seconds")
    expect_equal(
      as.data.frame(table)[same], plain[same],
      ignore_attr = "row.names"
    )
    # The argument is not changed.
    expect_named(data, c("text", "stars"))
  }
  if (package == "data.table") {
    expect_silent(data.table::set(table, j = "new", value = 1:2))
    expect_identical(table$new, 1:2)
  }
})

test_that("arrays and objects are columns of data frames and tibbles", {
  local_prices()
  server <- test_server()
  client <- test_client(server)
  schema <- list(tags = list(""), at = list(lat = 1), rows = data.frame(x = 1))
  converters <- list(identity)
  if (requireNamespace("tibble", quietly = TRUE)) {
    converters <- c(converters, tibble::as_tibble)
  }
  for (convert in converters) {
    for (replies in list(c("a", "b"), character())) {
      for (tag in replies) {
        response_reply(server, sprintf(paste0(
          '{"tags":["%s","x"],"at":{"lat":2},"rows":[{"x":1},{"x":2}]}'
        ), tag))
      }
      data <- convert(data.frame(id = seq_along(replies)))
      table <- client$extract(data, "{id}", schema, "m", max_active = 1)
      expect_identical(nrow(table), length(replies))
      expect_identical(table$tags, lapply(replies, c, "x"))
      expect_identical(table$at.lat, rep(2, length(replies)))
      expect_identical(
        table$rows, lapply(replies, function(tag) data.frame(x = c(1, 2)))
      )
    }
  }
})

test_that("braces work as in glue, and values are inserted unchanged", {
  data <- data.frame(
    text = c("a {b} \\ {{c}}", "x"), n = c(100000, 0.1 + 0.2),
    i = c(100000L, 2L), f = factor(c("p", "q")),
    d = as.Date(c("2024-02-29", NA)),
    ok = c(TRUE, FALSE), check.names = FALSE, "my column" = c("m", "n")
  )
  fill <- function(template) fill_template(template, data)
  expect_identical(fill("{text}"), data$text)
  expect_identical(fill("{n}|{i}|{ok}"), c("100000|100000|TRUE", "0.3|2|FALSE"))
  expect_identical(fill("{f} {d}."), c("p 2024-02-29.", NA))
  expect_identical(fill("{ my column }{`my column`}"), c("mm", "nn"))
  expect_identical(fill("{{\"a\": {i}}}"), c("{\"a\": 100000}", "{\"a\": 2}"))
  expect_identical(fill("{{{f}}} {{{{"), c("{p} {{", "{q} {{"))
  expect_identical(fill("{f} } \u00e9"), c("p } \u00e9", "q } \u00e9"))
  expect_identical(fill_template("{text}!", data[0, ]), character())
  skip_if_not_installed("glue")
  glue_data <- getExportedValue("glue", "glue_data")
  templates <- c("{f}", "{{{f}}}", "{{f}} {i}", "a}}b{f}", "{ok}{f}{{", "} {f}")
  for (template in templates) {
    glued <- as.character(glue_data(data, template, .trim = FALSE))
    expect_identical(fill(template), rep_len(glued, 2))
  }
})

test_that("invalid arguments are rejected before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  refused <- function(..., data = reviews(), prompt = "{text}", schema = mood,
                      model = "m") {
    conditionMessage(expect_error(
      client$extract(data, prompt, schema, model, ...),
      class = "openai_argument_error"
    ))
  }
  message <- refused(prompt = "Classify: {tekst}")
  expect_match(
    message, "`prompt` contains {tekst}, which is not a column",
    fixed = TRUE
  )
  expect_match(message, "its columns are `text`, `stars`", fixed = TRUE)
  for (code in c("{toupper(text)}", "{text[1]}", "{}", "{stop('ran')}")) {
    expect_match(refused(prompt = code), "is not a column")
  }
  expect_match(
    refused(prompt = "{text} {"), "`{` that is never closed",
    fixed = TRUE
  )
  expect_match(refused(prompt = "Classify."), "contains no column")
  expect_match(refused(prompt = c("{text}", "b")), "`prompt` must be one")
  expect_match(refused(prompt = NULL), "`prompt` must be one")
  expect_match(refused(data = list(text = "a")), "`data` must be a data frame")
  nested <- reviews()
  nested$text <- as.list(nested$text)
  expect_match(refused(data = nested), "The column `text` must be a vector")

  expect_match(refused(schema = type_array(type_string())), "must be an object")
  expect_match(refused(schema = "a string"), "`schema` must be a type")
  expect_match(refused(schema = list(a = mean)), "`a` must be a type")
  expect_match(
    refused(text = json_schema(mood), schema = NULL), "pass it as `schema`"
  )

  expect_match(
    refused(schema = list(stars = 1)), "would replace: `stars`", fixed = TRUE
  )
  expect_match(refused(schema = NULL), "would replace: `text`", fixed = TRUE)
  expect_match(
    refused(data = data.frame(text = "a", error = "b", cost = 1)),
    "would replace: `error`, `cost`. Rename the new columns"
  )
  expect_match(refused(prefix = NA), "`prefix` must be one string")
  expect_match(refused(api = "completions"), "`api` must be")
  expect_match(refused(max_active = 0), "max_active")
  expect_match(refused(stream = TRUE), "stream")
  expect_length(server$requests(), 0)
})

test_that("an error before anything is sent names the row", {
  server <- test_server()
  client <- test_client(server)
  data <- data.frame(text = c(NA, "Fine", NA, "caf\xe9"))
  journal <- withr::local_tempfile()
  refuse <- function(...) {
    error <- expect_error(
      client$extract(data, "{text}", mood, "m", ...),
      class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), "Request 4: ", fixed = TRUE)
  }
  refuse()
  refuse(estimate = TRUE)
  refuse(engine = "batch", journal = journal)
  expect_length(server$requests(), 0)
})

test_that("extract_async() returns a promise of the same data frame", {
  local_prices()
  server <- test_server()
  client <- test_client(server)
  data <- reviews()
  table <- value_of(client$extract_async(data, "{text}", mood, "m"))
  same <- setdiff(names(table), "seconds")
  expect_identical(table[same], client$extract(data, "{text}", mood, "m")[same])
  failed <- settled(client$extract_async(data, "{tekst}", mood, "m"))
  expect_s3_class(failed$error, "openai_argument_error")
})
