# The page of chat_app(). What happens in it is in inst/shiny/chat/www/chat.js.

chat_page <- function(title, model, demo) {
  tags <- shiny::tags
  page <- shiny::tagList(
    tags$head(
      tags$title(title),
      tags$meta(
        name = "viewport", content = "width=device-width, initial-scale=1"
      ),
      shiny::includeCSS(chat_file("chat.css"))
    ),
    tags$div(
      class = "chat",
      tags$header(
        tags$h1(title),
        tags$span(class = "model", model),
        tags$button(type = "button", class = "clear", "New chat")
      ),
      if (demo) demo_note(),
      tags$main(
        class = "messages", role = "log", tabindex = "0",
        `aria-live` = "polite", `aria-label` = "Conversation"
      ),
      chat_composer()
    ),
    shiny::includeScript(chat_file("chat.js"))
  )
  structure(page, lang = "en")
}

# The label is around the text area, which thus needs no id: Shiny would send
# the text of one with an id to R at each keystroke. With a button that submits
# a form Shiny would hold all inputs back, so this is none.
chat_composer <- function() {
  tags <- shiny::tags
  tags$div(
    class = "composer",
    tags$label(
      tags$span(class = "hidden", "Your message"),
      tags$textarea(
        rows = "1", placeholder = "Ask something", autocomplete = "off"
      )
    ),
    tags$button(type = "button", class = "send", disabled = NA, "Send")
  )
}

demo_note <- function() {
  shiny::tags$p(
    class = "note", role = "note",
    "No API key is set: a demo server on this machine answers. Set ",
    shiny::tags$code("OPENAI_API_KEY"), " and start again to talk with a model."
  )
}

chat_file <- function(name) {
  system.file("shiny", "chat", "www", name, package = "openaistream")
}
