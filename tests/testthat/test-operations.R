# The operations of the table, called over a real socket.

table <- openaistream:::operations

# The method of an operation, found by its name.
method_named <- function(client, name) {
  parts <- strsplit(name, ".", fixed = TRUE)[[1]]
  Reduce(function(object, part) object[[part]], parts, client)
}

# A value for each argument of an operation.
arguments_of <- function(operation, file) {
  own <- unique(c(operation$arguments, operation$required))
  values <- lapply(own, function(name) {
    if (name %in% names(operation$files)) file else paste0(name, "-1")
  })
  names(values) <- own
  if (operation$name == "chat.completions.create") values$messages <- hello
  if (operation$name == "conversations.items.create") values$items <- hello
  values
}

expected_path <- function(operation) {
  segments <- sub("^[{](.*)[}]$", "\\1-1", operation$segments)
  paste0("/v1/", paste(segments, collapse = "/"))
}

# The body of a reply that the operation accepts.
answer_to <- function(operation) {
  if (operation$answer == "bytes") {
    "RIFF"
  } else if (operation$name == "embeddings.create") {
    '{"data":[{"index":0,"embedding":[1,2]}]}'
  } else if (operation$answer == "stream") {
    "data: {\"type\":\"a\"}\n\n"
  } else {
    any_answer
  }
}

test_that("the 390 operations have the names of openai-python", {
  expect_length(table, 390)
  client <- openai$new("sk-test")
  found <- vapply(names(table), function(name) {
    is.function(method_named(client, name))
  }, NA)
  expect_identical(names(found)[!found], character())
  # Names that are also methods of version 0.3.0.
  expect_true(is.function(client$audio$speech))
  expect_true(is.function(client$fine_tuning$checkpoints))
})

test_that("each operation sends its HTTP method, path and fields", {
  server <- test_server()
  client <- test_client(server)
  file <- withr::local_tempfile(lines = "{}")
  sent <- 0
  for (operation in table) {
    method <- method_named(client, operation$name)
    arguments <- arguments_of(operation, file)
    type <- if (operation$answer == "bytes") "audio/wav" else "application/json"
    server$reply(
      body = answer_to(operation), headers = c("Content-Type" = type)
    )
    value <- do.call(method, arguments)
    if (inherits(value, "DataStream")) value$each(function(event) NULL)
    sent <- sent + 1
    request <- server$requests()[[sent]]
    expect_identical(request$method, operation$method, label = operation$name)
    expect_identical(
      sub("[?].*", "", request$target), expected_path(operation),
      label = operation$name
    )
    fields <- setdiff(operation$required, operation$arguments)
    for (field in setdiff(fields, names(operation$files))) {
      expect_match(
        paste(request$target, request$body), field,
        fixed = TRUE, label = operation$name
      )
    }
    expect_identical(
      unname(request$headers["openai-beta"]),
      operation$beta %||% NA_character_,
      label = operation$name
    )
  }
})

test_that("a missing argument is named before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  file <- withr::local_tempfile(lines = "{}")
  refused <- 0
  for (operation in table) {
    arguments <- arguments_of(operation, file)
    method <- method_named(client, operation$name)
    is_from_table <- "given" %in% all.names(body(method))
    if (!is_from_table) next
    refused <- refused + 1
    for (name in names(arguments)) {
      expect_error(
        do.call(method, arguments[setdiff(names(arguments), name)]),
        paste0("requires the argument `", name, "`"),
        fixed = TRUE, class = "openai_argument_error", label = operation$name
      )
    }
  }
  expect_gt(refused, 250)
  expect_error(
    client$conversations$items$create("conv_1", hello, "more"),
    "has no name",
    class = "openai_argument_error"
  )
  expect_error(
    client$conversations$retrieve(""), "`conversation_id` must",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})
