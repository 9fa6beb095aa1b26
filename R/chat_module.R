#' Add a chat to a Shiny app
#'
#' @description
#' A Shiny module: `chat_ui()` adds a chat to a page, and `chat_server()`, with
#' the same `id`, connects it to a model. An app can contain several chats, and
#' one R process serves many people at once, because it never waits for an
#' answer. [chat_app()] is a complete app with a single chat.
#'
#' Each browser window has its own conversations, which can stream at the same
#' time. The browser stores them (IndexedDB), and closing the window closes its
#' streams. If an answer is stopped, the partial answer is part of the
#' conversation; if it fails, the question is not, and can be asked again.
#'
#' People can add pictures (PNG, JPEG, GIF, WebP), sounds (WAV, MP3), PDFs and
#' text files to a question, up to 20 MB in total.
#'
#' @section Tools:
#' The functions of `tools` run in the R process between two answers, and the
#' page shows their calls and results. R does nothing else while a function
#' runs: slow functions should return a promise, such as those of the packages
#' mirai and future. A plot, [picture()] or [document()] returned by a function
#' is sent to the model, and pictures are shown in the page. Errors in a
#' function are reported to the model.
#'
#' @section Bookmarks:
#' If the app supports bookmarks ([shiny::enableBookmarking()], and a `ui` that
#' is a function), a bookmark contains the current conversation, without the ids
#' of objects stored by the API. `"server"` supports conversations of any
#' length, `"url"` those of up to 20,000 characters. To bookmark each answer:
#' `observeEvent(chat$last_answer(), session$doBookmark())` and
#' `onBookmarked(updateQueryString)`.
#'
#' @section Trust:
#' A conversation stored in the browser is read back from the browser, so people
#' can change the content of their own conversations, just as they can ask
#' anything. It is validated: system messages, ids of files and items, and URLs
#' of other hosts are never accepted. Only provide tools that may be called with
#' any arguments.
#'
#' @param id Id of the module, one string.
#' @param title Heading, one string; or `NULL`.
#' @param height Height of the chat in CSS units, such as `"80vh"`.
#' @param history Whether the page lets people keep several conversations in the
#'   browser, `TRUE` or `FALSE`.
#' @param client An [openai] client, which can also be one for [azure][openai]
#'   or any other server.
#' @param model Name of the model, one string.
#' @param system System message sent before each conversation, one string; or
#'   `NULL`.
#' @param tools Tools created by [tool()]: one, or a list, which may also hold
#'   plain lists of tools that the server runs, such as
#'   `list(type = "web_search")` with `api = "responses"`.
#' @param ... Additional fields of each request body, named as in the API
#'   reference: `temperature`, `reasoning`, `store` and so on.
#' @param api The API to use: `"chat"` for chat completions, which most servers
#'   support; or `"responses"`, for models and tools that only responses
#'   support.
#' @return `chat_ui()` returns HTML tags. `chat_server()` returns a list of
#'   functions. The following are reactive: code that uses them runs again when
#'   an answer begins or ends, or when another conversation is shown.
#'   - `last_answer()`: the text of the last answer in the current conversation,
#'     one string; `NULL` before there is one;
#'   - `messages()`: the current conversation, as in `$messages` of a
#'     [Conversation];
#'   - `usage()`: its usage, as returned by `$usage()` of a [Conversation];
#'   - `is_answering()`: whether an answer is being generated.
#'
#'   The others control the chat:
#'   - `ask(text)`: asks `text` on behalf of the user;
#'   - `clear()`: starts a new conversation;
#'   - `set_model(model)`: uses another model for the next answers.
#' @seealso [chat_app()], and `vignette("shiny", package = "openaistream")`.
#' @examples
#' if (requireNamespace("shiny", quietly = TRUE)) {
#'   server <- local_server(token_delay = 0.05)
#'   client <- openai$new("sk-demo", base_url = server$url)
#'
#'   ui <- shiny::fluidPage(
#'     shiny::actionButton("hint", "Give me a hint"),
#'     chat_ui("tutor", title = "Tutor"),
#'     shiny::textOutput("length")
#'   )
#'   app <- shiny::shinyApp(ui, function(input, output, session) {
#'     tutor <- chat_server("tutor", client, system = "Explain by examples.")
#'     shiny::observeEvent(input$hint, tutor$ask("Give me a hint, please."))
#'     output$length <- shiny::renderText({
#'       paste(length(tutor$messages()), "messages")
#'     })
#'   })
#'
#'   if (interactive()) print(app)
#'   server$stop()
#' }
#' @export
chat_ui <- function(id, title = NULL, height = "36rem", history = TRUE) {
  check_installed("shiny", "chat_ui()")
  check_string(id, "id", optional = FALSE)
  check_string(title, "title")
  check_string(height, "height", optional = FALSE)
  check_flag(history, "history")
  heading <- if (!is.null(title)) shiny::tags$h2(title)
  shiny::tags$div(
    style = paste0("--chat-height: ", height),
    chat_element(chat_container(id), heading, history = history)
  )
}

