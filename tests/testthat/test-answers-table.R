# as.data.frame() of what map() and parallel() return.

# Queues a chat answer with this text, from a model with a known price.
chat_reply <- function(server, text, ..., usage = list(
                         prompt_tokens = 1000, completion_tokens = 100
                       )) {
  message <- list(role = "assistant", content = text)
  server$reply(body = as.character(jsonlite::toJSON(
    list(
      model = "priced", usage = usage,
      choices = list(list(index = 0, message = message, finish_reason = "stop"))
    ),
    auto_unbox = TRUE, null = "null"
  )), ...)
}

test_that("each prompt is one row, in order", {
  local_prices()
  server <- test_server()
  chat_reply(server, "Hot.")
  server$reply(status = 404, body = '{"error":{"message":"No such model."}}')
  chat_reply(server, NULL)
  answers <- test_client(server)$chat$map(
    c(sun = "Sun?", none = NA, moon = "Moon?", mars = "Mars?"), "priced",
    max_active = 1, on_error = "return"
  )
  table <- as.data.frame(answers)
  expect_identical(table[-8], data.frame(
    .id = c("sun", "none", "moon", "mars"), text = c("Hot.", NA, NA, NA),
    error = c(NA, NA, conditionMessage(answers$moon), NA),
    model = c("priced", NA, NA, "priced"),
    input_tokens = c(1000, NA, NA, 1000), output_tokens = c(100, NA, NA, 100),
    cost = c(0.002, NA, NA, 0.002), attempts = c(1L, 0L, 1L, 1L)
  ))
  expect_match(table$error[[3]], "No such model.")
  expect_identical(is.na(table$seconds), c(FALSE, TRUE, FALSE, FALSE))
  expect_true(all(table$seconds > 0, na.rm = TRUE))
})

test_that("rows are numbered if prompts have no names", {
  local_prices()
  server <- test_server()
  table <- as.data.frame(test_client(server)$responses$map(letters[1:5], "m"))
  expect_identical(table$.id, 1:5)
  expect_match(table$text, "You wrote: \"[a-e]\"")
  expect_identical(table$model, rep("m", 5))
  expect_false(anyNA(table[c("input_tokens", "output_tokens", "cost")]))
  expect_identical(dim(as.data.frame(test_client(server)$chat$map(
    character(), "m"
  ))), c(0L, 9L))
})

test_that("attempts and seconds include retries, but not a journal", {
  local_prices()
  server <- test_server()
  server$reply(status = 503, headers = c("Retry-After-Ms" = "200"))
  client <- test_client(server, max_retries = 2)
  journal <- withr::local_tempfile()
  first <- client$chat$map(c("a", "b"), "m", max_active = 1, journal = journal)
  table <- as.data.frame(first)
  expect_identical(table$attempts, c(2L, 1L))
  expect_gt(table$seconds[[1]], 0.2)
  again <- as.data.frame(client$chat$map(c("a", "b"), "m", journal = journal))
  expect_identical(again$attempts, c(0L, 0L))
  expect_identical(again$seconds, c(NA_real_, NA))
  same <- setdiff(names(table), c("seconds", "attempts"))
  expect_identical(again[same], table[same])
})

test_that("each field of a schema is a typed column", {
  local_prices()
  server <- test_server()
  chat_reply(server, paste0(
    '{"name":"Rhine","km":1233,"long":true,"kind":"river","m":0.5,',
    '"big":3000000000,"at":{"lat":50,"in":{"country":"DE"}},',
    '"cities":["Basel"],"rows":[{"x":1},{"x":2}]}'
  ))
  chat_reply(server, "no json")
  chat_reply(server, paste0(
    '{"name":"","km":1094,"long":null,"kind":"lake","m":1,"big":1,"at":null,',
    '"cities":[],"rows":[]}'
  ))
  type <- type_object(
    name = type_string(), km = integer(), long = type_boolean(required = FALSE),
    kind = type_enum(c("lake", "river")), m = numeric(), big = integer(),
    at = type_object(
      lat = numeric(), `in` = list(country = ""), .required = FALSE
    ),
    cities = list(""), rows = data.frame(x = integer())
  )
  suppressWarnings(answers <- test_client(server)$chat$map(
    c("a", "b", "c"), "priced",
    max_active = 1, response_format = json_schema(type)
  ))
  table <- as.data.frame(answers)
  expect_identical(as.list(table[2:11]), list(
    name = c("Rhine", NA, ""), km = c(1233L, NA, 1094L),
    long = c(TRUE, NA, NA),
    kind = factor(c("river", NA, "lake"), c("lake", "river")),
    m = c(0.5, NA, 1), big = c(3e9, NA, 1), at.lat = c(50, NA, NA),
    at.in.country = c("DE", NA, NA), cities = list("Basel", NULL, character()),
    rows = list(data.frame(x = 1:2), NULL, data.frame(x = integer()))
  ))
  expect_match(table$error[[2]], "The answer could not be parsed: invalid JSON")
  expect_identical(is.na(table$error), c(TRUE, FALSE, TRUE))
})

