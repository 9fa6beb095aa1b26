# The Shiny module: the values that its server returns, and what users see.

app_of_module <- function(server, ...) {
  skip_if_not_installed("shiny")
  client <- test_client(server)
  shiny::shinyApp(shiny::fluidPage(), function(input, output, session) {
    session$userData$chat <- chat_server("bot", client, "m", ...)
  })
}

# Asks a question as the page does, and waits for the end of the answer.
ask_module <- function(session, text, number, id = "bot") {
  input <- list(list(
    name = "ask", conversation = "a", text = text, answer = number
  ))
  do.call(session$setInputs, structure(input, names = paste0(id, "-chat_action")))
  chat <- session$userData$chat
  run_loop_until(function() !shiny::isolate(chat$is_answering()))
  session$flushReact()
}

test_that("the values returned by the server are reactive", {
  for (api in chat_apis) {
    server <- test_server()
    server$reply_chat("Good day.")
    server$reply_chat("Fine.")
    shiny::testServer(app_of_module(server, api = api), {
      chat <- session$userData$chat
      answers <- character()
      counts <- integer()
      shiny::observeEvent(
        chat$last_answer(),
        answers <<- c(answers, chat$last_answer())
      )
      shiny::observe(counts <<- c(counts, length(chat$messages())))
      session$flushReact()
      expect_null(shiny::isolate(chat$last_answer()))

      ask_module(session, "Hello", 1)
      ask_module(session, "How are you?", 2)

      expect_identical(answers, c("Good day.", "Fine."))
      expect_identical(counts, c(0L, 2L, 4L))
      use <- suppressWarnings(
        shiny::isolate(chat$usage()), "openai_price_warning"
      )
      expect_identical(nrow(use), 2L)
    })
  }
})

test_that("another model can be set", {
  server <- test_server()
  shiny::testServer(app_of_module(server), {
    ask_module(session, "Hello", 1)
    session$userData$chat$set_model("other")
    ask_module(session, "Hello", 2)
    expect_error(session$userData$chat$set_model(""), "`model`")
  })
  models <- vapply(sent_bodies(server), `[[`, "", "model")
  expect_identical(models, c("m", "other"))
})

test_that("a tool can read and change reactive values of the app", {
  server <- test_server()
  skip_if_not_installed("shiny")
  server$reply_tool("paint", list(color = "red"))
  client <- test_client(server)
  app <- shiny::shinyApp(shiny::fluidPage(), function(input, output, session) {
    now <- shiny::reactiveVal("blue")
    paint <- tool(
      function(color) {
        before <- now()
        now(color)
        paste("It was", before)
      },
      "Paints.",
      name = "paint", color = type_string()
    )
    session$userData$now <- now
    session$userData$chat <- chat_server("bot", client, "m", tools = paint)
  })
  shiny::testServer(app, {
    ask_module(session, "Paint it red.", 1)
    expect_identical(shiny::isolate(session$userData$now()), "red")
  })
  expect_identical(sent_messages(server)[[2]][[3]]$content, "It was blue")
})

test_that("invalid arguments are rejected when the app starts", {
  skip_if_not_installed("shiny")
  client <- openai$new("sk-test")
  expect_error(chat_ui(1), "`id`", class = "openai_argument_error")
  expect_error(chat_ui("a", title = 1), "`title`")
  expect_error(chat_ui("a", history = NA), "`history`")
  expect_error(chat_server("a", "sk-test"), "`client`")
  expect_error(chat_server("a", client, ""), "`model`")
  expect_error(chat_server("a", client, tools = sum), "wrap it in tool")
  expect_error(chat_server("a", client, "m", stream = FALSE), "`stream`")
  expect_error(chat_server("a", client, "m", api = "runs"), "`api`")
})

