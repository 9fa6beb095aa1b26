# One pixel.
png_bytes <- function() {
  jsonlite::base64_dec(paste0(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAI",
    "icLsAAAAAElFTkSuQmCC"
  ))
}

base64 <- function(bytes) gsub("\n", "", jsonlite::base64_enc(bytes))

part_file <- function(bytes, ending) {
  path <- withr::local_tempfile(
    fileext = ending, .local_envir = parent.frame()
  )
  writeBin(bytes, path)
  path
}

# The content that a request for a chat or a response has.
sent_content <- function(api, content) {
  server <- test_server()
  client <- test_client(server)
  messages <- list(list(role = "user", content = content))
  if (api == "chat") {
    client$chat$create(messages, "m")
  } else {
    client$responses$create(messages, "m")
  }
  body <- jsonlite::fromJSON(server$requests()[[1]]$body, FALSE)
  (body$messages %||% body$input)[[1]]$content
}

test_that("a picture goes beside a text as each API wants it", {
  path <- part_file(png_bytes(), ".dat")
  url <- paste0("data:image/png;base64,", base64(png_bytes()))
  content <- list("What is it?", picture(path, detail = "low"))

  expect_identical(sent_content("chat", content), list(
    list(type = "text", text = "What is it?"),
    list(type = "image_url", image_url = list(url = url, detail = "low"))
  ))
  expect_identical(sent_content("responses", content), list(
    list(type = "input_text", text = "What is it?"),
    list(type = "input_image", image_url = url, detail = "low")
  ))
  expect_identical(
    sent_content("responses", list(picture("https://host/a.png"))),
    list(list(type = "input_image", image_url = "https://host/a.png"))
  )
  expect_identical(
    sent_content("responses", list(picture("file-1"))),
    list(list(type = "input_image", file_id = "file-1"))
  )
})

test_that("documents and sounds go as each API wants them", {
  path <- part_file(charToRaw("%PDF-1.7\n"), ".pdf")
  data <- paste0("data:application/pdf;base64,", "JVBERi0xLjcK")

  expect_identical(
    sent_content("responses", list(document(path, name = "paper.pdf"))),
    list(list(type = "input_file", filename = "paper.pdf", file_data = data))
  )
  expect_identical(
    sent_content("chat", list(document(charToRaw("%PDF-1.7\n")))),
    list(list(
      type = "file", file = list(filename = "document.pdf", file_data = data)
    ))
  )
  expect_identical(
    sent_content("responses", list(document("https://host/a.pdf"))),
    list(list(type = "input_file", file_url = "https://host/a.pdf"))
  )
  wav <- c(charToRaw("RIFF"), as.raw(c(4, 0, 0, 0)), charToRaw("WAVE"))
  for (api in c("chat", "responses")) {
    expect_identical(sent_content(api, list(sound(wav))), list(list(
      type = "input_audio",
      input_audio = list(data = base64(wav), format = "wav")
    )))
  }
})

test_that("a plot is drawn for a picture", {
  skip_if_not(capabilities("png"))
  grDevices::pdf(NULL)
  grDevices::dev.control("enable")
  plot(1:3)
  recorded <- grDevices::recordPlot()
  grDevices::dev.off()

  part <- picture(recorded, width = 300, height = 200)

  image <- png::readPNG(jsonlite::base64_dec(part$data))
  expect_identical(dim(image)[1:2], c(200L, 300L))
  expect_gt(length(unique(as.vector(image))), 1)
})

test_that("what cannot be sent is refused with what to do", {
  path <- part_file(charToRaw("not a picture"), ".png")
  expect_error(picture(path), "no picture.*PNG", class = "openai_argument_error")
  expect_error(picture("none.png"), "not exists", class = "openai_argument_error")
  expect_error(picture(1), "must be a path", class = "openai_argument_error")
  expect_error(
    picture(png_bytes(), detail = "all"), "detail",
    class = "openai_argument_error"
  )
  expect_error(sound(png_bytes()), "WAV", class = "openai_argument_error")
  expect_error(document(raw()), "empty", class = "openai_argument_error")
  large <- part_file(raw(50e6 + 1), ".pdf")
  expect_error(
    document(large), "50 MB.*vector store",
    class = "openai_argument_error"
  )
  chat <- function(part) sent_content("chat", list(part))
  expect_error(
    chat(picture("file-1")), "use responses",
    class = "openai_argument_error"
  )
  expect_error(
    chat(document("https://host/a.pdf")), "use responses",
    class = "openai_argument_error"
  )
  expect_error(
    chat(sound("https://host/a.wav")), "on this machine",
    class = "openai_argument_error"
  )
})

test_that("a part shows what it is", {
  expect_output(print(picture("file-1")), "<picture> file-1")
  expect_output(print(picture(png_bytes())), "<picture> image/png")
})
