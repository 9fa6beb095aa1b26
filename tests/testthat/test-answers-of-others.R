# Audio, images and texts as servers of all kinds send them.

# A chat answer whose message is this JSON.
chat_with <- function(message, env = parent.frame()) {
  server <- test_server(env = env)
  server$reply(body = paste0(
    '{"choices":[{"index":0,"finish_reason":"stop","message":', message, "}]}"
  ))
  test_client(server)$chat$create(hello, "m")
}

base64 <- function(bytes) jsonlite::base64_enc(bytes)

png <- as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xfb, 0xff))

test_that("images are read from either base64 alphabet and from data URLs", {
  path <- withr::local_tempfile(fileext = ".png")
  standard <- base64(png)
  for (entry in c(
    sprintf('{"b64_json":"%s"}', standard),
    sprintf('{"b64_json":"%s"}', sub("=+$", "", chartr("+/", "-_", standard))),
    sprintf('{"b64_json":"data:image/png;base64,%s"}', standard),
    sprintf('{"url":"data:image/png;base64,%s"}', standard),
    sprintf('{"url":"","b64_json":"%s"}', standard)
  )) {
    server <- test_server()
    server$reply(body = paste0('{"data":[', entry, "]}"))
    answer <- test_client(server)$images$create("a bird")
    save_image(answer, path)
    expect_identical(file_bytes(path), png)
    expect_output(print(openai_answer(answer)), "1: PNG, 10 bytes")
  }
})

test_that("the other images are saved if one was filtered", {
  server <- test_server()
  server$reply(body = sprintf(
    '{"data":[{"url":null,"error":"filtered"},{"b64_json":"%s"}]}', base64(png)
  ))
  answer <- test_client(server)$images$create("a bird")
  path <- withr::local_tempfile(fileext = ".png")
  expect_warning(
    saved <- save_image(answer, path), "lacks 1 of 2",
    class = "openai_image_warning"
  )
  expect_identical(saved, sub(".png", "-2.png", path, fixed = TRUE))
  expect_identical(file_bytes(saved), png)
  expect_output(print(openai_answer(answer)), "1: no image")
})

test_that("images and audio of chats are saved", {
  drawn <- chat_with(sprintf(paste0(
    '{"role":"assistant","content":"Here.","images":[{"type":"image_url",',
    '"image_url":{"url":"data:image/png;base64,%s"}}]}'
  ), base64(png)))
  path <- withr::local_tempfile(fileext = ".png")
  save_image(drawn, path)
  expect_identical(file_bytes(path), png)

  spoken <- chat_with(sprintf(paste0(
    '{"role":"assistant","content":null,"audio":{"id":"a","data":"%s",',
    '"transcript":"Hi"}}'
  ), base64(charToRaw("ID3 sound"))))
  path <- withr::local_tempfile(fileext = ".mp3")
  save_audio(spoken, path)
  expect_identical(file_bytes(path), charToRaw("ID3 sound"))

  plain <- chat_with('{"role":"assistant","content":"Hi"}')
  expect_error(save_image(plain, path), class = "openai_argument_error")
  expect_error(save_audio(plain, path), class = "openai_argument_error")
})

test_that("errors do not quote images", {
  server <- test_server()
  picture <- base64(as.raw(sample(0:255, 4000, TRUE)))
  picture <- gsub("\n", "", picture, fixed = TRUE)
  server$reply(body = sprintf('{"data":[{"b64_json":"%s"', picture))
  failed <- failed_call(test_client(server)$images$create("a bird"))
  for (text in c(failed$message, failed$body)) {
    expect_false(grepl(substr(picture, 1, 60), text, fixed = TRUE))
    expect_match(text, "characters of base64", fixed = TRUE)
  }
})

test_that("a transcript has the requested format", {
  path <- withr::local_tempfile(lines = "ID3", fileext = ".mp3")
  ask <- function(body, type, ...) {
    server <- test_server()
    server$reply(body = body, headers = c("Content-Type" = type))
    test_client(server)$audio$transcription(path, "m", ...)
  }
  plain <- "text/plain; charset=utf-8"
  json <- "application/json"
  expect_identical(ask("Hello.", plain)$text, "Hello.")
  expect_identical(ask('{"text":"Hello."}', json)$text, "Hello.")
  expect_identical(ask('{"text":"Hello."}', plain)$text, "Hello.")
  expect_identical(ask("Hello.", json)$text, "Hello.")
  expect_identical(ask("Hello.", plain, response_format = "text"), "Hello.")
  expect_identical(
    ask('{"text":"Hello."}', json, response_format = "text"), "Hello."
  )
  for (format in c("VTT", "tsv", "lrc", "srt")) {
    expect_identical(
      ask("1 Hello.", plain, response_format = format), "1 Hello."
    )
  }
})

