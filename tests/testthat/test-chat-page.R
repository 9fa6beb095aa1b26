# What users see and do in the page of the chat app.

test_that("Markdown is rendered", {
  chat <- shared_chat()
  answer_in_browser(chat, rich_markdown)
  browser <- chat$browser

  expect_identical(browser$texts(".assistant h2"), "Mixed models")
  expect_identical(browser$texts(".assistant strong"), "rows")
  expect_identical(browser$texts(".assistant li"), c("one", "two"))
  expect_match(browser$texts(".assistant p")[[1]], "$5,", fixed = TRUE)
  wait_until(function() browser$shows(".code .hljs-comment"))
  expect_identical(
    browser$texts(".code .hljs-comment"), "# a long line of code"
  )
  wait_until(function() length(browser$texts(".katex-html")) == 2L)
  expect_true(browser$shows(".formula.display .katex-display"))
  expect_identical(
    browser$run(
      "const link = document.querySelector('.assistant a');
       return [link.href, link.target, link.rel].join(' ')"
    ),
    "https://github.com/lme4 _blank noopener noreferrer"
  )
})

test_that("code and answers can be copied", {
  chat <- shared_chat()
  answer_in_browser(chat, "See:\n\n```r\nx <- \"<b>\"\n```")
  chat$browser$click(".code .copy")
  wait_until(function() chat$browser$shows(".code .copy", "Copied"))
  press(chat$browser, keys$control, "v", css = "textarea")
  pasted <- function() {
    chat$browser$run("return document.querySelector('textarea').value")
  }
  wait_until(function() nzchar(pasted()))
  expect_identical(pasted(), "x <- \"<b>\"\n")
  chat$browser$click(".foot .copy")
  wait_until(function() chat$browser$shows(".foot .copy", "Copied"))
  press(chat$browser, keys$control, "av", css = "textarea")
  wait_until(function() startsWith(pasted(), "See"))
  expect_identical(pasted(), "See:\n\n```r\nx <- \"<b>\"\n```")
  press(chat$browser, keys$control, "a\uE003", css = "textarea")
})

test_that("pictures and files are shown and sent, or rejected with a reason", {
  chat <- shared_chat()
  browser <- chat$browser
  png <- gsub("\n", "", jsonlite::base64_enc(png_image()), fixed = TRUE)
  add_files(
    browser, "drop",
    list(name = "plot.png", type = "image/png", base64 = png),
    list(name = "notes.txt", type = "text/plain", base64 = "aGVsbG8=")
  )
  add_files(
    browser, "paste",
    list(name = "more.png", type = "image/png", base64 = png)
  )
  expect_identical(
    browser$texts(".chip .file-name"), c("plot.png", "notes.txt", "more.png")
  )
  browser$click("[aria-label='Remove more.png']")
  add_files(
    browser, "drop",
    list(name = "big.pdf", type = "application/pdf", size = 10000001),
    list(name = "empty.txt", type = "text/plain", base64 = "")
  )
  expect_identical(browser$texts(".refused p"), c(
    "big.pdf has 10 MB; a file may have 10 MB.", "empty.txt is empty."
  ))
  browser$run(
    "const send = Shiny.setInputValue;
     Shiny.setInputValue = (id, value, options) => {
       if (value.name === 'ask') window.asked = value;
       send(id, value, options);
     };"
  )
  answer_in_browser(chat, "I see.", "What is this?")

  asked <- browser$run("return window.asked")
  expect_identical(asked$text, "What is this?")
  expect_identical(
    lapply(asked$files, `[`, c("name", "type")),
    list(
      list(name = "plot.png", type = "image/png"),
      list(name = "notes.txt", type = "text/plain")
    )
  )
  expect_identical(asked$files[[2]]$data, "aGVsbG8=")
  expect_match(
    tail(chat$server$requests(), 1)[[1]]$body,
    paste0("data:image/png;base64,", png),
    fixed = TRUE
  )
  expect_false(browser$shows(".chip"))
  expect_false(browser$shows(".refused p"))
  expect_identical(browser$texts(".user .file"), "notes.txt")
  expect_identical(
    browser$run(
      "return document.querySelector('.user .picture img').naturalWidth"
    ),
    3L
  )
})

