# Tools, schemas and types in request bodies.

sent_body <- function(call) {
  server <- test_server()
  server$reply(body = any_answer)
  call(test_client(server))
  sent_bodies(server)[[1]]
}

one <- tool(function(x) x, "One.", list(x = ""), name = "one")

fields <- list(
  name = "one", description = "One.",
  parameters = list(
    type = "object", properties = list(x = list(type = "string")),
    required = list("x"), additionalProperties = FALSE
  ),
  strict = TRUE
)

test_that("one tool or a list of tools is sent in any request", {
  expected <- list(list(type = "function", `function` = fields))
  for (tools in list(one, list(one), list(first = one))) {
    body <- sent_body(function(client) {
      client$assistants$create("m", tools = tools)
    })
    expect_identical(body$tools, expected)
  }
  search <- list(type = "file_search")
  body <- sent_body(function(client) {
    client$runs$create("t", "as", tools = list(search, one))
  })
  expect_identical(body$tools, c(list(search), expected))
  body <- sent_body(function(client) {
    client$threads$create(messages = list(list(
      role = "user", content = "a", attachments = list(tools = list(one))
    )))
  })
  expect_identical(body$messages[[1]]$attachments[[1]]$tools, expected)
  body <- sent_body(function(client) {
    client$parallel(list(api_request("POST", "chat/completions", list(
      messages = "a", tools = one
    ))))
  })
  expect_identical(body$tools, expected)
})

test_that("tools and schemas have the flat format of the Responses API", {
  body <- sent_body(function(client) {
    client$parallel(list(api_request("POST", "responses", list(
      input = "a", tools = one, text = list(format = json_schema(list(x = "")))
    ))))
  })
  expect_identical(body$tools, list(c(type = "function", fields)))
  expect_identical(
    body$text$format[c("type", "name")],
    list(type = "json_schema", name = "answer")
  )
})

test_that("schemas and types are sent as JSON schema", {
  body <- sent_body(function(client) {
    client$assistants$create("m", response_format = json_schema(list(x = "")))
  })
  expect_identical(
    body$response_format$json_schema$schema, fields$parameters
  )
  optional <- type_object(x = type_string(required = FALSE))
  parameters <- function(...) {
    sent_body(function(client) {
      client$assistants$create("m", tools = list(list(
        type = "function",
        `function` = list(name = "f", parameters = optional, ...)
      )))
    })$tools[[1]]$`function`$parameters
  }
  expect_identical(parameters()$required, list())
  expect_identical(parameters()$properties$x$type, "string")
  expect_identical(parameters(strict = TRUE)$required, list("x"))
  expect_identical(
    parameters(strict = TRUE)$properties$x$type, list("string", "null")
  )
})

test_that("two tools with the same name are rejected", {
  server <- test_server()
  expect_error(
    test_client(server)$assistants$create("m", tools = list(one, one)),
    "Two tools have the name \"one\"", fixed = TRUE
  )
  expect_length(server$requests(), 0)
})
