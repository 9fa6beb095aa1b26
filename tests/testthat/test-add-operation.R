# An operation that the API does not have, in its own table.

gadget_line <- paste(
  c(
    name = "gadgets.turns.create", method = "POST",
    path = "/gadgets/{gadget_id}/turns", required = "text", query = "",
    body = "json", answer = "json", pages = "", beta = "", shut = "",
    instead = "", title = "Turns a gadget"
  ),
  collapse = "\t"
)

# A client whose classes are created from that one line.
client_with_gadgets <- function(server) {
  namespace <- asNamespace("openaistream")
  shipped <- system.file("operations.tsv", package = "openaistream")
  path <- tempfile(fileext = ".tsv")
  on.exit(unlink(path))
  writeLines(c(readLines(shipped, 1), gadget_line), path)

  package <- new.env(parent = namespace)
  package$operations <- namespace$read_operations(path)
  client <- R6::R6Class("client", inherit = openai, parent_env = package)
  classes <- namespace$add_resources(package$operations, client, package)
  namespace$add_twins(mget(classes, package))
  client$new("sk-test", base_url = server$url)
}

test_that("a line of the table becomes a method that sends the request", {
  server <- test_server()
  client <- client_with_gadgets(server)
  server$reply(body = '{"id":"turn_1","object":"gadget.turn"}')

  turn <- client$gadgets$turns$create("g1", text = "x")

  expect_identical(turn, list(id = "turn_1", object = "gadget.turn"))
  request <- server$requests()[[1]]
  expect_identical(request$method, "POST")
  expect_identical(request$target, "/v1/gadgets/g1/turns")
  expect_identical(request$body, '{"text":"x"}')
  expect_identical(
    names(formals(client$gadgets$turns$create)),
    c("gadget_id", "text", "...", "verbosity")
  )
})

test_that("further fields are sent, and other resources still work", {
  server <- test_server()
  client <- client_with_gadgets(server)
  server$reply(body = '{"id":"turn_1"}')
  client$gadgets$turns$create("g1", "x", speed = 2, times = I(3))
  expect_identical(
    server$requests()[[1]]$body, '{"text":"x","speed":2,"times":[3]}'
  )
  expect_match(
    client$responses$create("Hi", "gpt-6-luna")$output_text, "Hi"
  )
  expect_output(print(client$gadgets$turns), "create(gadget_id, text, ...",
    fixed = TRUE
  )
})

test_that("the `_async` version of the method returns a promise", {
  server <- test_server()
  client <- client_with_gadgets(server)
  server$reply(body = '{"id":"turn_1"}')
  promise <- client$gadgets$turns$create_async("g1", text = "x")
  expect_identical(settled(promise)$value, list(id = "turn_1"))
  expect_identical(server$requests()[[1]]$target, "/v1/gadgets/g1/turns")
})

test_that("a missing argument is named before anything is sent", {
  server <- test_server()
  client <- client_with_gadgets(server)
  call <- "`client$gadgets$turns$create()` requires the argument"
  expect_error(
    client$gadgets$turns$create(text = "x"), paste(call, "`gadget_id`"),
    fixed = TRUE, class = "openai_argument_error"
  )
  expect_error(
    client$gadgets$turns$create("g1"), paste(call, "`text`"),
    fixed = TRUE, class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})

test_that("the classes of the package are not changed", {
  client_with_gadgets(test_server())
  expect_error(
    openai$new("sk-test")$gadgets, "has no `gadgets`",
    class = "openai_argument_error"
  )
})
