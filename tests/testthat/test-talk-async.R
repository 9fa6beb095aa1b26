# Asynchronous answers of conversations.

apis <- c("responses", "chat")

talk_on <- function(server, api, ...) {
  test_client(server)$conversation("m", api = api, ...)
}

test_that("on_event is called with events of streams and tools in order", {
  for (api in apis) {
    server <- test_server()
    server$reply_tool("add", list(x = 1, y = 2))
    server$reply_chat("It is 3.")
    talk <- talk_on(server, api, tools = add_tool)
    events <- list()
    value_of(talk$say_async(
      "What is 1 + 2?",
      on_event = function(event) events <<- c(events, list(event))
    ))

    kinds <- unlist(lapply(events, function(event) {
      if (isTRUE(nzchar(event$text))) "text" else event$event
    }))
    kinds <- kinds[kinds %in% c("text", "tool_call", "tool_result")]
    expect_identical(kinds[1:2], c("tool_call", "tool_result"))
    expect_identical(unique(kinds[-(1:2)]), "text")
    tool_events <- Filter(function(event) {
      isTRUE(event$event %in% c("tool_call", "tool_result"))
    }, events)
    expect_identical(tool_events[[1]]$tool, "add")
    expect_identical(tool_events[[1]]$call, tool_events[[2]]$call)
    expect_match(tool_events[[1]]$arguments, "\"x\"")
    expect_identical(tool_events[[2]]$output, "3")
    expect_false(tool_events[[2]]$failed)
  }
})

test_that("$cancel() keeps the partial answer and closes the connection", {
  for (api in apis) {
    server <- test_server()
    server$reply(
      chunks = if (api == "chat") {
        chat_events(c("So ", "far"), done = FALSE)
      } else {
        response_chunks(c("So ", "far"), done = FALSE)
      },
      abort = "stall"
    )
    server$reply_chat("Yes.")
    talk <- talk_on(server, api)
    text <- ""
    promise <- talk$say_async("Go on.", on_event = function(event) {
      text <<- paste0(text, event$text)
      if (text == "So far") talk$cancel()
    })
    expect_error(value_of(promise), class = "openai_cancelled_error")

    expect_identical(talk$messages, list(
      list(role = "user", content = "Go on."),
      list(role = "assistant", content = "So far")
    ))
    wait_until(function() !is.null(server$requests()[[1]]$closed_at))
    expect_identical(talk$cancel(), talk)
    value_of(talk$say_async("More?"))
    expect_length(talk$messages, 4)
  }
})

test_that("no request is sent when a tool ends after $cancel()", {
  for (api in apis) {
    server <- test_server()
    slow <- slow_tool()
    server$reply_tool("slow")
    talk <- talk_on(server, api, tools = slow$tool)
    promise <- talk$say_async("Do it.")
    wait_until(function() {
      later::run_now()
      slow$is_called()
    })
    talk$cancel()
    expect_error(value_of(promise), class = "openai_cancelled_error")
    slow$finish("Done.")
    while (!later::loop_empty()) later::run_now(0.05)

    expect_length(server$requests(), 1)
    expect_identical(talk$messages, list())
  }
})

test_that("a request that cannot be created does not change a conversation", {
  client <- openai$new(function() stop("No key today."))
  for (api in apis) {
    talk <- client$conversation("m", api = api)
    expect_error(value_of(talk$say_async("Hello")), "No key today")
    expect_identical(talk$messages, list())
  }
})

test_that("an error in on_event rejects the promise", {
  for (api in apis) {
    server <- test_server()
    talk <- talk_on(server, api)
    promise <- talk$say_async("Hello", on_event = function(event) stop("Oops."))
    expect_error(value_of(promise), "Oops")
    expect_identical(talk$messages, list())
  }
})

test_that("messages can be assigned, and $undo() removes the last question", {
  for (api in apis) {
    talk <- openai$new("sk-test")$conversation("m", api = api)
    said <- list(
      list(role = "user", content = "Hello."),
      list(role = "assistant", content = "Good day.")
    )
    talk$messages <- c(said, said)
    expect_length(talk$messages, 4)
    expect_identical(talk$undo()$messages, said)
    expect_error(
      talk$messages <- "Hello.", "`messages` must be a list",
      class = "openai_argument_error"
    )
    expect_error(
      talk$messages <- said[[1]], "put one message",
      class = "openai_argument_error"
    )
    expect_identical(talk$api, api)
  }
})

test_that("a plot returned by a tool is sent to the model as a picture", {
  skip_if_not(capabilities("png"))
  draw <- tool(
    function() {
      grDevices::pdf(NULL)
      on.exit(grDevices::dev.off())
      grDevices::dev.control("enable")
      plot(1)
      list("A point.", grDevices::recordPlot())
    },
    "Draws.",
    name = "draw"
  )
  for (api in apis) {
    server <- test_server()
    server$reply_tool("draw")
    server$reply_chat("I see a point.")
    talk <- talk_on(server, api, tools = draw)
    shown <- capture.output(talk$say("Draw."))
    expect_true("< A point. [picture]" %in% shown)

    body <- sent_bodies(server)[[2]]
    if (api == "chat") {
      sent <- body$messages
      expect_identical(sent[[3]]$content, "A point.\n[picture]")
      expect_identical(sent[[4]]$role, "user")
      url <- sent[[4]]$content[[2]]$image_url$url
      said <- length(talk$messages)
      expect_identical(said, 5L)
    } else {
      output <- body$input[[3]]$output
      expect_identical(output[[1]]$text, "A point.")
      url <- output[[2]]$image_url
    }
    expect_match(url, "^data:image/png;base64,iVBOR")
    talk$undo()
    expect_identical(talk$messages, list())
  }
})
