# Runs chat_app() in a separate process, with its key and server in environment
# variables. `app$url` is its URL; `app$stop()` ends it.
start_chat_app <- function(base_url, api_key = "sk-test", api = "chat") {
  process <- callr::r_bg(
    function(api) {
      app <- if (api == "chat") {
        system.file("shiny/chat", package = "openaistream")
      } else {
        openaistream::chat_app(api = api)
      }
      shiny::runApp(app, launch.browser = FALSE)
    },
    args = list(api),
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

# Runs the app that `create(...)` returns in a separate process.
start_app <- function(create, ...) {
  process <- callr::r_bg(
    function(create, arguments) {
      shiny::runApp(do.call(create, arguments), launch.browser = FALSE)
    },
    args = list(create, list(...)), stderr = "|", supervise = TRUE
  )
  lines <- read_until(process, "^Listening on ", from = "error")
  list(
    url = sub("^Listening on ", "", tail(lines, 1)),
    stop = function() process$kill()
  )
}

# An app, its practice server, and a browser that shows it.
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

# The events of a streamed response with these deltas, as a server sends them.
response_chunks <- function(contents, done = TRUE) {
  deltas <- sprintf(
    '{"type":"response.output_text.delta","delta":"%s"}', contents
  )
  end <- sprintf(
    paste0(
      '{"type":"response.completed","response":{"id":"resp_1",',
      '"object":"response","status":"completed","output":[{"type":"message",',
      '"role":"assistant","content":[{"type":"output_text","text":"%s"}]}]}}'
    ),
    paste(contents, collapse = "")
  )
  sprintf("data: %s\n\n", c(deltas, if (done) end))
}