# Three bugs of ellmer's parallel_chat_structured() (its issues 684, 754, 1129).
test_that("all rows are kept if arrays have different lengths", {
  local_prices()
  server <- test_server()
  lengths <- c(2, 2, 0, 3, 1)
  people <- lapply(lengths, function(count) {
    data.frame(name = letters[seq_len(count)], age = 30L + seq_len(count))
  })
  for (rows in people) {
    chat_reply(server, as.character(jsonlite::toJSON(list(people = rows))))
  }
  table <- as.data.frame(test_client(server)$chat$map(
    sprintf("Text %d", 1:5), "priced",
    max_active = 1,
    response_format = json_schema(list(
      people = data.frame(name = "", age = 1L)
    ))
  ))
  expect_identical(table$.id, 1:5)
  expect_identical(table$people, people)
})

test_that("nested objects are columns, even if some answers lack them", {
  local_prices()
  server <- test_server()
  chat_reply(server, '{"who":{"name":"Ada","born":{"year":1815}}}')
  chat_reply(server, '{"who":{"name":"Bob","born":null}}')
  chat_reply(server, '{"who":null}')
  table <- as.data.frame(test_client(server)$chat$map(
    c("a", "b", "c"), "priced",
    max_active = 1, response_format = json_schema(type_object(
      who = type_object(
        name = "", born = type_object(year = integer(), .required = FALSE),
        .required = FALSE
      )
    ))
  ))
  expect_identical(table$who.name, c("Ada", "Bob", NA))
  expect_identical(table$who.born.year, c(1815L, NA, NA))
  expect_true(all(is.na(table$error)))
})

test_that("costs include answers that could not be parsed", {
  local_prices()
  server <- test_server()
  chat_reply(server, '{"a":1}')
  chat_reply(server, "no json", usage = list(
    prompt_tokens = 10, completion_tokens = 20,
    prompt_tokens_details = list(cached_tokens = 4)
  ))
  server$reply(status = 404, body = "{}")
  suppressWarnings(answers <- test_client(server)$chat$map(
    c("a", "b", "c"), "priced",
    max_active = 1, on_error = "return",
    response_format = json_schema(list(a = 1))
  ))
  table <- as.data.frame(answers)
  expect_equal(table$cost, c(1000 + 10 * 100, 10 + 10 * 20, NA) / 1e6)
  expect_identical(table$input_tokens, c(1000, 10, NA))
})

test_that("fields keep their names if other columns have the same name", {
  local_prices()
  server <- test_server()
  chat_reply(server, '{"model":"T","a.b":1,"a":{"b":2},".model":"x"}')
  answers <- test_client(server)$chat$map("a", "m",
    response_format = json_schema(
      list(model = "", a.b = 1, a = list(b = 1), .model = "")
    )
  )
  table <- as.data.frame(answers)
  expect_identical(names(table)[2:7], c(
    "model", "a.b", "a.b.1", ".model", "error", "..model"
  ))
  expect_identical(table$..model, "priced")
})

test_that("several choices are in the row of their prompt", {
  local_prices()
  server <- test_server()
  server$reply(status = 404, body = "{}")
  table <- as.data.frame(test_client(server)$chat$map(
    c("a", "b"), "m",
    n = 2, max_active = 1, on_error = "return"
  ))
  expect_identical(nrow(table), 2L)
  expect_identical(table$text[[1]], NA_character_)
  expect_match(table$text[[2]], "\"b\"")
  expect_length(table$text[[2]], 2)

  choice <- list(message = list(content = '{"a":1}'), finish_reason = "stop")
  server$reply(body = as.character(jsonlite::toJSON(
    list(choices = list(choice, choice)),
    auto_unbox = TRUE
  )))
  table <- as.data.frame(test_client(server)$chat$map("a", "m",
    n = 2, response_format = json_schema(list(a = integer()))
  ))
  expect_identical(table$a, list(c(1L, 1L)))
})

