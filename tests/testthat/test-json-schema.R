# Structured answers: the schema in the request, and the parsed answer.

choice <- function(content, finish_reason = "stop", index = 0, ...) {
  list(
    index = index, finish_reason = finish_reason,
    message = list(role = "assistant", content = content, ...)
  )
}

reply_choices <- function(server, ...) {
  server$reply(body = as.character(jsonlite::toJSON(
    list(id = "x", choices = list(...)),
    auto_unbox = TRUE, null = "null"
  )))
}

# The element `parsed` if the model answers with this text.
parsed <- function(content, ..., strict = TRUE) {
  server <- test_server()
  reply_choices(server, choice(content))
  test_client(server)$chat$create(
    hello, "m", response_format = json_schema(list(...), strict = strict)
  )$parsed
}

test_that("the schema is sent with its name, description and strictness", {
  server <- test_server()
  reply_choices(server, choice('{"a":"x"}'), choice('{"a":"y"}'))
  client <- test_client(server)
  format <- json_schema(list(a = ""), "river", "One river", strict = FALSE)
  client$chat$create(hello, "m", response_format = format)
  sent <- jsonlite::fromJSON(
    server$requests()[[1]]$body, simplifyVector = FALSE
  )
  expect_identical(sent$response_format, list(
    type = "json_schema",
    json_schema = list(
      name = "river", description = "One river", strict = FALSE,
      schema = list(
        type = "object", properties = list(a = list(type = "string")),
        required = list("a"), additionalProperties = FALSE
      )
    )
  ))
  expect_output(print(format), "<openai_json_schema> river: {a: string}",
    fixed = TRUE
  )
})

test_that("scalars have the types of the schema", {
  expect_identical(
    parsed(
      '{"s":"NA","n":1,"i":3.0,"l":true,"e":"b","f":"b","big":3000000000}',
      s = "", n = numeric(), i = integer(), l = NA,
      e = type_enum(c("a", "b")), f = factor(levels = c("a", "b")),
      big = type_integer()
    ),
    list(
      s = "NA", n = 1, i = 3L, l = TRUE, e = "b",
      f = factor("b", levels = c("a", "b")), big = 3e9
    )
  )
})

test_that("arrays of scalars are vectors of any length", {
  expect_identical(
    parsed(
      '{"none":[],"one":["a"],"two":[1,2],"flags":[],"kinds":["b","a"]}',
      none = list(""), one = list(""), two = list(numeric()),
      flags = list(NA), kinds = list(factor(levels = c("a", "b")))
    ),
    list(
      none = character(), one = "a", two = c(1, 2), flags = logical(),
      kinds = factor(c("b", "a"), levels = c("a", "b"))
    )
  )
  expect_identical(
    parsed('{"x":[1,null]}', x = type_array(type_integer(required = FALSE))),
    list(x = c(1L, NA))
  )
})

test_that("arrays of arrays are lists of vectors", {
  expect_identical(
    parsed('{"x":[[1,2],[],[3,4]]}', x = list(list(integer()))),
    list(x = list(1:2, integer(), 3:4))
  )
})

test_that("arrays of objects are data frames, identical to those of jsonlite", {
  text <- paste0(
    '{"rivers":[{"name":"Rhine","km":1233,"cities":["Basel","Bonn"],',
    '"mouth":{"sea":"North","at":[4.1,51.9]}},',
    '{"name":"Elbe","km":1094,"cities":["Dresden"],',
    '"mouth":{"sea":"North","at":[8.7,53.9]}}]}'
  )
  river <- list(
    name = "", km = integer(), cities = list(""),
    mouth = list(sea = "", at = list(numeric()))
  )
  expect_identical(
    parsed(text, rivers = list(river)), jsonlite::fromJSON(text)
  )
})

test_that("missing fields are NULL in objects and NA in data frames", {
  optional <- type_object(
    a = type_integer(required = FALSE),
    b = type_array(type_string(), required = FALSE),
    c = type_object(d = "", .required = FALSE)
  )
  value <- parsed(
    '{"one":{"a":null},"many":[{"a":1,"c":{"d":"x"}},{"b":["y"]}]}',
    one = optional, many = type_array(optional), strict = FALSE
  )
  expect_identical(value$one, list(a = NULL, b = NULL, c = NULL))
  many <- data.frame(a = c(1L, NA))
  many$b <- list(NULL, "y")
  many$c <- data.frame(d = c("x", NA))
  expect_identical(value$many, many)
})

test_that("an empty array of objects is a data frame without rows", {
  value <- parsed('{"x":[]}', x = list(list(a = "", b = list(integer()))))$x
  expect_identical(dim(value), c(0L, 2L))
  expect_identical(value$a, character())
})

