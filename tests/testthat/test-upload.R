# Files in multipart/form-data.

# The parts that are files: their names, the files' names and media types.
sent_files <- function(call) {
  server <- test_server()
  server$reply(body = any_answer)
  call(test_client(server))
  body <- server$requests()[[1]]$body
  body <- if (is.raw(body)) rawToChar(body[body != 0]) else body
  lines <- strsplit(body, "\r\n", fixed = TRUE, useBytes = TRUE)[[1]]
  heads <- grep("filename=", lines, useBytes = TRUE)
  name <- sub('.* name="([^"]*)".*', "\\1", lines[heads], useBytes = TRUE)
  file <- sub('.*filename="([^"]*)".*', "\\1", lines[heads], useBytes = TRUE)
  type <- sub("content-type: ", "", lines[heads + 1], ignore.case = TRUE)
  paste(name, file, type)
}

folder_of <- function(..., env = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = env)
  files <- list(...)
  for (name in names(files)) {
    writeBin(files[[name]], file.path(folder, name))
  }
  folder
}

test_that("one image is `image`, several are `image[]`", {
  folder <- folder_of(a.png = as.raw(1), b.png = as.raw(2))
  paths <- file.path(folder, c("a.png", "b.png"))
  expect_identical(
    sent_files(function(client) client$images$edit(paths[[1]], "x")),
    "image a.png image/png"
  )
  several <- c("image[] a.png image/png", "image[] b.png image/png")
  for (images in list(paths, as.list(paths), factor(paths))) {
    expect_identical(
      sent_files(function(client) client$images$edit(images, "x")), several
    )
  }
})

test_that("every missing file is named, and too many files are refused", {
  folder <- folder_of(a.png = as.raw(1))
  here <- file.path(folder, "a.png")
  server <- test_server()
  client <- test_client(server)
  expect_identical(
    failed_call(client$images$edit(c("no.png", here, "none.png"), "x")),
    list(success = FALSE, data = paste0(
      "path (no.png) is not exists; path (none.png) is not exists"
    ))
  )
  expect_match(
    failed_call(client$images$edit(rep(here, 17), "x"))$data,
    "17 files, and at most 16 can be sent"
  )
  expect_match(
    failed_call(client$images$edit(here, "x", mask = c(here, here)))$data,
    "at most 1"
  )
  expect_match(
    failed_call(client$files$upload(c(here, here)))$data,
    "at most 1 can be sent"
  )
  expect_length(server$requests(), 0)
})

test_that("the media type is that of the content, else that of the name", {
  webp <- c(charToRaw("RIFF"), as.raw(c(36, 0, 0, 0)), charToRaw("WEBPVP8 "))
  folder <- folder_of(
    a.webp = webp, none = webp, wrong.png = webp, b.webp = as.raw(1:9),
    c.jsonl = charToRaw("{}\n"), d = charToRaw("%PDF-1.7\n"),
    e.csv = charToRaw("BM,1\n")
  )
  sent <- function(name) {
    sent_files(function(client) client$files$upload(file.path(folder, name)))
  }
  expect_identical(sent("a.webp"), "file a.webp image/webp")
  expect_identical(sent("none"), "file none image/webp")
  expect_identical(sent("wrong.png"), "file wrong.png image/webp")
  expect_identical(sent("b.webp"), "file b.webp image/webp")
  expect_identical(sent("c.jsonl"), "file c.jsonl application/octet-stream")
  expect_identical(sent("d"), "file d application/pdf")
  expect_identical(sent("e.csv"), "file e.csv text/csv")
})

test_that("a string as the second argument of upload() is the purpose", {
  path <- withr::local_tempfile(lines = "x")
  server <- test_server()
  server$reply(body = any_answer, times = 4)
  client <- test_client(server)
  client$files$upload(path, "batch")
  client$files$upload(path, 0, "assistants")
  client$files$upload(path)
  client$files$upload(path, "vision", expires_after = list(seconds = 1))
  sent <- vapply(server$requests(), `[[`, "", "body")
  purpose <- sub('.*name="purpose"\r\n\r\n([^\r]*)\r.*', "\\1", sent)
  expect_identical(purpose, c("batch", "assistants", "fine-tune", "vision"))
  refused <- failed_call(client$files$upload(path, "batch", "vision"))
  expect_match(refused$message, "verbosity")
  expect_length(server$requests(), 4)
})