test_that("answers of parallel() are rows, whatever the requests are", {
  local_prices()
  server <- test_server()
  client <- test_client(server)
  chat <- api_request("POST", "chat/completions", body = list(
    model = "m", messages = hello
  ))
  response <- api_request("POST", "responses", body = list(
    model = "m", input = "Hello"
  ))
  table <- as.data.frame(client$parallel(list(
    chat = chat, response = response, models = api_request("GET", "models"),
    none = api_request("GET", "models/none")
  ), on_error = "return"))
  expect_identical(table$.id, c("chat", "response", "models", "none"))
  expect_match(table$text[1:2], "You wrote: \"Hello\"")
  expect_identical(table$text[3:4], c(NA_character_, NA))
  expect_identical(table$model, c("m", "m", NA, NA))
  expect_identical(is.na(table$error), c(TRUE, TRUE, TRUE, FALSE))

  type <- list(km = integer(), name = "")
  chat$body$response_format <- json_schema(type)
  response$body$text <- list(format = json_schema(type))
  table <- as.data.frame(client$parallel(list(chat, response)))
  expect_identical(
    vapply(table[2:3], class, ""), c(km = "integer", name = "character")
  )
  expect_false(anyNA(table[2:3]))
})

test_that("the column `error` says why a row has no text", {
  local_prices()
  server <- test_server()
  server$reply(body = paste0(
    '{"choices":[{"index":0,"finish_reason":"stop","message":{"role":',
    '"assistant","content":null,"refusal":"I will not."}}]}'
  ))
  client <- test_client(server)
  table <- as.data.frame(client$chat$map("a", "m"))
  expect_identical(table$error, "The model refused: I will not.")
  server$reply(body = paste0(
    '{"id":"resp_1","object":"response","status":"failed","output":[],',
    '"error":{"code":"server_error","message":"It broke."}}'
  ))
  server$reply(body = paste0(
    '{"id":"resp_2","object":"response","status":"incomplete","output":[],',
    '"incomplete_details":{"reason":"max_output_tokens"}}'
  ))
  table <- as.data.frame(client$responses$map(c("a", "b"), "m", max_active = 1))
  expect_identical(table$error, c(
    "It broke.", "The response is incomplete: max_output_tokens"
  ))
})

test_that("the results before a failure can be a table, too", {
  local_prices()
  server <- test_server()
  chat_reply(server, '{"a":1}')
  server$reply(status = 404, body = "{}")
  error <- expect_error(test_client(server)$chat$map(
    c("a", "b", "c"), "m",
    max_active = 1, response_format = json_schema(list(a = 1))
  ), class = "openai_not_found_error")
  table <- as.data.frame(error$results)
  expect_identical(table$a, c(1, NA, NA))
  expect_identical(table$attempts, c(1L, 1L, NA))
  expect_match(table$error[[3]], "ended before this one was answered")
})

