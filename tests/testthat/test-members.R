# How clients and resources print, and the errors for unknown members.

refused <- function(code, ...) {
  error <- expect_error(code, class = "openai_argument_error")
  for (text in c(...)) {
    expect_match(conditionMessage(error), text, fixed = TRUE)
  }
}

test_that("a resource prints its name and its methods", {
  client <- openai$new("sk-test")
  expect_identical(capture.output(print(client$moderations)), c(
    "<moderations>",
    "  create(input, ..., verbosity)",
    "Each has an asynchronous version <name>_async()."
  ))
  expect_identical(
    sub("[(].*", "", capture.output(client$models)[2:4]),
    c("  delete", "  list", "  retrieve")
  )
  capture.output(expect_invisible(print(client$chat)))
})

test_that("long lists of arguments are wrapped", {
  withr::local_options(width = 60)
  printed <- capture.output(print(openai$new("sk-test")$chat))
  expect_lte(max(nchar(printed)), 60)
  expect_match(paste(printed, collapse = " "), "map(prompts, model,", fixed = TRUE)
})

test_that("a client prints its methods", {
  printed <- capture.output(print(openai$new("sk-test")))
  methods <- sub(" resources: .*", "", sub(".*methods: ", "", paste(
    gsub("^ +", "", printed), collapse = " "
  )))
  expect_identical(strsplit(methods, ", ")[[1]], c(
    "conversation", "extract", "last", "parallel", "request", "set_proxy",
    "usage", "with_options"
  ))
})

test_that("a client prints its resources", {
  printed <- paste(
    capture.output(print(openai$new("sk-test"))),
    collapse = " "
  )
  resources <- sub(".*resources: ", "", gsub(" +", " ", printed))
  expect_identical(
    strsplit(resources, ", ")[[1]], sort(names(openai$active), method = "radix")
  )
})

test_that("an unknown member is an error that lists the members", {
  client <- openai$new("sk-test")
  refused(
    client$chats, "`openai` has no `chats`. Did you mean `chat`?",
    "`audio`, `batch`, `batches`, `beta`, `chat`", "`with_options`"
  )
  refused(client$chats$create(hello, "m"), "Did you mean `chat`?")
  refused(client$wholly_unknown, "`openai` has no `wholly_unknown`. Its")
  refused(client$say("Hi"), "`openai` has no `say`. Its")
  refused(client$convesation, "Did you mean `conversation`?")
  refused(
    client$chat$creat, "`chat` has no `creat`. Did you mean `create`?",
    "`create`, `map`, `run_tools`"
  )
})

test_that("an unknown member of a conversation lists its members", {
  talk <- openai$new("sk-test")$conversation("m")
  # The names of ellmer.
  refused(talk$chat("Hi"), "`Conversation` has no `chat`.", "`say`", "`stream`")
  refused(talk$get_turns(), "Its fields are `api`, `messages`, `model`.")
  expect_null(talk[["chat"]])
  expect_identical(talk$fork()$messages, list())
})

test_that("functions of R look up unknown members without an error", {
  client <- openai$new("sk-test")
  for (object in list(client, client$chat)) {
    expect_null(object[["chats"]])
    expect_false("chats" %in% names(object))
    expect_false(exists("chats", envir = object))
    expect_null(get0("chats", envir = object, inherits = FALSE))
    # R6 and generic functions look for these.
    expect_null(object$format)
    expect_null(object$.hidden)
    expect_silent({
      format(object)
      capture.output(str(object))
      utils::.DollarNames(object, "c")
      all.equal(object, object)
      as.list(object)
      unserialize(serialize(object, NULL))
    })
  }
})

test_that("chat_app() refuses a resource instead of a client", {
  skip_if_not_installed("shiny")
  client <- openai$new("sk-test")
  refused(chat_app(client$chat), "a client created by openai$new()")
})
