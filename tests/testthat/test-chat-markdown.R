# Nothing that a model, a tool or a server writes runs in the page or is fetched
# by it.

# What runs calls canary(); what the page's policy stops is counted.
set_traps <- "
  window.ran = 0;
  window.canary = () => { window.ran += 1; };
  window.alert = window.confirm = window.prompt = window.canary;
  window.stopped = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.stopped.push(event.violatedDirective + ' ' + event.blockedURI);
  });"

traps <- "return { ran: window.ran, stopped: window.stopped,
  elsewhere: performance.getEntriesByType('resource').map((each) => each.name)
    .filter((name) => !name.startsWith(location.origin)),
  here: location.pathname }"

untouched <- list(
  elsewhere = list(), here = "/", ran = 0L, stopped = list()
)

# The address of the page's files.
page_files <- function(browser) {
  browser$run(
    "return document.querySelector('link[href*=\"chat.css\"]').href
       .replace('chat.css', '')"
  )
}

# What markdown-check.js complains of in texts, each with sizes of the pieces in
# which it comes.
complaints <- function(browser, texts, seconds = 60) {
  check <- paste(readLines(test_path("markdown-check.js")), collapse = "\n")
  pieces <- lapply(texts, function(text) {
    list(text, I(sample(60L, sample(8L, 1L), replace = TRUE)))
  })
  browser$run(paste0(
    "window.complaints = null;\n(", sub("^//[^(]*", "", check), ")",
    "(arguments[0], arguments[1]).then(
       (found) => { window.complaints = found; },
       (error) => { window.complaints = [String(error.stack)]; });"
  ), page_files(browser), pieces)
  wait_until(function() {
    browser$run("return window.complaints !== null")
  }, seconds)
  as.character(unlist(browser$run("return window.complaints")))
}

# Without the policy of the page nothing but the Markdown's own rules protects.
open_without_policy <- function(browser, app) {
  browser$devtools("Network.enable")
  browser$devtools("Network.setBlockedURLs", urls = I("*/page.js"))
  browser$open(app$url)
  wait_until(function() browser$shows(".send:enabled"))
  expect_false(browser$shows("meta[http-equiv='Content-Security-Policy']"))
}

test_that("attacks and random Markdown run nothing and fetch nothing", {
  chat <- chat_in_browser()
  elsewhere <- test_server()
  open_without_policy(chat$browser, chat$app)
  chat$browser$run(set_traps)
  attacks <- markdown_attacks(elsewhere$url)
  seed <- local_random_seed()
  random <- replicate(1000, random_markdown(attacks))

  expect_identical(complaints(chat$browser, attacks), character())
  expect_identical(
    complaints(chat$browser, random), character(),
    info = paste("Seed", seed)
  )

  expect_identical(chat$browser$run(traps), untouched)
  expect_length(elsewhere$requests(), 0L)
})

test_that("nor do attacks in answers, questions and errors", {
  chat <- chat_in_browser()
  elsewhere <- test_server()
  chat$browser$run(set_traps)
  attacks <- markdown_attacks(elsewhere$url)
  chat$server$reply(
    chunks = chat_events(json_strings(paste0(attacks, "\n\n")))
  )
  html <- sprintf(
    "<img src=x onerror=canary()><a href='%s'>x</a>", elsewhere$url
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
  expect_identical(chat$browser$run(traps), untouched)
  expect_length(elsewhere$requests(), 0L)
})

test_that("the page's policy stops what is fetched from elsewhere or run", {
  chat <- chat_in_browser()
  elsewhere <- test_server()
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
    elsewhere$url
  )

  wait_until(function() {
    length(chat$browser$run("return window.stopped")) >= 5L
  })
  stopped <- unlist(chat$browser$run("return window.stopped"))
  for (directive in c(
    "img-src", "script-src-elem", "script-src-attr", "connect-src"
  )) {
    expect_match(stopped, paste0("^", directive), all = FALSE)
  }
  expect_identical(chat$browser$run("return window.ran"), 0L)
  expect_length(elsewhere$requests(), 0L)
})
