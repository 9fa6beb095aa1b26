# Tables of random answers: each prompt is one row with the right types,
# whatever was received. The cells of each row are known when the answer is
# created, and the expected table is assembled from them.

# list(status = , body = , cells = , is_failed = ): the response to one prompt.
random_row <- function(type, body_of) {
  outcome <- sample(
    c("valid", "refused", "no json", "other schema", "empty", "truncated"), 1,
    prob = c(10, 1, 1, 1, 1, 1)
  )
  answer <- random_answer(type)
  is_failed <- outcome != "valid"
  text <- switch(outcome,
    "no json" = "It is so.",
    "other schema" = "{\"not described\":1}",
    empty = "",
    truncated = substr(answer$json, 1, nchar(answer$json) - 1),
    answer$json
  )
  list(
    status = if (outcome == "refused") 404 else 200,
    body = if (outcome == "refused") "{}" else body_of(text),
    cells = if (is_failed) missing_cells(type) else answer$cells,
    is_failed = is_failed
  )
}

chat_body <- function(text) {
  sprintf(paste0(
    "{\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",",
    "\"message\":{\"role\":\"assistant\",\"content\":%s}}]}"
  ), json_string(text))
}

response_body <- function(text) {
  sprintf(paste0(
    "{\"object\":\"response\",\"model\":\"m\",\"status\":\"completed\",",
    "\"output\":[{\"type\":\"message\",\"role\":\"assistant\",\"content\":[",
    "{\"type\":\"output_text\",\"text\":%s}]}]}"
  ), json_string(text))
}

# Sends `prompts` by one of the methods that return several answers.
send_prompts <- function(client, method, prompts, schema) {
  settings <- list(max_active = 1, on_error = "return")
  call <- function(f, ...) do.call(f, c(list(...), settings))
  switch(method,
    chat = call(client$chat$map, prompts, "m", response_format = schema),
    responses = call(client$responses$map, prompts, "m", text = schema),
    parallel = call(client$parallel, lapply(prompts, function(prompt) {
      api_request("POST", "chat/completions", body = list(
        model = "m", response_format = schema,
        messages = list(list(role = "user", content = prompt))
      ))
    })),
    extract = call(
      client$extract, data.frame(.prompt = prompts), "{.prompt}", schema, "m"
    )
  )
}

test_that("200 random schemas with random answers give one row each", {
  seed <- local_random_seed()
  local_prices()
  server <- test_server()
  client <- test_client(server)
  row_count <- failures <- 0
  for (round in 1:200) {
    info <- paste("seed", seed, "round", round)
    type <- random_object_type(sample(0:3, 1))
    method <- sample(c("chat", "responses", "parallel", "extract"), 1)
    is_chat <- method %in% c("chat", "parallel")
    body_of <- if (is_chat) chat_body else response_body
    # Without requests, parallel() knows no schema.
    count <- sample((method == "parallel"):6, 1)
    is_sent <- method == "parallel" | runif(count) < 0.85
    rows <- lapply(is_sent, function(is_sent) {
      if (!is_sent) {
        return(list(cells = missing_cells(type), is_failed = FALSE))
      }
      row <- random_row(type, body_of)
      server$reply(status = row$status, body = row$body)
      row
    })
    prompts <- ifelse(is_sent, sprintf("prompt %d", seq_len(count)), NA)
    answers <- suppressWarnings(
      send_prompts(client, method, as.character(prompts), json_schema(type))
    )
    table <- as.data.frame(answers)

    expect_identical(nrow(table), count, info = info)
    expect_identical(unique(lengths(table)), count, info = info)
    cells <- lapply(rows, `[[`, "cells")
    names <- as.character(names(missing_cells(type)))
    expected <- lapply(seq_along(names), function(column) {
      do.call(c, c(
        list(missing_cells(type)[[column]][0]),
        lapply(cells, function(row) row[[names[[column]]]])
      ))
    })
    names(expected) <- names
    columns <- as.list(table)[1 + seq_along(names)]
    expect_identical(columns, expected[seq_along(names)], info = info)
    error <- table[[2 + length(names)]]
    expect_identical(
      is.na(error), !vapply(rows, `[[`, NA, "is_failed"),
      info = info
    )
    attempts <- table[[length(table)]]
    expect_identical(attempts, as.integer(is_sent), info = info)
    row_count <- row_count + count
    failures <- failures + sum(!is.na(error))
  }
  # There were enough rows and failures.
  expect_gt(row_count, 300)
  expect_gt(failures, 30)
})

test_that("each answer is one row, whatever JSON the server sends", {
  seed <- local_random_seed()
  local_prices()
  server <- test_server()
  client <- test_client(server)
  # Fields that the table uses, with random values.
  names <- c(
    "choices", "output", "usage", "model", "text", "output_text", "error",
    "status", "object", "service_tier", "all_resp", "parsed", "parsed_problem"
  )
  for (round in 1:40) {
    bodies <- lapply(1:10, function(i) {
      fields <- sample(names, sample(5, 1))
      server$reply(body = json_object(
        fields, vapply(fields, function(field) random_json(), "")
      ))
    })
    info <- paste("seed", seed, "round", round)
    answers <- client$parallel(
      rep(list(api_request("POST", "anything", body = list(a = 1))), 10),
      max_active = 1, on_error = "return"
    )
    # Their models have no prices.
    suppressWarnings(
      table <- as.data.frame(answers),
      classes = "openai_price_warning"
    )
    expect_identical(nrow(table), 10L, info = info)
    expect_identical(unique(lengths(table)), 10L, info = info)
    texts <- if (is.list(table$text)) unlist(table$text) else table$text
    expect_type(texts, "character")
    expect_identical(
      vapply(table, class, "")[c("error", "model", "cost", "attempts")],
      c(
        error = "character", model = "character", cost = "numeric",
        attempts = "integer"
      ),
      info = info
    )
    expect_output(print(answers), "10 elements", info = info)
  }
})
