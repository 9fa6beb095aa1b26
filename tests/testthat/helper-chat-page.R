# One app and one browser for all tests of a file, closed after the last test.
# Queue answers with `$server$reply()`. Each test begins with a new chat.
shared_chat <- local({
  chat <- NULL
  function() {
    skip_without_browser()
    if (is.null(chat)) {
      chat <<- chat_in_browser(env = testthat::teardown_env())
    }
    chat$browser$click(".new")
    chat
  }
})

# Asks a question, and waits for the answer `text`.
answer_in_browser <- function(chat, text, question = "Tell me") {
  done <- length(chat$browser$texts(".complete"))
  chat$server$reply(chunks = chat_events(json_strings(text)))
  ask_in_browser(chat$browser, question)
  wait_until(function() length(chat$browser$texts(".complete")) > done)
}

# Begins an answer that does not end. The function returned, `send(event, ...)`,
# sends another event of the answer to the page, as R would.
open_answer_in_browser <- function(chat, text = "So far", env = parent.frame()) {
  chat$server$reply(
    chunks = chat_events(json_strings(text), done = FALSE), abort = "stall"
  )
  ask_in_browser(chat$browser, "Begin")
  wait_until(function() chat$browser$shows(".streaming .text"))
  function(event, ...) {
    chat$browser$run(
      "const chat = document.querySelector('.openaistream-chat');
       const { id, turns } = chat.current;
       chat.receive({ id: chat.id, conversation: id, answer: turns.at(-1).answer,
         ...arguments[0] });",
      list(event = event, ...)
    )
  }
}

# Waits until the browser has stored the complete answer of the current
# conversation, or of the one with this id.
wait_until_stored <- function(browser, id = "") {
  wait_until(function() {
    browser$run(
      "const chat = document.querySelector('.openaistream-chat');
       return chat.store.get(arguments[0] || chat.current.id)
         .then((stored) => stored?.turns.at(-1).state === 'complete')",
      id
    )
  })
}

# Adds files as a user does: by "drop" or "paste".
add_files <- function(browser, by, ...) {
  browser$run(
    "const data = new DataTransfer();
     for (const { name, type, base64, size } of arguments[1]) {
       const bytes = size ? new Uint8Array(size)
         : Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
       data.items.add(new File([bytes], name, { type }));
     }
     const event = arguments[0] === 'drop'
       ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
       : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
     document.querySelector('textarea').dispatchEvent(event);",
    by, list(...)
  )
}

# WebDriver's codes of keys.
keys <- list(
  escape = "\uE00C", shift = "\uE008", control = "\uE009", alt = "\uE00A",
  tab = "\uE004", enter = "\uE007", none = "\uE000"
)

press <- function(browser, ..., css = ":focus") {
  browser$type(css, paste0(..., keys$none))
}

# Markdown with all elements that an answer can have.
rich_markdown <- "# Mixed models

Some **rows** belong together; see [lme4](https://github.com/lme4). It costs $5,
not $6.

```r
fit <- lmer(score ~ hours + (1 | school), data = pupils) # a long line of code
```

| school | pupils | mean | median | deviation | minimum | maximum | missing |
|:-------|-------:|:----:|--------|-----------|---------|---------|---------|
| A      | 30     | 3.2  | 3      | 1.2       | 1       | 6       | 0       |

The model is \\( y_{ij} = \\beta_0 + u_j \\) with

\\[ u_j \\sim N(0, \\tau^2) \\]

- one
- two

> A quote
"
