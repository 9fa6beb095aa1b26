#' A chat in the browser
#'
#' A Shiny app to talk with a model. Answers appear token by token while they
#' are written, and can be stopped. One R process serves many people at once:
#' nothing in it waits for an answer. [chat_ui()] and [chat_server()] put the
#' same chat into an app of your own.
#'
#' Each browser window has conversations of its own, see [chat_ui()]: the browser
#' keeps them, and each is sent with each question. Closing the window closes
#' its streams. Answers are shown as Markdown, without what would run or be
#' fetched from elsewhere. Calls of tools and what the model thought are shown
#' folded. Errors are shown in the page; the question can be sent again.
#'
#' After [shiny::enableBookmarking()] the address of the window is a bookmark of
#' the conversation after each answer.
#'
#' `shiny::runApp(system.file("shiny/chat", package = "openaistream"))` runs
#' `chat_app()` with its defaults.
#'
#' @param client An [openai] client. By default `openai$new()` where the
#'   environment has a key, else a client of a [local_server()] that only
#'   demonstrates the app, and a note in the page says so.
#' @param model Name of the model, one string.
#' @param system What the model is told before each conversation, one string; or
#'   `NULL`.
#' @param title Title of the page, one string.
#' @param ... Further fields of each request's body, named as in the API
#'   reference: `temperature`, `max_completion_tokens` and so on.
#' @param api What answers: `"chat"`, chat completions, which most servers have;
#'   or `"responses"`, for models and tools that only responses have. The
#'   conversation is sent with each question, so that an answer that was stopped
#'   is part of it; say `store = FALSE` where OpenAI shall not keep the
#'   responses either.
#' @param tools What [tool()] makes: one, or a list, which may also hold plain
#'   lists of tools that the server runs, such as `list(type = "web_search")`
#'   with `api = "responses"`. They run by themselves, see [chat_ui()].
#' @return A Shiny app object, as [shiny::shinyApp()] returns it: printed at the
#'   console it runs. Stops where an argument is refused or where one of the
#'   packages shiny, later and promises is not installed.
#' @seealso <https://platform.openai.com/docs/api-reference/chat>,
#'   <https://platform.openai.com/docs/api-reference/responses>, and the article
#'   `vignette("shiny", package = "openaistream")`, which an installation straight
#'   from a folder of sources leaves out: there it is `vignettes/shiny.Rmd`.
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

  # The demo server lives as long as the app, whose closures hold it.
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
      # It holds the demo server.
      force(demo_server)
      chat <- serve_chat("app", begin)
      if (shiny::getShinyOption("bookmarkStore", "disable") != "disable") {
        bookmark_answers(session, chat)
      }
    }
  )
}

# A Shiny app of a page, the same for all, and what serves a session.
app_of_chat <- function(page, serve) {
  shiny::shinyApp(
    # Shiny restores bookmarks only where the page is made by a function.
    ui = function(request) page,
    server = function(input, output, session) {
      # After a break of the line the page goes on with what it kept.
      session$allowReconnect(TRUE)
      serve(session)
    }
  )
}

# The address of the window is a bookmark of its conversation after each answer.
bookmark_answers <- function(session, chat) {
  session$onBookmarked(function(url) {
    shiny::updateQueryString(url, session = session)
  })
  shiny::observeEvent(chat$last_answer(), session$doBookmark())
}

# A conversation in the browser, see `$app()` of a Conversation: nothing else is
# talked about there.
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
        # A page that is loaded again is back in a moment.
        later::later(function() if (windows == 0L) shiny::stopApp(), 2)
      })
    }
  )
}
