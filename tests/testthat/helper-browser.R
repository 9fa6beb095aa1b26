# A headless Chromium, controlled by ChromeDriver over WebDriver
# (https://www.w3.org/TR/webdriver2/). `css` arguments are CSS selectors.
Browser <- R6::R6Class(
  "Browser",
  cloneable = FALSE,
  public = list(
    # `options` are additional options of Chromium, `capabilities` additional
    # capabilities; see ChromeDriver's documentation.
    initialize = function(width = 900, height = 700, options = list(),
                          capabilities = list()) {
      private$profile <- tempfile("browser-")
      private$driver <- callr::process$new(
        chromedriver(), "--port=0",
        stdout = "|", stderr = "|", cleanup = TRUE
      )
      private$root <- paste0("http://127.0.0.1:", private$driver_port())
      private$session <- private$post("/session", list(
        capabilities = list(alwaysMatch = c(
          list(`goog:chromeOptions` = c(list(
            binary = chromium(),
            args = I(c(
              browser_flags,
              paste0("--window-size=", width, ",", height),
              paste0("--user-data-dir=", private$profile)
            ))
          ), options)),
          capabilities
        ))
      ))$sessionId
      private$root <- paste0(private$root, "/session/", private$session)
    },

    open = function(url) {
      private$post("/url", list(url = url))
      invisible(self)
    },

    # Runs `script`, the body of a JavaScript function of `...`, and returns its
    # value.
    run = function(script, ...) {
      private$post("/execute/sync", list(script = script, args = list(...)))
    },

    # The texts of all matching elements, in the order of the page.
    texts = function(css) {
      as.character(unlist(self$run(
        "return Array.from(document.querySelectorAll(arguments[0]),
           element => element.textContent)",
        css
      )))
    },

    shows = function(css, text = NULL) {
      texts <- self$texts(css)
      if (is.null(text)) length(texts) > 0L else text %in% texts
    },

    # Presses keys; "\uE007" is Enter, "\uE008" holds Shift.
    type = function(css, keys) {
      private$post(paste0(private$element(css), "/value"), list(text = keys))
      invisible(self)
    },

    click = function(css) {
      private$post(paste0(private$element(css), "/click"), no_fields)
      invisible(self)
    },

    # Sends a command of https://chromedevtools.github.io/devtools-protocol/.
    devtools = function(command, ...) {
      params <- if (...length()) list(...) else no_fields
      private$post("/goog/cdp/execute", list(cmd = command, params = params))
      invisible(self)
    },

    # The entries of the log `type` ("browser" or "performance") since the last
    # call.
    log = function(type) private$post("/se/log", list(type = type)),

    screenshot = function(file) {
      writeBin(jsonlite::base64_dec(private$get("/screenshot")), file)
      invisible(file)
    },

    # Closes the windows before the process ends, as a user does.
    close = function() {
      if (private$driver$is_alive()) {
        private$request("DELETE", "")
        private$driver$kill()
      }
      unlink(private$profile, recursive = TRUE)
    }
  ),
  private = list(
    driver = NULL,
    profile = NULL,
    session = NULL,
    root = NULL,

    driver_port = function() {
      lines <- read_until(private$driver, "started successfully on port")
      sub(".*on port ([0-9]+).*", "\\1", tail(lines, 1))
    },

    element = function(css) {
      found <- private$post(
        "/element", list(using = "css selector", value = css)
      )
      paste0("/element/", found[[1]])
    },

    get = function(path) private$request("GET", path),

    post = function(path, fields) {
      private$request("POST", path, jsonlite::toJSON(fields, auto_unbox = TRUE))
    },

    request = function(method, path, body = NULL) {
      handle <- curl::new_handle(
        customrequest = method, noproxy = "*", timeout = 60
      )
      if (!is.null(body)) {
        curl::handle_setopt(handle, postfields = body)
      }
      curl::handle_setheaders(handle, "Content-Type" = "application/json")
      answer <- curl::curl_fetch_memory(paste0(private$root, path), handle)
      value <- jsonlite::fromJSON(
        rawToChar(answer$content), simplifyVector = FALSE
      )$value
      if (answer$status_code != 200L) {
        stop("The browser failed at ", path, ": ", value$message)
      }
      value
    }
  )
)

no_fields <- structure(list(), names = character())

# Chromium contacts no other hosts: no update checks, no account.
browser_flags <- c(
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
  "--disable-dev-shm-usage", "--no-first-run", "--disable-component-update",
  "--disable-background-networking", "--disable-sync"
)

chromedriver <- function() program("chromedriver")

chromium <- function() {
  program(c("chromium", "chromium-browser", "google-chrome"))
}

program <- function(names) {
  paths <- Sys.which(names)
  unname(paths[nzchar(paths)])[1]
}

skip_without_browser <- function() {
  testthat::skip_on_cran()
  for (package in c("callr", "curl", "jsonlite", "later", "shiny")) {
    testthat::skip_if_not_installed(package)
  }
  if (anyNA(c(chromedriver(), chromium()))) {
    testthat::skip("Chromium or ChromeDriver is not installed")
  }
}

# Waits for a line that matches, and returns the lines of a process up to it.
# `from` is "output" or "error".
read_until <- function(process, pattern, from = "output", seconds = 30) {
  read <- paste0("read_", from, "_lines")
  deadline <- Sys.time() + seconds
  lines <- character()
  while (!any(grepl(pattern, lines))) {
    if (Sys.time() > deadline || !process$is_alive()) {
      stop("No line matched ", pattern, ":\n", paste(lines, collapse = "\n"))
    }
    process$poll_io(100)
    lines <- c(lines, process[[read]]())
  }
  lines[seq_len(which(grepl(pattern, lines))[[1]])]
}
