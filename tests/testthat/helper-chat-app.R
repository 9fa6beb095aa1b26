# chat_app() in a process of its own, as people run it: `app$url` is its
# address; `app$stop()` ends it. It finds its key and server in the environment.
start_chat_app <- function(base_url, api_key = "sk-test") {
  process <- callr::r_bg(
    function() {
      shiny::runApp(
        system.file("shiny/chat", package = "openaistream"),
        launch.browser = FALSE
      )
    },
    env = c(
      callr::rcmd_safe_env(),
      OPENAI_API_KEY = api_key, OPENAI_BASE_URL = base_url
    ),
    stderr = "|", supervise = TRUE
  )
  lines <- read_until(process, "^Listening on ", from = "error")
  list(
    url = sub("^Listening on ", "", tail(lines, 1)),
    stop = function() process$kill()
  )
}

# An app, the server it talks to, and a browser in which it is open.
chat_in_browser <- function(..., env = parent.frame()) {
  skip_without_browser()
  server <- test_server(env = env)
  app <- start_chat_app(server$url, ...)
  withr::defer(app$stop(), envir = env)
  list(server = server, app = app, browser = app_in_browser(app, env = env))
}

app_in_browser <- function(app, env = parent.frame()) {
  browser <- Browser$new()
  withr::defer(browser$close(), envir = env)
  browser$open(app$url)
  wait_until(function() browser$shows(".send:enabled"))
  browser
}

ask_in_browser <- function(browser, question) {
  browser$type("textarea", paste0(question, "\uE007"))
}
