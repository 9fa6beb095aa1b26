# The initial page of a chat. Its behaviour is in inst/shiny/chat/www: chat.js
# describes how the page and R communicate.

# The page of chat_app().
chat_page <- function(id, title, model, note = NULL, history = TRUE) {
  tags <- shiny::tags
  page <- shiny::tagList(
    tags$head(
      tags$title(title),
      tags$meta(
        name = "viewport",
        content = paste0(
          "width=device-width, initial-scale=1, viewport-fit=cover, ",
          "interactive-widget=resizes-content"
        )
      )
    ),
    tags$main(chat_element(id, tags$h1(title), model, note, history)),
    chat_dependency(
      "page",
      script = list(src = "page.js", type = "module"), stylesheet = "page.css"
    )
  )
  structure(page, lang = "en")
}

# The element of a chat, whose input is `<id>_action`. `heading` is a tag,
# `model` the displayed name of the model, `note` a tag; each is optional.
# Without `history` there is a single conversation, which the browser does not
# store. The text area is inside its label and has no id, because Shiny would
# send the text of an element with an id to R at each keystroke. There is no
# submit button, because Shiny would then delay all inputs.
chat_element <- function(id, heading = NULL, model = NULL, note = NULL,
                         history = TRUE) {
  tags <- shiny::tags
  list_id <- paste0(id, "_conversations")
  shiny::tagList(
    shiny::tag("openaistream-chat", list(
      id = id, class = "openaistream-chat",
      `data-history` = if (history) "true" else "false",
      tags$div(
        class = "head", role = "group", `aria-label` = "Chat",
        icon_button(
          "open-list", "list", "Conversations", "Alt+Shift+L",
          `aria-expanded` = "false", `aria-controls` = list_id
        ),
        heading,
        tags$span(class = "model", model),
        icon_button("open-keys", "keyboard", "Keyboard shortcuts"),
        icon_button("theme", "theme", "Light or dark", "Alt+Shift+D"),
        icon_button("new", "new", "New chat", "Alt+Shift+N")
      ),
      note,
      tags$div(
        class = "body",
        tags$div(
          id = list_id, class = "conversations", hidden = NA, role = "group",
          `aria-label` = "Conversations",
          icon_button("close-list", "close", "Close the list")
        ),
        tags$div(
          class = "talk",
          tags$div(
            class = "messages", role = "log", tabindex = "0",
            `aria-live` = "off", `aria-label` = "Conversation"
          ),
          chat_composer()
        )
      ),
      chat_keys(id)
    )),
    chat_dependency(
      "chat",
      script = list(src = "chat.js", type = "module"),
      stylesheet = paste0(chat_styles, ".css")
    )
  )
}

chat_styles <- c(
  "chat", "icons", "list", "turns", "markdown", "composer", "small"
)

chat_composer <- function() {
  tags <- shiny::tags
  tags$div(
    class = "composer",
    tags$div(
      class = "line",
      icon_button("attach", "attach", "Add files"),
      tags$label(
        tags$span(class = "unseen", "Your message"),
        tags$textarea(
          rows = "1", placeholder = "Ask something", autocomplete = "off",
          enterkeyhint = "send"
        )
      ),
      tags$button(type = "button", class = "send", disabled = NA, "Send")
    )
  )
}

# The dialog that lists the shortcuts of keys.js.
chat_keys <- function(id) {
  tags <- shiny::tags
  key <- function(keys, does) {
    tags$div(tags$dt(lapply(keys, tags$kbd)), tags$dd(does))
  }
  tags$dialog(
    class = "keys", `aria-labelledby` = paste0(id, "_keys"),
    tags$h2(id = paste0(id, "_keys"), "Keyboard shortcuts"),
    tags$dl(
      key("Enter", "Send the message"),
      key(c("Shift", "Enter"), "Start a new line"),
      key("Esc", "Stop the answer, or close the list"),
      key(c("Alt", "Shift", "N"), "New chat"),
      key(c("Alt", "Shift", "L"), "Conversations"),
      key(c("Alt", "Shift", "M"), "Go to the message"),
      key(c("Alt", "Shift", "D"), "Light or dark")
    ),
    tags$form(
      method = "dialog",
      tags$button(class = "close-keys", "Close")
    )
  )
}

icon_button <- function(class, icon, label, keys = NULL, ...) {
  shiny::tags$button(
    type = "button", class = paste("icon-button", class),
    `aria-label` = label, title = label, `aria-keyshortcuts` = keys, ...,
    shiny::tags$span(class = paste0("icon icon-", icon), `aria-hidden` = "true")
  )
}

demo_note <- function() {
  shiny::tags$p(
    class = "note", role = "note",
    "No API key is set: this app uses a demo server on this machine. Set ",
    shiny::tags$code("OPENAI_API_KEY"), " and restart to chat with a model."
  )
}

chat_dependency <- function(name, ...) {
  htmltools::htmlDependency(
    paste0("openaistream-", name), getNamespaceVersion("openaistream"),
    src = file.path("shiny", "chat", "www"), package = "openaistream", ...
  )
}
