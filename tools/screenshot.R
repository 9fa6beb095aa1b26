# Takes the picture of chat_app() that README shows: `make screenshot`.

library(openaistream)

for (helper in c("server", "browser", "chat-app")) {
  source(file.path("tests", "testthat", paste0("helper-", helper, ".R")))
}

# The events of an answer, with one word each.
words <- function(text) {
  pieces <- regmatches(text, gregexpr("\\S+\\s*", text))[[1]]
  chat_events(gsub("\n", "\\n", pieces, fixed = TRUE), done = FALSE)
}

question <- c(
  "What does a mixed model do that lm() does not?",
  "How would I write that for pupils in schools?"
)
answer <- c(
  paste(
    "It knows that some rows belong together. lm() takes every row as new",
    "evidence; with 30 pupils from each school that makes standard errors",
    "too small.\n\nA mixed model gives each school an intercept (and, if you",
    "like, a slope) of its own, drawn from a common distribution."
  ),
  paste(
    "With lme4 it is one line:\n\n  fit <- lmer(score ~ hours + (1 + hours |",
    "school), data = pupils)\n\nscore ~ hours is the part all schools share,",
    "and (1 + hours | school) lets"
  )
)

server <- local_server()
server$reply(chunks = c(words(answer[[1]]), "data: [DONE]\n\n"))
server$reply(chunks = words(answer[[2]]), abort = "stall")
app <- start_chat_app(server$url)
browser <- Browser$new()
browser$devtools(
  "Emulation.setDeviceMetricsOverride",
  width = 900, height = 620, deviceScaleFactor = 1.5, mobile = FALSE
)

browser$open(app$url)
wait_until(function() browser$shows(".send:enabled"))
ask_in_browser(browser, question[[1]])
wait_until(function() browser$shows(".complete .text", answer[[1]]))
ask_in_browser(browser, question[[2]])
wait_until(function() browser$shows(".streaming .text", answer[[2]]))
browser$screenshot(file.path("man", "figures", "chat-app.png"))

browser$close()
app$stop()
server$stop()