test_that("a refusal is printed, and its text is NA, not empty", {
  refusal <- '{"role":"assistant","content":null,"refusal":"I cannot."}'
  server <- test_server()
  body <- paste0(
    '{"choices":[{"index":0,"finish_reason":"stop","message":', refusal, "}]}"
  )
  server$reply(body = body)
  client <- test_client(server)
  expect_output(
    client$chat$create(hello, "m", echo = TRUE), "[refusal: I cannot.]",
    fixed = TRUE
  )
  chunk <- 'data: {"choices":[{"index":0,"delta":{%s},"finish_reason":%s}]}\n\n'
  refused <- c(
    sprintf(chunk, '"role":"assistant","refusal":"I can"', "null"),
    sprintf(chunk, '"refusal":"not."', '"stop"'), "data: [DONE]\n\n"
  )
  server$reply(chunks = refused, times = 2)
  stream <- client$chat$create(hello, "m", stream = TRUE)
  expect_identical(stream$text(), NA_character_)
  expect_output(
    client$chat$create(hello, "m", stream = TRUE, echo = TRUE),
    "[refusal: I cannot.]",
    fixed = TRUE
  )
  server$reply(chunks = c(
    sprintf(chunk, '"content":""', '"stop"'), "data: [DONE]\n\n"
  ))
  expect_identical(client$chat$create(hello, "m", stream = TRUE)$text(), "")
})

test_that("an error with status 200 is not stored in a journal", {
  journal <- withr::local_tempfile(fileext = ".jsonl")
  server <- test_server()
  server$reply(body = '{"error":{"message":"overloaded","code":503}}')
  client <- test_client(server)
  first <- client$chat$map("a", "m", journal = journal, on_error = "return")
  expect_s3_class(first[[1]], "openai_server_error")
  again <- client$chat$map("a", "m", journal = journal)
  expect_type(again[[1]]$text, "character")
  expect_length(server$requests(), 2)
  client$chat$map("a", "m", journal = journal)
  expect_length(server$requests(), 2)
})

test_that("an error with status 200 is retried according to its code", {
  server <- test_server()
  server$reply(
    body = '{"error":{"message":"overloaded","code":503}}',
    headers = c("retry-after-ms" = "1"), times = 2
  )
  server$reply_chat("Hi")
  answer <- test_client(server, max_retries = 2)$chat$create(hello, "m")
  expect_identical(answer$text, "Hi")
  expect_length(server$requests(), 3)
})

test_that("any JSON with status 200 gives an answer or a condition", {
  seed <- local_random_seed()
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  path <- withr::local_tempfile(lines = "ID3", fileext = ".mp3")
  calls <- list(
    chat = function() nrow(client$chat$create(hello, "m")$vres),
    embeddings = function() {
      nrow(client$embeddings$create("m", "a")$data)
    },
    images = function() nrow(client$images$create("a")$data),
    moderations = function() NROW(client$moderations$create("a")$results),
    models = function() if (!is.null(client$models$list())) 1L,
    files = function() if (!is.null(client$files$list()$data)) 1L,
    retrieve = function() length(client$files$retrieve("f")),
    transcription = function() {
      nchar(client$audio$transcription(path, "m")$text) + 1L
    },
    speech = function() length(client$audio$speech("m", "a"))
  )
  fields <- c("choices", "data", "results", "error", "text", "id", "message")
  for (i in seq_len(200)) {
    for (name in names(calls)) {
      text <- if (runif(1) < 0.5) {
        random_json()
      } else {
        json_object(sample(fields, 2), c(random_json(), random_json()))
      }
      server$reply(body = text)
      value <- tryCatch(
        suppressWarnings(calls[[name]]()),
        openai_error = function(e) 1L
      )
      if (!isTRUE(value >= 1L)) {
        fail(paste0("Seed ", seed, ", ", name, ": ", text))
        return()
      }
    }
  }
  succeed()
})