test_that("answers can be subset, combined and replaced like a list", {
  local_prices()
  server <- test_server()
  server$reply(status = 404, body = "{}")
  client <- test_client(server, max_retries = 2)
  prompts <- c(a = "A", b = "B", c = "C")
  answers <- client$chat$map(prompts, "m", max_active = 1, on_error = "return")
  expect_named(answers, c("a", "b", "c"))
  expect_length(answers, 3)
  expect_null(attributes(lapply(answers, identity))$class)
  expect_identical(as.list(answers)$b, answers[["b"]])

  table <- as.data.frame(answers)
  rows <- function(table) `row.names<-`(table, NULL)
  expect_identical(as.data.frame(rev(answers)), rows(table[3:1, ]))
  expect_identical(as.data.frame(answers[c("c", "a")]), rows(table[c(3, 1), ]))
  expect_identical(as.data.frame(answers[-1]), rows(table[-1, ]))
  expect_identical(
    as.data.frame(c(answers[1], answers[2:3])), table
  )
  without <- answers
  without$b <- NULL
  expect_identical(as.data.frame(without), rows(table[c(1, 3), ]))

  # Failed requests are sent again and their answers replaced.
  failed <- vapply(answers, inherits, TRUE, "error")
  expect_identical(which(failed), c(a = 1L))
  server$reply(status = 503, headers = c("Retry-After-Ms" = "1"))
  answers[failed] <- client$chat$map(prompts[failed], "m")
  again <- as.data.frame(answers)
  expect_identical(again$attempts, c(2L, 1L, 1L))
  expect_identical(again[2:3, ], table[2:3, ])

  answers[["a"]]$text <- "Mine"
  expect_identical(as.data.frame(answers)$text[[1]], "Mine")
  expect_identical(as.data.frame(answers)$seconds, again$seconds)
  # Nothing is known about elements that were not received.
  answers["d"] <- list(list(text = "D"))
  expect_identical(as.data.frame(answers)[4, "attempts"], NA_integer_)
  expect_identical(as.data.frame(answers)$attempts[1:3], c(2L, 1L, 1L))
})

test_that("print() shows the beginning of each answer", {
  server <- test_server()
  server$reply(status = 404, body = '{"error":{"message":"No such model."}}')
  answers <- test_client(server)$chat$map(
    c(letters, NA), "m",
    max_active = 1, on_error = "return"
  )
  shown <- capture.output(print(answers[25:27]))
  expect_identical(shown[[1]], "<openai_answers> 3 elements")
  expect_match(shown[[2]], "^1: You wrote: \"y\"")
  expect_identical(shown[[4]], "3: NA")
  shown <- capture.output(print(answers))
  expect_match(shown[[2]], "1: [error: HTTP 404", fixed = TRUE)
  expect_length(shown, 13)
  expect_identical(shown[[12]], "and 17 more")
})

test_that("answers of a batch are charged at the price of batches", {
  local_prices()
  client <- test_client(test_server())
  prompts <- c(a = "A", none = NA, b = "B")
  direct <- as.data.frame(client$chat$map(prompts, "m"))
  batch <- client$chat$map(prompts, "m", engine = "batch")
  table <- as.data.frame(batch)
  expect_equal(table$cost, direct$cost / 2)
  expect_identical(table$attempts, c(NA, 0L, NA))
  same <- c(".id", "text", "error", "model", "input_tokens", "output_tokens")
  expect_identical(table[same], direct[same])
  expect_identical(as.data.frame(batch[3:2])$cost, table$cost[3:2])
})

test_that("a results file is the same table, without attempts and seconds", {
  local_prices()
  server <- test_server()
  client <- test_client(server)
  prompts <- c("a", "b", NA)
  map <- function(...) {
    client$responses$map(prompts, "m",
      text = json_schema(list(tags = list(""), n = 1)), ...
    )
  }
  table <- as.data.frame(map())
  file <- withr::local_tempfile(fileext = ".jsonl")
  results <- map(results = file)
  from_file <- as.data.frame(results)
  same <- setdiff(names(table), c("seconds", "attempts"))
  expect_identical(from_file[same], table[same])
  expect_identical(from_file$attempts, rep(NA_integer_, 3))
  expect_match(as.data.frame(read_results(file))$text[[1]], "{", fixed = TRUE)

  data <- data.frame(id = prompts)
  schema <- list(n = 1)
  extracted <- client$extract(data, "{id}", schema, "m",
    results = withr::local_tempfile()
  )
  expect_identical(
    extracted$n, client$extract(data, "{id}", schema, "m")$n
  )
})

test_that("the cost of a row is the cost that `client$usage()` reports", {
  server <- test_server()
  client <- test_client(server)
  server$reply(body = paste0(
    '{"model":"gpt-6-luna","choices":[{"index":0,"message":',
    '{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],',
    '"usage":{"prompt_tokens":1000,',
    '"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":300,',
    '"cache_write_tokens":500}}}'
  ))
  answers <- client$chat$map("Hi", "gpt-6-luna")
  cost <- as.data.frame(answers)$cost
  expect_equal(cost, client$usage()$cost)
  expect_gt(cost, usage_cost("gpt-6-luna", 1000, 300, 100))
})
