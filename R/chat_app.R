#' A chat in the browser
#'
#' A Shiny app to talk with a model. Answers appear token by token while they
#' are written, and can be stopped. One R process serves many people at once:
#' nothing in it waits for an answer.
#'
#' Each browser window has a conversation of its own, which is sent with each
#' question and forgotten when the window is closed; a stream that is under way
#' is closed then, too. Answers are shown as Markdown, without what would run or
#' be fetched from elsewhere. Errors are shown in the page; the question can be
#' sent again.
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
#'   or `"responses"`, for models and tools that only responses have
#'   (`tools = list(list(type = "web_search"))`). The conversation is sent with
#'   each question, so that an answer that was stopped is part of it; say
#'   `store = FALSE` where OpenAI shall not keep the responses either.
#' @return A Shiny app object, as [shiny::shinyApp()] returns it: printed at the
#'   console it runs. Stops where an argument is refused or where one of the
#'   packages shiny and later is not installed.
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
                     title = "Chat", ..., api = "chat") {
  check_installed(c("shiny", "later"), "chat_app()")
  check_string(model, "model", optional = FALSE)
  check_string(system, "system")
  check_string(title, "title", optional = FALSE)
  check_api(api)
  check_chat_fields(own_chat_fields[[api]], ...)

  # The demo server lives as long as the app, whose closures hold it.
  demo <- is.null(client) && !any(nzchar(Sys.getenv(key_variables)))
  demo_server <- if (demo) local_server(token_delay = 0.05)
  client <- if (demo) {
    openai$new("sk-demo", base_url = demo_server$url)
  } else {
    check_client(client %||% openai$new())
  }

  open <- if (api == "responses") {
    open_response(client, model, system, ...)
  } else {
    open_chat(client, model, system, ...)
  }
  shiny::shinyApp(
    ui = chat_page("chat", title, model, if (demo) demo_note()),
    server = function(input, output, session) {
      # By the page's ids of the conversations.
      talks <- list()
      talk_about <- function(conversation) {
        if (is.null(talks[[conversation]])) {
          talks[[conversation]] <<- ChatSession$new(open, function(message) {
            message <- c(list(id = "chat", conversation = conversation), message)
            session$sendCustomMessage("openaistream", message)
          })
        }
        talks[[conversation]]
      }
      shiny::observeEvent(input$chat_action, {
        action <- input$chat_action
        talk <- talk_about(action$conversation)
        switch(action$name,
          ask = talk$ask(action$text, action$answer),
          stop = talk$stop(),
          forget = talk$clear()
        )
      })
      session$onSessionEnded(function() {
        for (talk in talks) talk$clear()
      })
    }
  )
}

# What opens the stream of an answer to messages.
open_chat <- function(client, model, system, ...) {
  function(messages) {
    messages <- c(system_message(system), messages)
    client$chat$create(messages, model, stream = TRUE, ...)
  }
}

open_response <- function(client, model, system, ...) {
  fields <- c(given_fields(instructions = system), list(...))
  function(messages) {
    do.call(
      client$responses$create,
      c(list(messages, model, stream = TRUE), fields)
    )
  }
}

# The fields that the app sets by itself.
own_chat_fields <- list(
  chat = c("messages", "stream", "num", "verbosity", "echo"),
  responses = c(
    "input", "instructions", "conversation", "previous_response_id", "stream",
    "num", "verbosity", "echo"
  )
)

check_chat_fields <- function(own, ...) {
  fields <- names(list(...))
  if (...length() && (is.null(fields) || !all(nzchar(fields)))) {
    abort_argument(
      "Further arguments of chat_app() must be named as the fields of the ",
      "request's body are: `temperature = 0`, for instance."
    )
  }
  own <- intersect(fields, own)
  if (length(own)) {
    abort_argument("chat_app() sets `", own[[1]], "` by itself; leave it out.")
  }
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
