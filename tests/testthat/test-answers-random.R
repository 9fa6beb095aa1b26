# Tables of answers in random forms: each prompt is one row with the right
# types, whatever came back. The cells of each row are known from its making,
# and the table is put together from them by hand.

# list(status = , body = , cells = , is_failed = ): an answer to one prompt.
random_row <- function(type, body_of) {
  fate <- sample(
    c("fits", "refused", "no json", "misfit", "empty", "cut"), 1,
    prob = c(10, 1, 1, 1, 1, 1)
  )
  made <- random_answer(type)
  is_failed <- fate != "fits"
  text <- switch(fate,
    "no json" = "It is so.",
    misfit = "{\"not described\":1}",
    empty = "",
    cut = substr(made$json, 1, nchar(made$json) - 1),
    made$json
  )
  list(
    status = if (fate == "refused") 404 else 200,
    body = if (fate == "refused") "{}" else body_of(text),
    cells = if (is_failed) missing_cells(type) else made$cells,
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

# Asks `prompts` in one of the ways there are.
ask_in_form <- function(client, way, prompts, schema) {
  settings <- list(max_active = 1, on_error = "return")
  call <- function(f, ...) do.call(f, c(list(...), settings))
  switch(way,
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
  withr::local_options(openaistream.prices = data.frame(
    model = "m", input = 1, output = 1
  ))
  server <- test_server()
  client <- test_client(server)
  rows_made <- failures <- 0
  for (round in 1:200) {
    info <- paste("seed", seed, "round", round)
    type <- random_object_type(sample(0:3, 1))
    way <- sample(c("chat", "responses", "parallel", "extract"), 1)
    body_of <- if (way %in% c("chat", "parallel")) chat_body else response_body
    # What no request asks for has no form.
    count <- sample((way == "parallel"):6, 1)
    is_asked <- way == "parallel" | runif(count) < 0.85
    rows <- lapply(is_asked, function(is_asked) {
      if (!is_asked) {
        return(list(cells = missing_cells(type), is_failed = FALSE))
      }
      row <- random_row(type, body_of)
      server$reply(status = row$status, body = row$body)
      row
    })
    prompts <- ifelse(is_asked, sprintf("prompt %d", seq_len(count)), NA)
    answers <- suppressWarnings(
      ask_in_form(client, way, as.character(prompts), json_schema(type))
    )
    table <- as.data.frame(answers)

    expect_identical(nrow(table), count, info = info)
    expect_identical(unique(lengths(table)), count, info = info)
    cells <- lapply(rows, `[[`, "cells")
    names <- as.character(names(missing_cells(type)))
    by_hand <- lapply(seq_along(names), function(column) {
      do.call(c, c(
        list(missing_cells(type)[[column]][0]),
        lapply(cells, function(row) row[[names[[column]]]])
      ))
    })
    names(by_hand) <- names
    read <- as.list(table)[1 + seq_along(names)]
    expect_identical(read, by_hand[seq_along(names)], info = info)
    error <- table[[2 + length(names)]]
    expect_identical(
      is.na(error), !vapply(rows, `[[`, NA, "is_failed"),
      info = info
    )
    attempts <- table[[length(table)]]
    expect_identical(attempts, as.integer(is_asked), info = info)
    rows_made <- rows_made + count
    failures <- failures + sum(!is.na(error))
  }
  # The rounds had something to tell.
  expect_gt(rows_made, 300)
  expect_gt(failures, 30)
})

test_that("whatever a server answers is one row", {
  seed <- local_random_seed()
  withr::local_options(openaistream.prices = data.frame(
    model = "m", input = 1, output = 1
  ))
  server <- test_server()
  client <- test_client(server)
  # Fields that the table looks for, with anything in them.
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