test_that("reasoning and tool calls are collapsed, and pictures are shown", {
  chat <- shared_chat()
  send <- open_answer_in_browser(chat, "Let me look.")
  send("reasoning", text = "The user *asks*.")
  send("tool", call = "c1", tool = "level_at", arguments = '{"city":"Bonn"}')
  send("tool", call = "c2", tool = "level_at", arguments = "{}")
  send("tool_result", call = "c2", result = "No city", failed = TRUE)
  send("tool_result", call = "c1", result = "<b>3.42</b>", failed = FALSE)
  send("picture", alt = "Levels", url = paste0(
    "data:image/png;base64,", jsonlite::base64_enc(png_image())
  ))
  send("text", text = "It is 3.42 m.")
  send("end", state = "complete", usage = "1,234 tokens")

  browser <- chat$browser
  wait_until(function() browser$shows(".complete"))
  expect_identical(browser$texts(".complete .text"), c(
    "Let me look.", "It is 3.42 m."
  ))
  expect_identical(browser$texts(".reasoning em"), "asks")
  expect_identical(
    browser$texts(".tool summary"),
    c("Tool level_at done", "Tool level_at failed")
  )
  expect_identical(browser$texts(".tool pre"), c(
    "{\n  \"city\": \"Bonn\"\n}", "<b>3.42</b>", "{}", "No city"
  ))
  expect_identical(browser$texts(".usage"), "1,234 tokens")
  open <- "return document.querySelector('.tool').open"
  expect_false(browser$run(open))
  browser$click(".tool summary")
  expect_true(browser$run(open))
  saved <- browser$run(
    "let saved;
     HTMLAnchorElement.prototype.click = function () { saved = this.download; };
     document.querySelector('.picture .save').click();
     delete HTMLAnchorElement.prototype.click;
     return saved;"
  )
  expect_identical(saved, "Levels.png")
})

test_that("stored conversations can be chosen, renamed and deleted", {
  chat <- shared_chat()
  browser <- chat$browser
  answer_in_browser(chat, "Paris.", "The capital of France?")
  browser$click(".new")
  answer_in_browser(chat, "Bern.", "The capital of Switzerland?")
  wait_until_stored(browser)

  browser$open(chat$app$url)
  wait_until(function() browser$shows(".send:enabled"))
  wait_until(function() browser$shows(".complete .text", "Bern."))
  browser$click(".open-list")
  titles <- function() browser$texts(".choose .title")
  wait_until(function() length(titles()) >= 2L)
  expect_identical(
    titles()[1:2], c("The capital of Switzerland?", "The capital of France?")
  )
  expect_identical(
    browser$texts("[aria-current] .title"), "The capital of Switzerland?"
  )

  browser$click(".item:nth-child(2) .choose")
  wait_until(function() browser$shows(".complete .text", "Paris."))
  answer_in_browser(chat, "The Seine.", "And its river?")
  expect_identical(
    vapply(tail(sent_messages(chat$server), 1)[[1]], `[[`, "", "content"),
    c("The capital of France?", "Paris.", "And its river?")
  )
  wait_until_stored(browser)
  # A new R session continues from what the page has put together.
  browser$open(chat$app$url)
  wait_until(function() browser$shows(".send:enabled"))
  wait_until(function() browser$shows(".complete .text", "The Seine."))
  answer_in_browser(chat, "The Channel.", "And its sea?")
  expect_identical(
    vapply(tail(sent_messages(chat$server), 1)[[1]], `[[`, "", "content"),
    c(
      "The capital of France?", "Paris.", "And its river?", "The Seine.",
      "And its sea?"
    )
  )
  browser$click(".open-list")
  wait_until(function() length(titles()) >= 2L)
  browser$click("[aria-label='Rename The capital of France?']")
  press(browser, "Capitals", keys$enter, css = ".new-title")
  wait_until(function() "Capitals" %in% titles())
  browser$click("[aria-label='Delete Capitals']")
  browser$click(".delete-now")
  wait_until(function() !"Capitals" %in% titles())
  wait_until(function() !browser$shows(".message"))
  browser$click(".open-list")
  expect_false(browser$run(
    "return document.querySelector('.conversations').checkVisibility()"
  ))
})

test_that("a title can be edited while an answer streams and is stored", {
  chat <- shared_chat()
  browser <- chat$browser
  send <- open_answer_in_browser(chat, "One")
  browser$click(".open-list")
  wait_until(function() browser$shows("[aria-current] .title", "Begin"))
  browser$run("window.before = document.querySelector('[aria-current]')")
  browser$click("[aria-current] ~ .rename")
  press(browser, "Half a ti", css = ".new-title")
  send("text", text = " two")
  send("end", state = "complete")
  wait_until_stored(browser)
  wait_until(function() {
    browser$run(
      "return !before.querySelector('.when').textContent.includes('answering')"
    )
  })
  press(browser, "tle", keys$enter, css = ".new-title")
  wait_until(function() browser$shows("[aria-current] .title", "Half a title"))
  expect_true(browser$run(
    "return before === document.querySelector('[aria-current]')"
  ))
  expect_identical(
    browser$run("return document.activeElement.title"), "Rename Half a title"
  )
  browser$click(".open-list")
})

test_that("an answer continues while another conversation is shown", {
  chat <- shared_chat()
  send <- open_answer_in_browser(chat, "One")
  answering <- chat$browser$run(
    "const chat = document.querySelector('.openaistream-chat');
     return { conversation: chat.current.id, answer: chat.answers }"
  )
  chat$browser$click(".new")
  expect_identical(chat$browser$texts(".send"), "Send")
  for (message in list(
    list(event = "text", text = " two"), list(event = "end", state = "complete")
  )) {
    chat$browser$run(
      "document.querySelector('.openaistream-chat').receive(arguments[0])",
      c(answering, message)
    )
  }
  expect_false(chat$browser$shows(".message"))
  wait_until_stored(chat$browser, answering$conversation)
  chat$browser$click(".open-list")
  wait_until(function() chat$browser$shows(".choose"))
  chat$browser$click(".item:first-child .choose")
  wait_until(function() chat$browser$shows(".complete .text", "One two"))
  chat$browser$click(".open-list")
})

