# Takes the screenshots of chat_app() for README and the article on Shiny.
# Run by `make screenshot`.

library(openaistream)

for (helper in c("server", "browser", "chat-app", "markdown")) {
  source(file.path("tests", "testthat", paste0("helper-", helper, ".R")))
}

# The events of an answer, one word per event.
words <- function(text, done = TRUE) {
  pieces <- regmatches(text, gregexpr("\\S*\\s+|\\S+$", text))[[1]]
  chat_events(json_strings(pieces), done = done)
}

questions <- c(
  "What does a mixed model do that lm() does not?",
  "How would I write that for pupils in schools?"
)
answers <- c(
  paste0(
    "It knows that some rows belong together. Where pupils sit in schools, a ",
    "**random intercept** \\(u_j\\) of each school is added:\n\n",
    "\\[ y_{ij} = \\beta_0 + \\beta_1 x_{ij} + u_j + \\varepsilon_{ij}, \\qquad ",
    "u_j \\sim N(0, \\tau^2) \\]"
  ),
  "With [lme4](https://github.com/lme4/lme4) it is one line:

```r
library(lme4)
fit <- lmer(score ~ hours + (1 + hours | school), data = pupils)
```

| term                    | what it means                           |
|-------------------------|-----------------------------------------|
| `hours`                 | the part that all schools share         |
| `(1 + hours \\| school)` | an intercept and a slope of each school |

So each school"
)

# Takes a screenshot of the app while it streams an answer.
picture <- function(file, width, height, scale = 1, theme = "light",
                    list = FALSE, mobile = FALSE) {
  server <- local_server()
  server$reply(chunks = words(answers[[1]]))
  server$reply(chunks = words(answers[[2]], done = FALSE), abort = "stall")
  app <- start_chat_app(server$url)
  browser <- Browser$new()
  on.exit({
    browser$close()
    app$stop()
    server$stop()
  })
  browser$devtools(
    "Emulation.setDeviceMetricsOverride",
    width = width, height = height, deviceScaleFactor = scale, mobile = mobile
  )
  browser$devtools("Emulation.setEmulatedMedia", features = list(
    list(name = "prefers-color-scheme", value = theme),
    list(name = "prefers-reduced-motion", value = "reduce")
  ))
  browser$open(app$url)
  wait_until(function() browser$shows(".send:enabled"))
  ask_in_browser(browser, questions[[1]])
  wait_until(function() browser$shows(".complete .katex-display"))
  ask_in_browser(browser, questions[[2]])
  wait_until(function() {
    paragraphs <- browser$texts(".streaming .text > p")
    identical(tail(paragraphs, 1), "So each school")
  })
  wait_until(function() browser$shows(".hljs-number"))
  if (list) {
    browser$click(".open-list")
    wait_until(function() browser$shows(".choose"))
  }
  # The fonts of the formulas load.
  Sys.sleep(0.5)
  browser$screenshot(file.path("man", "figures", file))
}

picture("chat-app.png", 900, 760, scale = 1.5)
picture("chat-app-dark.png", 900, 600, theme = "dark", list = TRUE)
picture("chat-app-phone.png", 360, 640, mobile = TRUE)
