apis <- c("responses", "chat")

# The bodies that the server received.
bodies <- function(server) {
  vapply(server$requests(), `[[`, "", "body")
}

test_talk <- function(server, api, ...) {
  test_client(server)$conversation("m", api = api, ...)
}

roles_and_texts <- function(talk) {
  vapply(talk$messages, function(item) {
    text <- if (is.character(item$content)) {
      item$content
    } else {
      item$content[[1]]$text
    }
    paste0(item$role, ": ", text)
  }, "")
}

# A conversation whose model calls a tool before it answers.
adding_talk <- function(server, api) {
  server$reply_tool("add", list(a = 1, b = 2))
  server$reply_chat("It is 3.")
  test_talk(server, api, tools = add_tool())
}

add_tool <- function() {
  tool(
    function(a, b) a + b, "Adds two numbers.",
    name = "add", a = type_number(), b = type_number()
  )
}

test_that("a conversation sends earlier messages with the next one", {
  for (api in apis) {
    server <- test_server()
    server$reply_chat("Good day.")
    server$reply_chat("You said hello.")
    talk <- test_talk(server, api, system = "Be kind.")

    expect_output(first <- talk$say("Hello."), "Good day.")
    second <- talk$say("What did I say?", echo = FALSE)

    expect_identical(roles_and_texts(talk), c(
      "user: Hello.", "assistant: Good day.", "user: What did I say?",
      "assistant: You said hello."
    ))
    expect_match(bodies(server)[[2]], "Be kind.", fixed = TRUE)
    expect_match(bodies(server)[[2]], "Good day.", fixed = TRUE)
    expect_identical(second$rounds, 1)
    usage <- suppressWarnings(talk$usage(), "openai_price_warning")
    expect_identical(nrow(usage), 2L)
    expect_identical(usage$model, c("m", "m"))
    expect_true(all(usage$input_tokens > 0 & usage$output_tokens > 0))
    expect_output(print(talk), "user: Hello.\nassistant: Good day.")
  }
})

test_that("tools run automatically and are printed", {
  for (api in apis) {
    server <- test_server()
    talk <- adding_talk(server, api)

    shown <- capture.output(answer <- talk$say("What is 1 + 2?"))

    expect_match(shown[[1]], "add.*1.*2")
    expect_true("It is 3." %in% shown)
    expect_identical(answer$rounds, 2)
    expect_length(talk$messages, 4)
    expect_identical(talk$usage()$requests, 2)
    talk$undo()
    expect_identical(talk$messages, list())
  }
})

test_that("the answer of a stream is added when the stream has been read", {
  for (api in apis) {
    server <- test_server()
    talk <- adding_talk(server, api)

    stream <- talk$stream("What is 1 + 2?")
    expect_error(talk$messages, "has not ended", class = "openai_argument_error")
    texts <- character()
    while (!is.null(stream)) {
      texts <- c(texts, stream$text())
      stream <- talk$stream()
    }

    expect_identical(texts, c("", "It is 3."))
    expect_length(talk$messages, 4)
    expect_identical(talk$usage()$requests, 2)
  }
})

test_that("closing a stream keeps the partial answer", {
  for (api in apis) {
    server <- local_server(token_delay = 0.02)
    withr::defer(server$stop())
    server$reply_chat("one two three four five six")
    talk <- test_talk(server, api)
    stream <- talk$stream("Count.")
    repeat {
      event <- stream$next_event()
      if (grepl("two", event$text)) break
    }
    stream$close()
    expect_match(roles_and_texts(talk)[[2]], "^assistant: one two")
    expect_length(talk$messages, 2)
  }
})

test_that("an answer can be awaited on the event loop", {
  for (api in apis) {
    server <- test_server()
    talk <- adding_talk(server, api)
    promise <- talk$say_async("What is 1 + 2?")
    expect_error(talk$undo(), "not arrived yet", class = "openai_argument_error")
    answer <- value_of(promise)
    expect_identical(answer$rounds, 2)
    expect_length(talk$messages, 4)
  }
})

test_that("$extract() returns values of the schema's types", {
  type <- type_object(name = type_string(), age = type_integer())
  for (api in apis) {
    server <- test_server()
    server$reply_chat('{"name":"Ada","age":36}')
    server$reply_chat('{"name":"Bo","age":7}')
    talk <- test_talk(server, api, schema = type)
    expect_identical(
      talk$extract("Ada is 36."), list(name = "Ada", age = 36L)
    )
    expect_identical(
      talk$say("Bo is 7.", echo = FALSE)$parsed, list(name = "Bo", age = 7L)
    )
    expect_error(
      test_talk(server, api)$extract("x"), "`schema`",
      class = "openai_argument_error"
    )
  }
})

test_that("a failed call leaves the conversation unchanged", {
  for (api in apis) {
    server <- test_server()
    server$reply(400, body = '{"error":{"message":"No such field."}}')
    talk <- test_talk(server, api)
    expect_error(
      talk$say("Hello.", echo = FALSE), "No such field",
      class = "openai_bad_request_error"
    )
    expect_identical(talk$messages, list())
  }
})

test_that("$fork() returns an independent copy, $compact() shortens it", {
  for (api in apis) {
    server <- test_server()
    talk <- test_talk(server, api)
    for (text in c("one", "two", "three")) talk$say(text, echo = FALSE)
    copy <- talk$fork()
    talk$undo()
    expect_length(talk$messages, 4)
    expect_length(copy$messages, 6)

    copy$compact()
    expect_lt(length(copy$messages), 6)
    expect_error(copy$undo(), "nothing to undo", class = "openai_argument_error")
    copy$say("four", echo = FALSE)
    expect_gt(length(copy$messages), 2)
  }
})

