# Types, and the JSON schema that is sent for them.

schema_of <- function(type, strict = TRUE) {
  server <- test_server()
  format <- json_schema(type, strict = strict)
  server$reply(body = '{"choices":[]}')
  suppressWarnings(
    test_client(server)$chat$create(hello, "m", response_format = format)
  )
  sent <- jsonlite::fromJSON(
    server$requests()[[1]]$body, simplifyVector = FALSE
  )
  sent$response_format$json_schema$schema
}

# A JSON schema from its text.
schema <- function(text) jsonlite::fromJSON(text, simplifyVector = FALSE)

test_that("each type is sent as JSON schema", {
  type <- type_object(
    city = type_string("Name"), km = type_number(), count = type_integer(),
    big = type_boolean(), kind = type_enum("one"),
    tags = type_array(type_string(), "Words"),
    place = type_object(x = type_number(), .description = "Where")
  )
  expect_identical(schema_of(type), schema('{
    "type": "object",
    "properties": {
      "city": {"type": "string", "description": "Name"},
      "km": {"type": "number"},
      "count": {"type": "integer"},
      "big": {"type": "boolean"},
      "kind": {"type": "string", "enum": ["one"]},
      "tags": {
        "type": "array", "description": "Words", "items": {"type": "string"}
      },
      "place": {
        "type": "object", "description": "Where",
        "properties": {"x": {"type": "number"}},
        "required": ["x"], "additionalProperties": false
      }
    },
    "required": ["city", "km", "count", "big", "kind", "tags", "place"],
    "additionalProperties": false
  }'))
})

test_that("strict mode requires all properties and makes some nullable", {
  type <- type_object(
    a = type_string(required = FALSE),
    b = type_enum(c("x", "y"), required = FALSE),
    c = type_object(.required = FALSE), d = type_integer()
  )
  expect_identical(schema_of(type), schema('{
    "type": "object",
    "properties": {
      "a": {"type": ["string", "null"]},
      "b": {"type": ["string", "null"], "enum": ["x", "y", null]},
      "c": {
        "type": ["object", "null"], "properties": {}, "required": [],
        "additionalProperties": false
      },
      "d": {"type": "integer"}
    },
    "required": ["a", "b", "c", "d"], "additionalProperties": false
  }'))
  expect_identical(schema_of(type, strict = FALSE), schema('{
    "type": "object",
    "properties": {
      "a": {"type": "string"},
      "b": {"type": "string", "enum": ["x", "y"]},
      "c": {
        "type": "object", "properties": {}, "required": [],
        "additionalProperties": false
      },
      "d": {"type": "integer"}
    },
    "required": ["d"], "additionalProperties": false
  }'))
})

test_that("optional elements are nullable, strict or not", {
  type <- type_object(x = type_array(type_number(required = FALSE)))
  for (strict in c(TRUE, FALSE)) {
    items <- schema_of(type, strict)$properties$x$items
    expect_identical(items, list(type = list("number", "null")))
  }
})

test_that("only schemas that are not strict may have additional properties", {
  type <- type_object(a = "", .additional_properties = TRUE)
  expect_true(schema_of(type, strict = FALSE)$additionalProperties)
  expect_error(
    json_schema(type), "Strict mode does not allow additional properties",
    class = "openai_argument_error"
  )
})

test_that("prototypes are converted to types", {
  rivers <- data.frame(name = character(), km = numeric())
  type <- type_object(
    a = "", b = character(), c = numeric(), d = 1, e = integer(),
    f = NA, g = factor(levels = c("x", "y")), h = list(""),
    i = list(u = logical(), v = list(integer())), j = rivers
  )
  same <- type_object(
    a = type_string(), b = type_string(), c = type_number(), d = type_number(),
    e = type_integer(), f = type_boolean(),
    g = type_enum(factor(c("x", "y"))), h = type_array(type_string()),
    i = type_object(u = type_boolean(), v = type_array(type_integer())),
    j = type_array(type_object(name = type_string(), km = type_number()))
  )
  expect_identical(type, same)
})

test_that("invalid types are refused by name", {
  refused <- function(code, message) {
    expect_error(code, message, class = "openai_argument_error", fixed = TRUE)
  }
  refused(type_object(city = "The city"), "`city` must be a type")
  refused(type_object(city = c("", "")), "`city` must be a type")
  refused(type_array(Sys.Date()), "`items` must be a type")
  refused(type_array(NULL), "not NULL")
  refused(type_array(mean), "an object of class function")
  refused(type_array(list()), "`items` must be a type")
  refused(type_object(type_string()), "must have a unique name")
  refused(type_object(a = "", a = ""), "must have a unique name")
  # As in ellmer.
  refused(type_object("A city.", name = type_string()), "is `.description`")
  refused(type_enum(character()), "`values` must be at least one string")
  refused(type_enum(c("a", "a")), "`values` must be at least one string")
  refused(type_enum(1:2), "`values` must be at least one string")
  refused(type_string(description = 1), "`description`")
  refused(type_string(required = NA), "`required` must be TRUE or FALSE")
  refused(
    type_object(.additional_properties = "yes"), "`.additional_properties`"
  )
})

test_that("a type is printed on one line", {
  type <- type_object(
    city = "", kind = type_enum(c("a", "b"), required = FALSE),
    rivers = list(list(km = numeric())), nothing = type_object()
  )
  expect_output(
    print(type),
    paste(
      "<openai_type> {city: string, kind?: \"a\" | \"b\",",
      "rivers: [{km: number}], nothing: {}}"
    ),
    fixed = TRUE
  )
})
