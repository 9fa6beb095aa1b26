# Text from models, tools and servers runs no scripts in the page and loads
# nothing from other sites.

# Scripts that run call canary(); `blocked` lists what the page's policy
# blocked.
set_traps <- "
  window.ran = 0;
  window.canary = () => { window.ran += 1; };
  window.alert = window.confirm = window.prompt = window.canary;
  window.blocked = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.blocked.push(event.violatedDirective + ' ' + event.blockedURI);
  });"

read_traps <- "return { ran: window.ran, blocked: window.blocked,
  loaded: performance.getEntriesByType('resource').map((each) => each.name)
    .filter((name) => !name.startsWith(location.origin)),
  path: location.pathname }"

no_effects <- list(
  blocked = list(), loaded = list(), path = "/", ran = 0L
)

# The URL of the folder of the page's files.
page_files <- function(browser) {
  browser$run(
    "return document.querySelector('link[href*=\"chat.css\"]').href
       .replace('chat.css', '')"
  )
}

# The problems that markdown-check.js finds in texts, each streamed in pieces;
# `sizes()` returns their numbers of characters.
rendering_problems <- function(browser, texts, sizes = random_sizes,
                               seconds = 60) {
  check <- paste(readLines(test_path("markdown-check.js")), collapse = "\n")
  pieces <- lapply(texts, function(text) list(text, I(sizes())))
  browser$run(paste0(
    "window.problems = null;\n(", sub("^//[^(]*", "", check), ")",
    "(arguments[0], arguments[1]).then(
       (found) => { window.problems = found; },
       (error) => { window.problems = [String(error.stack)]; });"
  ), page_files(browser), pieces)
  wait_until(function() {
    browser$run("return window.problems !== null")
  }, seconds)
  as.character(unlist(browser$run("return window.problems")))
}

random_sizes <- function() sample(60L, sample(8L, 1L), replace = TRUE)

# Blocks the script that sets the page's policy, so that only the sanitisation
# of Markdown protects the page.
open_without_policy <- function(browser, app) {
  browser$devtools("Network.enable")
  browser$devtools("Network.setBlockedURLs", urls = I("*/page.js"))
  browser$open(app$url)
  wait_until(function() browser$shows(".send:enabled"))
  expect_false(browser$shows("meta[http-equiv='Content-Security-Policy']"))
}

test_that("streamed lists look like lists that are rendered as a whole", {
  chat <- shared_chat()
  lists <- c(
    "- one\n- two\n- three", "- one\n\n- two\n\n- three\n",
    "- one\n- two\n\n- three\n\nend", "1. one\n\n   more\n\n2. two\n",
    "- one\n\n  - two\n\n  - three\n- four", "3) three\n4) four\n* five\n",
    "- one\n\n  ```r\n  1\n  ```\n\n- two\n\n  > three\n"
  )
  expect_identical(
    rendering_problems(chat$browser, lists, function() rep(1L, 100L)),
    character()
  )
})

test_that("malicious and random Markdown runs and loads nothing", {
  chat <- chat_in_browser()
  other_server <- test_server()
  open_without_policy(chat$browser, chat$app)
  chat$browser$run(set_traps)
  attacks <- markdown_attacks(other_server$url)
  seed <- local_random_seed()
  random <- replicate(1000, random_markdown(attacks))

  expect_identical(rendering_problems(chat$browser, attacks), character())
  expect_identical(
    rendering_problems(chat$browser, random), character(),
    info = paste("Seed", seed)
  )

  expect_identical(chat$browser$run(read_traps), no_effects)
  expect_length(other_server$requests(), 0L)
})

test_that("attacks in answers, questions and errors have no effect", {
  chat <- chat_in_browser()
  other_server <- test_server()
  chat$browser$run(set_traps)
  attacks <- markdown_attacks(other_server$url)
  chat$server$reply(
    chunks = chat_events(json_strings(paste0(attacks, "\n\n")))
  )
  html <- sprintf(
    "<img src=x onerror=canary()><a href='%s'>x</a>", other_server$url
  )
  chat$server$reply(
    status = 400,
    body = sprintf('{"error":{"message":%s}}', jsonlite::toJSON(
      html, auto_unbox = TRUE
    ))
  )

  ask_in_browser(chat$browser, html)
  wait_until(function() chat$browser$shows(".complete"), 30)
  ask_in_browser(chat$browser, html)
  wait_until(function() chat$browser$shows(".failed .reason"))
  chat$browser$click(".open-list")
  wait_until(function() chat$browser$shows(".choose .title"))

  expect_identical(chat$browser$texts(".user .text"), c(html, html))
  expect_match(chat$browser$texts(".failed .reason"), html, fixed = TRUE)
  expect_match(chat$browser$texts(".choose .title"), "<img src=x", fixed = TRUE)
  expect_identical(chat$browser$run(read_traps), no_effects)
  expect_length(other_server$requests(), 0L)
})

test_that("the page's policy blocks inline scripts and other sites", {
  chat <- chat_in_browser()
  other_server <- test_server()
  chat$browser$run(set_traps)
  chat$browser$run(
    "const image = new Image();
     image.src = arguments[0] + '/a.png';
     document.body.append(image);
     document.body.append(Object.assign(document.createElement('script'),
       { src: arguments[0] + '/a.js' }));
     document.body.append(Object.assign(document.createElement('script'),
       { textContent: 'canary()' }));
     document.body.insertAdjacentHTML('beforeend',
       '<img src=data:, onerror=canary()>');
     fetch(arguments[0]).catch(() => {});",
    other_server$url
  )

  wait_until(function() {
    length(chat$browser$run("return window.blocked")) >= 5L
  })
  blocked <- unlist(chat$browser$run("return window.blocked"))
  for (directive in c(
    "img-src", "script-src-elem", "script-src-attr", "connect-src"
  )) {
    expect_match(blocked, paste0("^", directive), all = FALSE)
  }
  expect_identical(chat$browser$run("return window.ran"), 0L)
  expect_length(other_server$requests(), 0L)
})
