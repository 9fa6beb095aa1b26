#' Run a chat app
#'
#' A Shiny app to chat with a model. Answers appear token by token as they are
#' generated, and can be stopped. One R process serves many people at once,
#' because it never waits for an answer. To add the same chat to your own app,
#' use [chat_ui()] and [chat_server()].
#'
#' Each browser window has its own conversations, see [chat_ui()]: the browser
#' stores them, and sends the conversation with each question. Closing the
#' window closes its streams. Answers are rendered as Markdown; nothing in them
#' is executed or loaded from other sites. Tool calls and reasoning are shown
#' collapsed. Errors are shown in the page, and the question can be sent again.
#'
#' With [shiny::enableBookmarking()], the URL of the window is updated to a
#' bookmark of the conversation after each answer.
#'
#' `shiny::runApp(system.file("shiny/chat", package = "openaistream"))` runs
#' `chat_app()` with its defaults.
#'
#' @param client An [openai] client. Defaults to `openai$new()` if the
#'   environment contains a key, else to a client of a [local_server()] that
#'   only demonstrates the app, with a note in the page.
#' @param model Name of the model, one string.
#' @param system System message sent before each conversation, one string; or
#'   `NULL`.
#' @param title Title of the page, one string.
#' @param ... Additional fields of each request body, named as in the API
#'   reference: `temperature`, `max_completion_tokens` and so on.
#' @param api The API to use: `"chat"` for chat completions, which most servers
#'   support; or `"responses"`, for models and tools that only responses
#'   support. The conversation is sent with each question, so an answer that was
#'   stopped is part of it; add `store = FALSE` if OpenAI should not store the
#'   responses.
#' @param tools Tools created by [tool()]: one, or a list, which may also hold
#'   plain lists of tools that the server runs, such as
#'   `list(type = "web_search")` with `api = "responses"`. The functions are
#'   called automatically, see [chat_ui()].
#' @return A Shiny app object, as returned by [shiny::shinyApp()]; printing it
#'   at the console runs it. Signals an error if an argument is invalid, or if
#'   one of the packages shiny, later and promises is not installed.
#' @seealso <https://platform.openai.com/docs/api-reference/chat>,
#'   <https://platform.openai.com/docs/api-reference/responses>, and the article
#'   `vignette("shiny", package = "openaistream")` (`vignettes/shiny.Rmd` if the
#'   package was installed directly from a source folder).
#' @examples
#' if (requireNamespace("shiny", quietly = TRUE)) {
#'   server <- local_server(token_delay = 0.05)
#'   client <- openai$new("sk-demo", base_url = server$url)
#'   app <- chat_app(client, system = "Answer in one paragraph.")
#'
#'   if (interactive()) print(app)
#'   server$stop()
#' }
#' @export
chat_app <- function(client = NULL, model = "gpt-6-luna", system = NULL,
                     title = "Chat", ..., api = "chat", tools = NULL) {
  check_installed(c("shiny", "later", "promises"), "chat_app()")
  check_string(title, "title", optional = FALSE)

  # The demo server lives as long as the app, whose closures reference it.
  demo <- is.null(client) && !any(nzchar(Sys.getenv(key_variables)))
  demo_server <- if (demo) local_server(token_delay = 0.05)
  client <- if (demo) {
    openai$new("sk-demo", base_url = demo_server$url)
  } else {
    client %||% openai$new()
  }
  begin <- conversation_maker(client, model, system, tools, list(...), api)
  app_of_chat(
    chat_page(chat_container("app"), title, model, if (demo) demo_note()),
    function(session) {
      # It references the demo server.
      force(demo_server)
      chat <- serve_chat("app", begin)
      if (shiny::getShinyOption("bookmarkStore", "disable") != "disable") {
        bookmark_answers(session, chat)
      }
    }
  )
}

# A Shiny app with the same page for everyone, and a function that serves a
# session.
app_of_chat <- function(page, serve) {
  shiny::shinyApp(
    # Shiny only restores bookmarks if the page is created by a function.
    ui = function(request) page,
    server = function(input, output, session) {
      # When the connection is restored, the page continues with what it stored.
      session$allowReconnect(TRUE)
      serve(session)
    }
  )
}

# Updates the URL of the window to a bookmark of its conversation after each
# answer.
bookmark_answers <- function(session, chat) {
  session$onBookmarked(function(url) {
    shiny::updateQueryString(url, session = session)
  })
  shiny::observeEvent(chat$last_answer(), session$doBookmark())
}

# A single conversation in the browser, see `$app()` of a Conversation.
talk_app <- function(talk) {
  windows <- 0L
  app_of_chat(
    chat_page(
      chat_container("app"), title_of(talk$messages), talk$model,
      history = FALSE
    ),
    function(session) {
      serve_chat("app", function() talk$fork(), talk)
      windows <<- windows + 1L
      session$onSessionEnded(function() {
        windows <<- windows - 1L
        # A page that is reloaded returns in a moment.
        later::later(function() if (windows == 0L) shiny::stopApp(), 2)
      })
    }
  )
}
