# Text is UTF-8 on the wire and in R, whatever the session's encoding is.

skip_on_os("windows")

# Sends one text in several encodings, and returns what the server received and
# what it answered.
send_texts <- function() {
  utf8 <- "Gr\u00fc\u00dfe"
  latin1 <- iconv(utf8, "UTF-8", "latin1")
  native <- rawToChar(charToRaw(if (l10n_info()$`Latin-1`) latin1 else utf8))
  server <- local_server()
  client <- openai$new("sk-test", base_url = server$url)
  sent <- lapply(list(utf8, latin1, native), function(text) {
    client$chat$create(list(list(role = "user", content = text)), "m")
    tail(server$requests(), 1)[[1]]$body
  })
  server$reply(
    status = 404, body = charToRaw(sprintf('{"error":{"message":"%s"}}', utf8))
  )
  failed <- client$models$retrieve(latin1)
  target <- tail(server$requests(), 1)[[1]]$target
  server$reply(chunks = sprintf(
    'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n', utf8
  ))
  stream <- client$chat$create(
    list(list(role = "user", content = native)), "m", stream = TRUE
  )
  event <- stream$next_value$vres[[1]]$content

  # A file name in the session's encoding, and fields of a form.
  path <- file.path(tempdir(), paste0(native, ".jsonl"))
  writeLines("{}", path)
  server$reply(body = '{"id":"file-1"}', times = 2)
  uploaded <- client$files$upload(path)
  listed <- client$files$upload(list.files(
    tempdir(), "[.]jsonl$", full.names = TRUE
  ))
  form <- function(i) {
    body <- server$requests()[[i]]$body
    if (is.raw(body)) body else charToRaw(body)
  }
  server$reply(body = '{"text":"x"}')
  client$audio$transcription(path, prompt = latin1)
  count <- length(server$requests())
  list(
    locale = l10n_info()[c("UTF-8", "Latin-1")],
    sent = lapply(sent, charToRaw),
    message = failed$message, target = target,
    event = list(Encoding(event), charToRaw(event)),
    uploaded = c(uploaded$id, listed$id),
    forms = lapply(count - 2:0, form)
  )
}

expect_utf8 <- function(result) {
  text <- charToRaw("Gr\u00fc\u00dfe")
  for (body in result$sent) {
    expect_length(grepRaw(text, body, fixed = TRUE), 1)
  }
  expect_identical(Encoding(result$message), "UTF-8")
  expect_match(result$message, "Gr\u00fc\u00dfe", fixed = TRUE)
  expect_identical(result$target, "/v1/models/Gr%C3%BC%C3%9Fe")
  expect_identical(result$event, list("UTF-8", text))
  expect_identical(result$uploaded, c("file-1", "file-1"))
  named <- c(charToRaw("filename=\""), text, charToRaw(".jsonl\""))
  for (form in result$forms) {
    expect_length(grepRaw(named, form, fixed = TRUE), 1)
  }
  prompt <- c(charToRaw("\r\n\r\n"), text, charToRaw("\r\n"))
  expect_length(grepRaw(prompt, result$forms[[3]], fixed = TRUE), 1)
}

test_that("text and file names are UTF-8 in a UTF-8 locale", {
  expect_utf8(in_session(send_texts, env = c(LC_ALL = "C.UTF-8")))
})

test_that("text and file names are UTF-8 in the locale C", {
  result <- in_session(send_texts, env = c(LC_ALL = "C"))
  expect_identical(result$locale, list(`UTF-8` = FALSE, `Latin-1` = FALSE))
  expect_utf8(result)
})

test_that("text and file names are UTF-8 in a latin1 locale", {
  name <- "de_DE.ISO-8859-1"
  skip_if(Sys.which("localedef") == "", "localedef is not installed")
  folder <- withr::local_tempdir()
  status <- system2(
    "localedef",
    c("-f", "ISO-8859-1", "-i", "de_DE", shQuote(file.path(folder, name))),
    stdout = FALSE, stderr = FALSE
  )
  skip_if(status != 0, "localedef could not create the locale")
  result <- in_session(send_texts, env = c(LC_ALL = name, LOCPATH = folder))
  expect_identical(result$locale, list(`UTF-8` = FALSE, `Latin-1` = TRUE))
  expect_utf8(result)
})

test_that("strings of bytes are rejected before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  bytes <- "Gr\xfc"
  Encoding(bytes) <- "bytes"
  expect_error(client$models$retrieve(bytes), class = "openai_argument_error")
  expect_error(
    client$chat$create(list(list(role = "user", content = bytes)), "m"),
    class = "openai_argument_error"
  )
  expect_error(openai$new(bytes), class = "openai_argument_error")
  expect_error(
    openai$new("sk-test", headers = c("X-Team" = bytes), base_url = server$url)$
      models$list(),
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})