test_that("additional properties are kept if the schema permits them", {
  open <- type_object(a = "", .additional_properties = TRUE)
  value <- parsed(
    '{"one":{"a":"x","more":[1]},"many":[{"a":"x"},{"a":"y","more":2}]}',
    one = open, many = type_array(open), strict = FALSE
  )
  expect_identical(value$one, list(a = "x", more = list(1L)))
  expect_identical(value$many$more, list(NULL, 2L))
})

# Converts integers that are strings of digits to numbers, because jsonlite
# returns fewer of them as strings.
as_doubles <- function(value) {
  if (is.list(value)) {
    value[] <- lapply(value, as_doubles)
    value
  } else if (is.character(value) && grepl("^-?[0-9]{16,}$", value)) {
    as.double(value)
  } else {
    value
  }
}

test_that("values without a type are those of jsonlite, not simplified", {
  seed <- local_random_seed()
  server <- test_server()
  client <- test_client(server)
  format <- json_schema(
    type_object(.additional_properties = TRUE), strict = FALSE
  )
  for (i in 1:300) {
    text <- paste0("{\"x\":", random_json(), "}")
    reply_choices(server, choice(text))
    answer <- client$chat$create(hello, "m", response_format = format)
    expected <- jsonlite::fromJSON(
      text,
      simplifyVector = FALSE, bigint_as_char = TRUE
    )
    if (!identical(as_doubles(answer$parsed), as_doubles(expected))) {
      fail(paste0("Seed ", seed, ", document ", i, ": ", text))
      return()
    }
  }
  succeed()
})

test_that("several choices are parsed to a list", {
  server <- test_server()
  reply_choices(server, choice('{"a":1}'), choice('{"a":2}', index = 1))
  answer <- test_client(server)$chat$create(
    hello, "m", n = 2, response_format = json_schema(list(a = integer()))
  )
  expect_identical(answer$parsed, list(list(a = 1L), list(a = 2L)))
  expect_identical(answer$parsed_problem, c(NA_character_, NA))

  reply_choices(server, choice('{"a":1}'), choice("No.", index = 1))
  expect_warning(
    answer <- test_client(server)$chat$create(
      hello, "m", n = 2, response_format = json_schema(list(a = integer()))
    ),
    "Choice 2 of the answer could not be parsed: invalid JSON",
    class = "openai_parsed_warning"
  )
  expect_identical(answer$parsed, list(list(a = 1L), NULL))
  expect_identical(is.na(answer$parsed_problem), c(TRUE, FALSE))
})

test_that("JSON in a code block is parsed", {
  a <- function(text) parsed(text, a = "")$a
  expect_identical(a("```json\n{\"a\":\"x\"}\n```"), "x")
  expect_identical(a("```\n{\"a\":\"x\"}\n```\n"), "x")
  expect_identical(a("```JSON {\"a\":\"x\"}```"), "x")
  expect_identical(a("\n```json\r\n{\"a\":\"x\"}\r\n```\r\n"), "x")
  expect_identical(
    a("Here it is:\n```json\n{\"a\":\"\u00fc\"}\n```\nBye."), "\u00fc"
  )
  # Some models omit the end of the block.
  expect_identical(a("```json\n{\"a\":\"x\"}\n"), "x")
  # Backticks in JSON strings are text.
  expect_identical(a("{\"a\":\"```json\\n1\\n```\"}"), "```json\n1\n```")
  expect_identical(
    a("```json\n{\"a\":\"```\\n1\\n```\"}\n```"), "```\n1\n```"
  )
  expect_identical(
    a("```r\nx <- 1\n```\nand\n```json\n{\"a\":\"x\"}\n```"), "x"
  )
  long <- strrep("y", 1e6)
  expect_identical(a(paste0("```json\n{\"a\":\"", long, "\"}\n```")), long)
})

test_that("ambiguous or incomplete code blocks are not parsed", {
  for (text in c(
    "```json\n{\"a\":\"x\"}\n```\n```json\n{\"a\":\"y\"}\n```",
    "```json\n{\"a\":\n```", "Here: {\"a\":\"x\"}", "```", ""
  )) {
    expect_warning(
      expect_null(parsed(text, a = "")), "invalid JSON",
      class = "openai_parsed_warning", info = text
    )
  }
})

