# Audits of the chat app by axe-core (https://github.com/dequelabs/axe-core).

axe_core <- function() {
  file <- file.path(
    Sys.getenv("OPENAISTREAM_BROWSER"), "node_modules", "axe-core", "axe.min.js"
  )
  if (!file.exists(file)) {
    skip("axe-core is not installed")
  }
  paste(readLines(file, encoding = "UTF-8", warn = FALSE), collapse = "\n")
}

# The violations that axe-core finds in the current page, one line for each
# element.
violations <- function(browser) {
  browser$run(
    "window.found = null;
     axe.run(document, { resultTypes: ['violations'] }).then(
       ({ violations }) => {
         window.found = violations.flatMap(({ id, nodes }) =>
           nodes.map(({ html, any }) => [id, html, any[0]?.message].join(': ')));
       },
       (error) => { window.found = [String(error)]; });"
  )
  wait_until(function() browser$run("return window.found !== null"), 30)
  as.character(unlist(browser$run("return window.found")))
}

expect_accessible <- function(browser, script, view) {
  browser$run(script)
  for (theme in c("light", "dark")) {
    browser$run(
      "document.querySelector('.openaistream-chat').theme.show(arguments[0])",
      theme
    )
    expect_identical(
      violations(browser), character(),
      info = paste(view, "in", theme)
    )
  }
}

test_that("axe-core finds no violations in the page", {
  chat <- shared_chat()
  script <- axe_core()
  browser <- chat$browser
  audit <- function(view) expect_accessible(browser, script, view)

  audit("an empty chat")
  send <- open_answer_in_browser(chat, rich_markdown)
  send("reasoning", text = "Hm.")
  send("tool", call = "1", tool = "level_at", arguments = '{"city":"Bonn"}')
  send("picture", alt = "Levels", url = paste0(
    "data:image/png;base64,", jsonlite::base64_enc(png_image())
  ))
  audit("a streaming answer")
  send("tool_result", call = "1", result = "3.42", failed = FALSE)
  send("end", state = "complete", usage = "12 tokens")
  browser$run(
    "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
  )
  add_files(browser, "drop", list(
    name = "plot.png", type = "image/png",
    base64 = jsonlite::base64_enc(png_image())
  ), list(name = "empty.txt", type = "text/plain", base64 = ""))
  audit("a conversation, and files to send")
  browser$click(".open-list")
  wait_until(function() browser$shows(".choose"))
  audit("the list")
  browser$click(".delete")
  audit("a conversation to delete")
  browser$click(".keep")
  browser$devtools(
    "Emulation.setDeviceMetricsOverride",
    width = 320, height = 640, deviceScaleFactor = 1, mobile = TRUE
  )
  audit("the list on a phone")
  browser$click(".close-list")
  audit("a conversation on a phone")
  browser$devtools("Emulation.clearDeviceMetricsOverride")
  browser$click("[aria-label='Remove plot.png']")
  browser$click(".open-keys")
  audit("the shortcuts")
  press(browser, keys$escape)
  browser$click(".new")
  chat$server$reply(status = 400, body = '{"error":{"message":"No."}}')
  ask_in_browser(browser, "Hello")
  wait_until(function() browser$shows(".failed .reason"))
  audit("an error")
})