test_that("invalid input is rejected before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  expect_error(client$conversation(1), "`model`")
  expect_error(client$conversation("m", api = "runs"), "`api`")
  expect_error(client$conversation("m", schema = 1), class = "openai_argument_error")
  expect_error(client$conversation("m", stream = TRUE), "sets `stream` itself")
  talk <- client$conversation("m")
  expect_error(talk$say(), "message is empty")
  expect_error(talk$say(1), "must consist of strings")
  expect_error(talk$undo(), "nothing to undo")
  expect_length(server$requests(), 0)
})

test_that("a saved conversation continues in another session", {
  # The other session finds the key in this environment variable.
  withr::local_envvar(OPENAI_API_KEY = "sk-test")
  for (api in apis) {
    queue <- function(server, place) {
      server$reply_tool("add", list(a = place, b = 1))
      server$reply_chat(paste("It is", place + 1))
    }
    server <- test_server()
    say <- function(talk, place) {
      queue(server, place)
      talk$say(paste("And", place, "?"), picture("https://host/a.png"),
        echo = FALSE
      )
    }
    uninterrupted <- test_talk(server, api, tools = add_tool())
    for (place in 1:6) say(uninterrupted, place)
    expected <- bodies(server)

    server <- test_server()
    talk <- test_talk(server, api, tools = add_tool())
    for (place in 1:3) say(talk, place)
    path <- withr::local_tempfile(fileext = ".rds")
    saveRDS(talk, path)
    for (place in 4:6) queue(server, place)
    messages <- in_session(function(path) {
      talk <- readRDS(path)
      for (place in 4:6) {
        talk$say(paste("And", place, "?"),
          openaistream::picture("https://host/a.png"),
          echo = FALSE
        )
      }
      talk$messages
    }, list(path), env = c(OPENAI_API_KEY = "sk-test"))

    expect_length(expected, 12)
    expect_true(identical(bodies(server), expected))
    expect_identical(messages, uninterrupted$messages)
  }
})

test_that("an interrupt keeps the partial answer", {
  skip_on_os("windows")
  for (api in apis) {
    server <- local_server(token_delay = 0.05)
    withr::defer(server$stop())
    server$reply_chat(paste(rep("word", 200), collapse = " "))
    server$reply_chat("Good.")
    process <- callr::r_bg(function(url, api) {
      client <- openaistream::openai$new("sk-test", base_url = url)
      talk <- client$conversation("m", api = api)
      kinds <- character()
      withCallingHandlers(
        talk$say("Say many words."),
        warning = function(w) {
          kinds <<- class(w)
          invokeRestart("muffleWarning")
        }
      )
      kept <- talk$messages
      talk$say("Thanks.", echo = FALSE)
      list(kinds = kinds, kept = kept, count = length(talk$messages))
    }, list(server$url, api), stdout = "|")
    withr::defer(process$kill())
    wait_until(function() grepl("word", process$read_output()), 30)
    process$interrupt()
    process$wait(20000)

    found <- process$get_result()
    expect_true("openai_interrupted_warning" %in% found$kinds)
    expect_length(found$kept, 2)
    expect_match(found$kept[[2]]$content, "^word")
    expect_lt(nchar(found$kept[[2]]$content), 900)
    expect_identical(found$count, 4L)
  }
})

test_that("a conversation saved by a newer version is rejected", {
  server <- test_server()
  talk <- test_talk(server, "chat")
  talk$say("Hello.", echo = FALSE)
  own <- talk$.__enclos_env__$private
  own$form <- list(number = 2, version = "9.1.0")
  path <- withr::local_tempfile(fileext = ".rds")
  saveRDS(talk, path)

  newer <- readRDS(path)
  for (use in list(
    newer$undo, newer$fork, newer$compact, function() newer$messages,
    function() newer$say("x", echo = FALSE), function() newer$stream("x")
  )) {
    expect_error(
      use(), "openaistream 9.1.0.*install", class = "openai_argument_error"
    )
  }
  expect_length(server$requests(), 1)
})

test_that("$console() sends lines until an empty one", {
  skip_on_os("windows")
  skip_if_not_installed("processx")
  server <- test_server()
  server$reply_chat("Hello, Ada.")
  server$reply(status = 400, body = '{"error":{"message":"No."}}')
  server$reply_chat("You are Ada.")
  lines <- withr::local_tempfile(lines = c(
    "library(openaistream)",
    sprintf("client <- openai$new(\"sk-test\", base_url = \"%s\")", server$url),
    "talk <- client$conversation(\"m\", api = \"chat\")$console()",
    "I am Ada.", "What?", "Who am I?", " ",
    "length(talk$messages)"
  ))
  ran <- processx::run(
    file.path(R.home("bin"), "R"),
    c("--interactive", "--no-readline", "--no-save", "--no-init-file"),
    stdin = lines, stderr_to_stdout = TRUE, timeout = 60
  )
  shown <- strsplit(ran$stdout, "\n")[[1]]
  expect_true("An empty line ends the conversation." %in% shown)
  expect_match(ran$stdout, "You: I am Ada.", fixed = TRUE)
  expect_match(ran$stdout, "Hello, Ada.", fixed = TRUE)
  expect_match(ran$stdout, "No.", fixed = TRUE)
  expect_match(ran$stdout, "You are Ada.", fixed = TRUE)
  expect_identical(tail(shown[grepl("^\\[1\\]", shown)], 1), "[1] 4")
})
