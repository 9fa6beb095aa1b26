# Tools: what is sent to the model, and what is refused.

weather <- function(city, days = 1) paste(city, days)

test_that("the types of arguments may be given by name, with any name", {
  add <- function(a, b, ...) a + b
  by_list <- tool(add, "Adds.", list(a = numeric(), b = numeric()))
  expect_identical(
    tool(add, "Adds.", a = type_number(), b = type_number()), by_list
  )
  expect_identical(
    tool(fn = add, description = "Adds.", a = numeric(), b = numeric()), by_list
  )
  expect_identical(
    tool(add, "Adds.", list(a = numeric()), b = type_number()), by_list
  )
  expect_identical(
    tool(add, "Adds.", list(a = numeric(), b = numeric()), "add", TRUE), by_list
  )
  expect_identical(add |> tool("Adds.", a = numeric(), b = numeric()), by_list)

  # Parts of the names of tool()'s arguments, and these names themselves.
  parts <- c("f", "d", "desc", "arg", "n", "na", "s", "stri")
  types <- rep(list(type_string()), length(parts))
  names(types) <- parts
  any <- function(...) 1
  expect_identical(
    do.call(tool, c(list(any, "Any.", name = "any"), types)),
    tool(any, "Any.", arguments = types)
  )
  expect_named(
    tool(
      any, "Any.",
      name = type_string(), description = type_string(), fn = type_string(),
      strict = type_boolean(), arguments = type_string()
    )$parameters$properties,
    c("fn", "description", "arguments", "name", "strict")
  )
})

sent_tools <- function(tools) {
  server <- test_server()
  test_client(server)$chat$create(hello, "m", tools = tools)
  jsonlite::fromJSON(
    server$requests()[[1]]$body, simplifyVector = FALSE
  )$tools
}

refused <- function(code, message) {
  expect_error(code, message, class = "openai_argument_error", fixed = TRUE)
}

test_that("a tool is sent as the API describes functions", {
  forecast <- tool(weather, "Tells the weather.", list(
    city = type_string("Where"), days = type_integer(required = FALSE)
  ))
  expected <- list(type = "function", `function` = list(
    name = "weather", description = "Tells the weather.",
    parameters = list(
      type = "object",
      properties = list(
        city = list(type = "string", description = "Where"),
        days = list(type = list("integer", "null"))
      ),
      required = list("city", "days"), additionalProperties = FALSE
    ),
    strict = TRUE
  ))
  expect_identical(sent_tools(list(forecast)), list(expected))
  expect_identical(sent_tools(forecast), list(expected))

  raw <- list(type = "function", `function` = list(name = "raw"))
  expect_identical(sent_tools(list(raw, forecast)), list(raw, expected))
  expect_identical(sent_tools(list(raw)), list(raw))
})

test_that("a tool may have no arguments, another name and not be strict", {
  now <- tool(function() "now", "The time.", name = "the-time", strict = FALSE)
  expect_identical(sent_tools(now)[[1]]$`function`, list(
    name = "the-time", description = "The time.",
    parameters = list(
      type = "object", properties = structure(list(), names = character()),
      required = list(), additionalProperties = FALSE
    ),
    strict = FALSE
  ))
})

test_that("prototypes describe arguments", {
  described <- tool(weather, "Weather.", list(city = "", days = integer()))
  expect_identical(
    sent_tools(described)[[1]]$`function`$parameters$properties,
    list(city = list(type = "string"), days = list(type = "integer"))
  )
})

test_that("functions with dots accept any argument, primitives their own", {
  any <- tool(function(...) 1, "Any.", list(a = "", b = ""), name = "any")
  expect_output(print(any), "any(a: string, b: string)", fixed = TRUE)
  root <- tool(sqrt, "Square root.", list(x = numeric()))
  expect_output(print(root), "<openai_tool> sqrt(x: number)", fixed = TRUE)
})

test_that("a tool that cannot be called is refused", {
  refused(tool("weather", "Weather."), "`fn` must be a function")
  refused(tool(weather, "", list(city = "")), "`description`")
  refused(tool(weather, "W."), "`city` has no default: describe it")
  refused(
    tool(weather, "W.", list(city = type_string(required = FALSE))),
    "`city` has no default: its type must be required"
  )
  refused(
    tool(weather, "W.", list(city = "", town = "")),
    "The function has no argument `town`"
  )
  refused(tool(weather, "W.", list("")), "must have a unique name")
  refused(tool(weather, "W.", type_string()), "must be named")
  refused(tool(weather, "W.", list(), "w", TRUE, 1), "must be named")
  refused(tool(weather, "W.", list(city = ""), city = ""), "a unique name")
  refused(tool(weather, "W.", city = "Oslo"), "`city` must be a type")
  refused(tool(), "`fn` must be a function, not NULL")
  refused(tool(weather), "`description`")
  refused(tool(weather, "W.", "city"), "`arguments` must be a list")
  refused(tool(weather, "W.", list(city = "Oslo")), "`city` must be a type")
  refused(tool(function() 1, "W."), "needs the argument `name`")
  refused(tool(function() 1, "W.", name = "a b"), "not \"a b\"")
  get.weather <- function() 1
  refused(tool(get.weather, "W."), "not \"get.weather\"")
  refused(tool(weather, "W.", list(city = ""), strict = NA), "`strict`")
  open <- type_object(.additional_properties = TRUE)
  refused(tool(weather, "W.", list(city = open)), "Strict mode")
})

test_that("tools with the same name are refused before anything is sent", {
  server <- test_server()
  same <- tool(weather, "W.", list(city = ""))
  refused(
    test_client(server)$chat$create(hello, "m", tools = list(same, same)),
    "Two tools have the name \"weather\""
  )
  expect_length(server$requests(), 0)
})