test_that("the joined text parts of an answer are parsed", {
  server <- test_server()
  reply_choices(server, choice(list(
    list(type = "thinking", thinking = list(list(type = "text", text = "Hm"))),
    list(type = "text", text = '{"a":'), list(type = "text", text = '"x"}')
  )))
  answer <- test_client(server)$chat$create(
    hello, "m", response_format = json_schema(list(a = ""))
  )
  expect_identical(answer$parsed, list(a = "x"))
})

test_that("an answer that does not match the schema is NULL, with a warning", {
  expect_problem <- function(expected, content, ...) {
    server <- test_server()
    reply_choices(server, choice(content, ...))
    client <- test_client(server)
    format <- json_schema(list(a = integer(), b = type_array(
      list(c = factor(levels = c("x", "y"))), required = FALSE
    )))
    expect_warning(
      answer <- client$chat$create(hello, "m", response_format = format),
      expected, class = "openai_parsed_warning", fixed = TRUE
    )
    expect_identical(
      names(answer), c("all_resp", "vres", "parsed", "parsed_problem", "text")
    )
    expect_null(answer$parsed)
    expect_match(answer$parsed_problem, expected, fixed = TRUE)
  }
  expect_problem("invalid JSON at byte 5", '{"a":')
  expect_problem(
    "it was truncated (finish_reason \"length\")", '{"a":1}', "length"
  )
  expect_problem(
    "it was truncated (finish_reason \"content_filter\")", "", "content_filter"
  )
  expect_problem("the model refused: No.", NULL, refusal = "No.")
  expect_problem("it has no text", NULL)
  expect_problem("`a` is missing", "{}")
  expect_problem("`a` must be an integer, not 1.5", '{"a":1.5}')
  expect_problem("`a` must be an integer, not \"1\"", '{"a":"1"}')
  expect_problem("`a` must be an integer, not an array", '{"a":[1]}')
  expect_problem("`b` must be an array, not an object", '{"a":1,"b":{}}')
  expect_problem(
    "`b[[2]]` must be an object, not 7", '{"a":1,"b":[{"c":"x"},7]}'
  )
  expect_problem(
    "`b[[1]]$c` must be one of \"x\", \"y\", not \"z\"",
    '{"a":1,"b":[{"c":"z"}]}'
  )
  expect_problem(
    "`b[[1]]$d` is not described by the schema; `c` is.",
    '{"a":1,"b":[{"c":"x","d":1}]}'
  )
  expect_problem("The value must be an object, not 1", "1")
})

test_that("`$message()` of a stream parses the answer", {
  server <- test_server()
  server$reply(chunks = chat_events(c('{\\"a\\"', ":[1]}")))
  client <- test_client(server)
  stream <- client$chat$create(
    hello, "m", stream = TRUE, response_format = json_schema(list(
      a = list(integer())
    ))
  )
  expect_identical(stream$message()$parsed, list(a = 1L))

  server$reply(chunks = chat_events("No."))
  stream <- client$chat$create(
    hello, "m", stream = TRUE, response_format = json_schema(list(a = ""))
  )
  expect_warning(
    answer <- stream$message(), "invalid JSON", class = "openai_parsed_warning"
  )
  expect_null(answer$parsed)
  expect_match(answer$parsed_problem, "invalid JSON")
})

test_that("tool calls are not parsed, without a warning", {
  server <- test_server()
  call <- list(id = "1", type = "function", `function` = list(
    name = "f", arguments = "{}"
  ))
  reply_choices(server, choice(NULL, "tool_calls", tool_calls = list(call)))
  client <- test_client(server)
  expect_silent(answer <- client$chat$create(
    hello, "m", response_format = json_schema(list(a = ""))
  ))
  expect_null(answer$parsed)
  expect_identical(answer$parsed_problem, NA_character_)
})

test_that("answers without a schema and failed calls have no `parsed`", {
  server <- test_server()
  client <- test_client(server)
  plain <- client$chat$create(
    hello, "m", response_format = list(type = "json_object")
  )
  expect_identical(names(plain), c("all_resp", "vres", "text"))
  server$reply(status = 400, body = '{"error":{"message":"No."}}')
  failed <- failed_call(client$chat$create(
    hello, "m", response_format = json_schema(list(a = ""))
  ))
  expect_false(failed$success)
  expect_null(failed$parsed)
})

test_that("an invalid schema is rejected", {
  refused <- function(code, message) {
    expect_error(code, message, class = "openai_argument_error", fixed = TRUE)
  }
  refused(json_schema(list("")), "type_object(values = <the array>)")
  refused(json_schema(list(a = ""), name = "my answer"), "not \"my answer\"")
  refused(json_schema(list(a = ""), strict = 1), "`strict`")
  refused(json_schema(list(a = ""), description = ""), "`description`")
})