# The id of a chat's element, which is also the name of its input.
chat_container <- function(id) shiny::NS(id, "chat")

#' @rdname chat_ui
#' @export
chat_server <- function(id, client, model = "gpt-6-luna", system = NULL,
                        tools = NULL, ..., api = "chat") {
  check_installed(c("shiny", "later", "promises"), "chat_server()")
  check_string(id, "id", optional = FALSE)
  begin <- conversation_maker(client, model, system, tools, list(...), api)
  serve_chat(id, begin)
}

# Returns a function that creates conversations. Invalid arguments fail at once.
conversation_maker <- function(client, model, system, tools, fields, api) {
  check_client(client)
  begin <- function() {
    Conversation$new(
      client, model,
      system = system, tools = tools, api = api, fields = fields
    )
  }
  begin()
  begin
}

check_client <- function(client) {
  # Resources have the class of clients, too.
  if (!inherits(client, "openai") || is.null(client[["chat"]])) {
    abort_argument(
      "`client` must be a client created by openai$new(), not ",
      describe(client), "."
    )
  }
  client
}

# Serves a chat whose conversations are created by `begin()`; shows `talk`
# first, if it is given.
serve_chat <- function(id, begin, talk = NULL) {
  shiny::moduleServer(id, function(input, output, session) {
    model <- NULL
    send <- function(message) {
      message <- c(list(id = session$ns("chat")), message)
      # Messages that are not about an answer say so.
      message["answer"] <- list(message$answer)
      session$sendCustomMessage("openaistream", message)
    }
    # Counters of the changes of the conversation, and of these and the
    # beginnings of answers.
    message_changes <- shiny::reactiveVal(0)
    changes <- shiny::reactiveVal(0)
    count <- function(value) value(shiny::isolate(value()) + 1)
    chat <- ChatSession$new(
      function() {
        talk <- begin()
        if (!is.null(model)) talk$model <- model
        talk
      },
      send, function(has_changed) {
        count(changes)
        if (has_changed) count(message_changes)
      }
    )
    # tempfile() returns random names without using R's random numbers.
    if (!is.null(talk)) chat$begin_with(basename(tempfile("talk-")), talk)

    # A browser that reconnects sends the last action of the previous connection
    # again.
    shiny::observeEvent(
      input$chat_action, chat$act(input$chat_action),
      ignoreInit = !is.null(shiny::isolate(input$chat_action))
    )
    session$onSessionEnded(chat$close)
    bookmark_chat(session, chat)

    messages <- shiny::reactive({
      message_changes()
      chat$messages() %||% list()
    })
    list(
      last_answer = shiny::reactive(last_answer(messages())),
      messages = messages,
      usage = shiny::reactive({
        message_changes()
        if (!is.null(chat$talk())) chat$talk()$usage()
      }),
      is_answering = shiny::reactive({
        changes()
        chat$is_answering()
      }),
      ask = function(text) {
        check_string(text, "text", optional = FALSE)
        send(list(event = "ask", text = text))
      },
      clear = function() send(list(event = "clear")),
      set_model = function(name) {
        model <<- check_string(name, "model", optional = FALSE)
        for (talk in chat$talks()) talk$model <- model
        send(list(event = "model", model = model))
      }
    )
  })
}

# The text of the last answer in a conversation, NULL if there is none.
last_answer <- function(messages) {
  turns <- chat_turns(messages)
  turn <- if (length(turns)) turns[[length(turns)]]
  texts <- Filter(
    function(part) part$kind == "text",
    if (identical(turn$role, "assistant")) turn$parts
  )
  if (length(texts)) paste(vapply(texts, `[[`, "", "text"), collapse = "")
}

# A bookmark of the app contains the current conversation.
bookmark_chat <- function(session, chat) {
  shiny::setBookmarkExclude("chat_action", session = session)
  session$onBookmark(function(state) {
    if (length(chat$messages()) == 0L) {
      return()
    }
    stored <- write_stored(chat$messages(), chat$talk()$api)
    is_in_url <- identical(shiny::getShinyOption("bookmarkStore"), "url")
    if (is_in_url && nchar(stored, type = "bytes") > max_url_bytes) {
      abort_argument(
        "The conversation is too long for a bookmark in the URL: use ",
        "enableBookmarking(\"server\") in this app."
      )
    }
    state$values$conversation <- chat$shown
    state$values$kept <- stored
  })
  session$onRestore(function(state) {
    if (!is.null(state$values$kept)) {
      chat$restore(state$values$conversation, state$values$kept)
    }
  })
}

# Most characters of the text need three characters in a URL, and Shiny's server
# accepts 80,000.
max_url_bytes <- 20000L
