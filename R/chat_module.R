#' A chat in a Shiny app of your own
#'
#' @description
#' A Shiny module: `chat_ui()` is a chat in a page, and `chat_server()`, with the
#' same `id`, talks with the model. Several chats may be in one app, and one R
#' process serves many people at once: nothing waits for an answer. [chat_app()]
#' is an app that is nothing but a chat.
#'
#' Each browser window has conversations of its own, which stream side by side.
#' The browser keeps them (IndexedDB), and closing the window closes its
#' streams. An answer that is stopped is part of the conversation as far as it
#' came; a question whose answer failed is not, and can be asked again.
#'
#' People add pictures (PNG, JPEG, GIF, WebP), sounds (WAV, MP3), PDFs and files
#' of text to a question, up to 20 MB together.
#'
#' @section Tools:
#' The functions of `tools` run in the R process between two answers, and the
#' page shows their calls and results. While a function runs R does nothing else:
#' one that takes long should return a promise, as those of the packages mirai
#' and future are. A plot, [picture()] or [document()] that a function returns
#' goes to the model, and pictures are shown in the page. What goes wrong in a
#' function is told to the model.
#'
#' @section Bookmarks:
#' Where the app has bookmarks ([shiny::enableBookmarking()], and a `ui` that is
#' a function), they hold the conversation that is shown: what was said, without
#' ids of what is stored at the API. `"server"` takes conversations of any
#' length, `"url"` those of up to 20,000 characters. To bookmark each answer:
#' `observeEvent(chat$last_answer(), session$doBookmark())` and
#' `onBookmarked(updateQueryString)`.
#'
#' @section Trust:
#' What the browser keeps comes back from the browser, so a person can change
#' what "was said" in their own conversations, as they can ask anything. It is
#' checked: messages of the system, ids of files and items, and addresses of
#' other hosts are never taken from it. Give people no more than tools that may
#' be called with any arguments.
#'
#' @param id The id of the module, one string.
#' @param title A heading, one string; or `NULL`.
#' @param height Height of the chat, in CSS, such as `"80vh"`.
#' @param history Whether the page lets people keep several conversations in the
#'   browser, `TRUE` or `FALSE`.
#' @param client An [openai] client; it may also be one for [azure][openai] or
#'   any other server.
#' @param model Name of the model, one string.
#' @param system What the model is told before each conversation, one string; or
#'   `NULL`.
#' @param tools What [tool()] makes: one, or a list, which may also hold plain
#'   lists of tools that the server runs, such as `list(type = "web_search")`
#'   with `api = "responses"`.
#' @param ... Further fields of each request's body, named as in the API
#'   reference: `temperature`, `reasoning`, `store` and so on.
#' @param api What answers: `"chat"`, chat completions, which most servers have;
#'   or `"responses"`, for models and tools that only responses have.
#' @return `chat_ui()` returns tags. `chat_server()` returns a list of functions:
#'   - `last_answer()`: the text of the last answer in the conversation that is
#'     shown, one string, `NULL` before there is one;
#'   - `messages()`: what was said in it, as `$messages` of a [Conversation];
#'   - `usage()`: what it took, as `$usage()` of a [Conversation];
#'   - `is_answering()`: whether an answer is under way.
#'
#'   These are reactive: what uses them runs again when an answer begins or
#'   ends, or another conversation is shown.
#'   - `ask(text)`: asks as though the person had written `text`;
#'   - `clear()`: begins a new conversation;
#'   - `set_model(model)`: what comes next is answered by another model.
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
    style = paste0("height: ", height),
    chat_element(chat_container(id), heading, history = history)
  )
}

# The id of a chat's element, and so the name of its input.
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

# Makes conversations that are alike. A wrong argument stops now.
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
      "`client` must be a client that openai$new() made, not ",
      describe(client), "."
    )
  }
  client
}

# The server of a chat whose conversations `begin()` makes; it shows `talk`
# first, where one is given.
serve_chat <- function(id, begin, talk = NULL) {
  shiny::moduleServer(id, function(input, output, session) {
    model <- NULL
    send <- function(message) {
      message <- c(list(id = session$ns("chat")), message)
      # Messages that are about no answer say so.
      message["answer"] <- list(message$answer)
      session$sendCustomMessage("openaistream", message)
    }
    news <- shiny::reactiveVal(0)
    changes <- shiny::reactiveVal(0)
    count <- function(value) value(shiny::isolate(value()) + 1)
    chat <- ChatSession$new(
      function() {
        talk <- begin()
        if (!is.null(model)) talk$model <- model
        talk
      },
      send, function(said) {
        count(changes)
        if (said) count(news)
      }
    )
    # tempfile() gives names at random, and leaves R's random numbers alone.
    if (!is.null(talk)) chat$begin_with(basename(tempfile("talk-")), talk)

    # A browser that connects again sends the last action of the connection
    # before.
    shiny::observeEvent(
      input$chat_action, chat$act(input$chat_action),
      ignoreInit = !is.null(shiny::isolate(input$chat_action))
    )
    session$onSessionEnded(chat$close)
    bookmark_chat(session, chat)

    said <- shiny::reactive({
      news()
      chat$said() %||% list()
    })
    list(
      last_answer = shiny::reactive(last_answer(said())),
      messages = said,
      usage = shiny::reactive({
        news()
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

# The text of the last answer among what was said, NULL where there is none.
last_answer <- function(said) {
  turns <- chat_turns(said)
  turn <- if (length(turns)) turns[[length(turns)]]
  texts <- Filter(
    function(part) part$kind == "text",
    if (identical(turn$role, "assistant")) turn$parts
  )
  if (length(texts)) paste(vapply(texts, `[[`, "", "text"), collapse = "")
}

# Bookmarks of an app hold the conversation that is shown.
bookmark_chat <- function(session, chat) {
  shiny::setBookmarkExclude("chat_action", session = session)
  session$onBookmark(function(state) {
    if (length(chat$said()) == 0L) {
      return()
    }
    kept <- write_kept(chat$said(), chat$talk()$api)
    is_in_url <- identical(shiny::getShinyOption("bookmarkStore"), "url")
    if (is_in_url && nchar(kept, type = "bytes") > most_url_bytes) {
      abort_argument(
        "The conversation is too long for a bookmark that is a URL; this app ",
        "needs enableBookmarking(\"server\")."
      )
    }
    state$values$conversation <- chat$shown
    state$values$kept <- kept
  })
  session$onRestore(function(state) {
    if (!is.null(state$values$kept)) {
      chat$restore(state$values$conversation, state$values$kept)
    }
  })
}

# Most characters of the text are three in a URL, of which the server of Shiny
# takes 80,000.
most_url_bytes <- 20000L