# An app with two chats, in Chromium.
two_chats <- function(url, bookmarks = "disable") {
  library(shiny)
  library(openaistream)
  client <- openai$new("sk-test", base_url = url, max_retries = 0)
  add <- tool(
    function(x, y) x + y, "Adds.",
    name = "add", x = type_number(), y = type_number()
  )
  ui <- function(request) {
    fluidPage(
      actionButton("hint", "Hint"), actionButton("clear", "Clear"),
      textOutput("last"),
      chat_ui("one", title = "One", height = "500px"),
      chat_ui("two", title = "Two", history = FALSE)
    )
  }
  server <- function(input, output, session) {
    session$allowReconnect("force")
    one <- chat_server("one", client, "m-one", tools = add)
    chat_server("two", client, "m-two", api = "responses")
    observeEvent(input$hint, one$ask("Give me a hint."))
    observeEvent(input$clear, one$clear())
    output$last <- renderText(one$last_answer())
    if (bookmarks != "disable") {
      observeEvent(one$last_answer(), session$doBookmark())
      onBookmarked(updateQueryString)
    }
  }
  shinyApp(ui, server, enableBookmarking = bookmarks)
}

in_chat <- function(id, css) paste0("#", id, "-chat ", css)

# Asks a question in one of the chats.
ask_in <- function(browser, id, text) {
  browser$type(in_chat(id, "textarea"), paste0(text, "\uE007"))
}

two_chats_in_browser <- function(..., env = parent.frame()) {
  skip_without_browser()
  server <- test_server(env = env)
  app <- start_app(two_chats, server$url, ...)
  withr::defer(app$stop(), envir = env)
  browser <- Browser$new(height = 1400)
  withr::defer(browser$close(), envir = env)
  browser$open(app$url)
  wait_until(function() browser$shows("#two-chat .send:enabled"), 30)
  wait_until(function() browser$shows("#one-chat .send:enabled"))
  list(server = server, app = app, browser = browser)
}

test_that("two chats in one page stream at the same time", {
  page <- two_chats_in_browser()
  browser <- page$browser
  page$server$reply(chunks = chat_events("First", done = FALSE), abort = "stall")
  page$server$reply(chunks = response_chunks(c("Sec", "ond")))

  ask_in(browser, "one", "A?")
  wait_until(function() {
    browser$shows(in_chat("one", ".streaming .text"), "First")
  })
  ask_in(browser, "two", "B?")
  wait_until(function() {
    browser$shows(in_chat("two", ".complete .text"), "Second")
  })

  expect_identical(browser$texts(in_chat("one", ".user .text")), "A?")
  expect_identical(browser$texts(in_chat("two", ".user .text")), "B?")
  models <- vapply(sent_bodies(page$server), `[[`, "", "model")
  expect_identical(models, c("m-one", "m-two"))
  expect_identical(browser$run(
    "return document.querySelector('#one-chat').offsetHeight"
  ), 500L)
  expect_false(browser$run(
    "return document.querySelector('#two-chat .new').checkVisibility()"
  ))
})

test_that("ask(), last_answer() and clear() work; tool calls are shown", {
  page <- two_chats_in_browser()
  browser <- page$browser
  page$server$reply_tool("add", list(x = 1, y = 2))
  page$server$reply_chat("It is 3.")

  browser$click("#hint")
  wait_until(function() {
    browser$shows(in_chat("one", ".complete .text"), "It is 3.")
  })
  expect_identical(browser$texts(in_chat("one", ".user .text")), "Give me a hint.")
  wait_until(function() browser$shows("#last", "It is 3."))
  tool <- paste(browser$texts(in_chat("one", "details")), collapse = " ")
  expect_match(tool, "add.*3")
  browser$click("#clear")
  wait_until(function() !browser$shows(in_chat("one", ".message")))
})

test_that("a page continues its conversation after a reconnection", {
  page <- two_chats_in_browser()
  browser <- page$browser
  page$server$reply_chat("Paris.")
  page$server$reply_chat("Two million.")
  ask_in(browser, "one", "The capital of France?")
  wait_until(function() {
    browser$shows(in_chat("one", ".complete .text"), "Paris.")
  })

  browser$run("Shiny.shinyapp.$socket.close()")
  wait_until(function() browser$shows(in_chat("one", ".error[role=alert]")))
  browser$run("Shiny.shinyapp.reconnect()")
  wait_until(function() !browser$shows(in_chat("one", ".error[role=alert]")), 20)
  wait_until(function() browser$shows("#one-chat .send:enabled"))
  ask_in(browser, "one", "How many people live there?")
  wait_until(function() {
    browser$shows(in_chat("one", ".complete .text"), "Two million.")
  })

  expect_length(page$server$requests(), 2)
  said <- vapply(last_sent(page$server), `[[`, "", "content")
  expect_identical(
    said, c("The capital of France?", "Paris.", "How many people live there?")
  )
})