test_that("an answer interrupted by closing the page can be requested again", {
  chat <- shared_chat()
  open_answer_in_browser(chat, "Half")
  chat$browser$run(
    "const chat = document.querySelector('.openaistream-chat');
     return chat.save(chat.current)"
  )
  chat$browser$open(chat$app$url)
  wait_until(function() chat$browser$shows(".lost .text", "Half"))
  chat$server$reply(chunks = chat_events("Whole."))
  wait_until(function() chat$browser$shows(".send:enabled"))
  chat$browser$click(".lost .retry")
  wait_until(function() chat$browser$shows(".complete .text", "Whole."))
  expect_length(chat$browser$texts(".message"), 2L)
})

test_that("the theme follows the system until the user chooses one", {
  chat <- shared_chat()
  browser <- chat$browser
  theme <- function() {
    browser$run("return document.querySelector('.openaistream-chat').dataset.theme")
  }
  system <- function(scheme) {
    browser$devtools("Emulation.setEmulatedMedia", features = list(
      list(name = "prefers-color-scheme", value = scheme)
    ))
  }
  system("dark")
  wait_until(function() theme() == "dark")
  system("light")
  wait_until(function() theme() == "light")
  browser$click(".theme")
  expect_identical(theme(), "dark")
  browser$open(chat$app$url)
  wait_until(function() browser$shows(".send:enabled"))
  expect_identical(theme(), "dark")
  browser$click(".theme")
  expect_identical(theme(), "light")
})

test_that("the page can be used by keyboard", {
  chat <- shared_chat()
  browser <- chat$browser
  shortcut <- function(key) press(browser, keys$alt, keys$shift, key)
  answer_in_browser(chat, "Yes.", "Is there a list?")
  shortcut("l")
  wait_until(function() browser$shows(".choose:focus .title"))
  press(browser, keys$escape)
  expect_identical(
    browser$run(
      "return document.activeElement.getAttribute('aria-expanded')"
    ),
    "false"
  )
  shortcut("m")
  expect_true(browser$shows("textarea:focus"))
  shortcut("n")
  expect_false(browser$shows(".message"))
  open_answer_in_browser(chat, "So")
  press(browser, keys$escape)
  wait_until(function() browser$shows(".stopped .text", "So"))
  browser$click(".open-keys")
  expect_true(browser$shows("dialog[open] kbd"))
  press(browser, keys$escape)
  wait_until(function() !browser$shows("dialog[open]"))
})

test_that("screen readers announce complete blocks, not tokens", {
  chat <- shared_chat()
  chat$server$reply(
    chunks = chat_events(c("One ", "two", "\\n\\n", "Three")), pause = 0.02
  )
  chat$browser$run(
    "window.announced = [];
     new MutationObserver((changes) => {
       for (const { addedNodes } of changes) {
         addedNodes.forEach((node) => window.announced.push(node.textContent));
       }
     }).observe(document.querySelector('[role=log][aria-live=polite]'),
       { childList: true });"
  )
  ask_in_browser(chat$browser, "Count")
  wait_until(function() chat$browser$shows(".complete"))
  wait_until(function() length(chat$browser$run("return announced")) == 2L)
  expect_identical(
    chat$browser$run("return announced"), list("One two", "Three")
  )
})

test_that("on a narrow phone, tables and code scroll, not the page", {
  chat <- shared_chat()
  browser <- chat$browser
  browser$devtools(
    "Emulation.setDeviceMetricsOverride",
    width = 320, height = 600, deviceScaleFactor = 2, mobile = TRUE
  )
  withr::defer(browser$devtools("Emulation.clearDeviceMetricsOverride"))
  answer_in_browser(
    chat, paste0(rich_markdown, "\n", strrep("long", 100)), strrep("word", 50)
  )
  widths <- browser$run(
    "const width = (css) => {
       const { scrollWidth, clientWidth } = document.querySelector(css);
       return scrollWidth - clientWidth;
     };
     return [width('html'), width('.messages'), width('.table-frame'), width('.code pre')]"
  )
  expect_identical(widths[1:2], list(0L, 0L))
  expect_gt(widths[[3]], 0)
  expect_gt(widths[[4]], 0)
  expect_identical(browser$run("return innerWidth"), 320L)
})

test_that("nothing is animated if the user prefers reduced motion", {
  chat <- shared_chat()
  open_answer_in_browser(chat)
  animation <- function(preference) {
    chat$browser$devtools("Emulation.setEmulatedMedia", features = list(
      list(name = "prefers-reduced-motion", value = preference)
    ))
    chat$browser$run(
      "return getComputedStyle(
         document.querySelector('.streaming .text p'), '::after').animationName"
    )
  }
  expect_identical(animation("no-preference"), "openaistream-blink")
  expect_identical(animation("reduce"), "none")
  chat$browser$click(".send")
  wait_until(function() chat$browser$shows(".stopped"))
})