test_that("a bookmark restores the conversation in another browser", {
  for (store in c("url", "server")) {
    withr::local_dir(withr::local_tempdir())
    page <- two_chats_in_browser(store)
    browser <- page$browser
    page$server$reply_tool("add", list(x = 1, y = 2))
    page$server$reply_chat("It is 3.")
    page$server$reply_chat("Four.")
    ask_in(browser, "one", "What is 1 + 2?")
    pattern <- if (store == "url") "_values_" else "_state_id_"
    url <- function() browser$run("return location.href")
    wait_until(function() grepl(pattern, url(), fixed = TRUE), 20)

    other <- Browser$new(height = 1400)
    withr::defer(other$close())
    other$open(url())
    wait_until(function() {
      other$shows(in_chat("one", ".complete .text"), "It is 3.")
    }, 20)
    expect_identical(
      other$texts(in_chat("one", ".user .text")), "What is 1 + 2?"
    )
    expect_match(
      paste(other$texts(in_chat("one", "details")), collapse = " "), "add"
    )
    ask_in(other, "one", "Plus 1?")
    wait_until(function() {
      other$shows(in_chat("one", ".complete .text"), "Four.")
    })
    roles <- vapply(last_sent(page$server), `[[`, "", "role")
    expect_identical(roles, c("user", "assistant", "tool", "assistant", "user"))
    other$close()
    browser$close()
  }
})

test_that("files added to a question are sent to the model", {
  page <- two_chats_in_browser()
  browser <- page$browser
  page$server$reply_chat("I see.")
  add_files(
    browser, "drop",
    list(name = "plot.png", type = "image/png", base64 = pixel_png),
    list(name = "data.csv", type = "text/csv", base64 = "YSxiCjEsMg==")
  )
  wait_until(function() length(browser$texts(in_chat("one", ".chip"))) == 2L)
  ask_in(browser, "one", "What is this?")
  wait_until(function() {
    browser$shows(in_chat("one", ".complete .text"), "I see.")
  })
  content <- last_sent(page$server)[[1]]$content
  expect_identical(
    content[[2]]$image_url$url, paste0("data:image/png;base64,", pixel_png)
  )
  expect_match(content[[3]]$text, "data.csv.*a,b\n1,2")
})

test_that("$app() opens a conversation in the browser and stores its turns", {
  skip_without_browser()
  for (api in chat_apis) {
    server <- test_server()
    saved <- withr::local_tempfile(fileext = ".rds")
    page <- start_app(function(url, api, saved) {
      client <- openaistream::openai$new("sk-test", base_url = url)
      talk <- client$conversation("m", api = api)
      talk$say("What is a median?", echo = FALSE)
      app <- talk$app()
      app$onStart <- function() {
        # The test waits for the file, which must be complete when it appears.
        shiny::onStop(function() {
          part <- paste0(saved, ".part")
          saveRDS(talk$messages, part)
          file.rename(part, saved)
        })
      }
      app
    }, server$url, api, saved)
    withr::defer(page$stop())
    browser <- Browser$new()
    browser$open(page$url)
    wait_until(function() {
      browser$shows(".user .text", "What is a median?")
    }, 30)
    server$reply_chat("The mean is not.")
    wait_until(function() browser$shows(".send:enabled"))
    ask_in_browser(browser, "And the mean?")
    wait_until(function() browser$shows(".complete .text", "The mean is not."))
    browser$close()
    wait_until(function() file.exists(saved), 20)
    expect_length(readRDS(saved), 4)
  }
})
