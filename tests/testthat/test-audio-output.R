# Audio in files.

mp3 <- c(charToRaw("ID3"), as.raw(rep(0:255, 4)))

speech_stream <- function(..., env = parent.frame()) {
  server <- test_server(env = env)
  server$reply(...)
  test_client(server)$audio$speech(input = "Hello.", stream = TRUE)
}

test_that("audio is written byte for byte", {
  server <- test_server()
  server$reply(body = mp3)
  path <- withr::local_tempfile(fileext = ".mp3")
  audio <- test_client(server)$audio$speech(input = "Hello.")

  saved <- withVisible(save_audio(audio, path))

  expect_identical(saved, list(value = path, visible = FALSE))
  expect_identical(file_bytes(path), mp3)
})

test_that("a stream is written to its end", {
  stream <- speech_stream(chunks = list(mp3[1:500], mp3[501:1027]))
  path <- withr::local_tempfile(fileext = ".mp3")
  save_audio(stream, path)
  expect_identical(file_bytes(path), mp3)
  expect_identical(stream$get_state(), "complete")
  expect_error(
    save_audio(stream, path), "already been read to its end",
    class = "openai_argument_error"
  )
})

test_that("the bytes received before a timeout are in the file", {
  server <- test_server()
  server$reply(chunks = list(mp3), abort = "stall")
  path <- withr::local_tempfile(fileext = ".mp3")
  client <- test_client(server, timeouts = c(idle = 0.5))
  stream <- client$audio$speech(input = "Hello.", stream = TRUE, num = 50)
  error <- expect_error(
    save_audio(stream, path),
    class = "openai_timeout_error"
  )
  message <- conditionMessage(error)
  expect_match(message, "1027 bytes received before are in", fixed = TRUE)
  expect_match(message, path, fixed = TRUE)
  expect_identical(file_bytes(path), mp3)
})

test_that("a stream whose request fails writes nothing", {
  stream <- speech_stream(
    status = 401, body = "{\"error\":{\"message\":\"No such key.\"}}"
  )
  path <- withr::local_tempfile(fileext = ".mp3")
  expect_error(
    save_audio(stream, path), "No such key",
    class = "openai_authentication_error"
  )
  expect_false(file.exists(path))
})

test_that("the extension of another format is rejected", {
  for (format in names(file_signatures)) {
    other <- if (format == "mp3") "wav" else "mp3"
    right <- withr::local_tempfile(fileext = paste0(".", format))
    wrong <- withr::local_tempfile(fileext = paste0(".", other))
    bytes <- file_signatures[[format]]
    expect_identical(save_audio(bytes, right), right)
    expect_error(
      save_audio(bytes, wrong), paste0("name it .", format),
      fixed = TRUE, class = "openai_argument_error"
    )
    expect_false(file.exists(wrong))
  }
})

test_that("MPEG frames are distinguished from AAC frames", {
  mpeg <- as.raw(c(0xff, 0xfb, 0x90))
  path <- withr::local_tempfile(fileext = ".aac")
  expect_error(save_audio(mpeg, path), "bytes are MP3")
})

test_that("bytes without a signature, such as PCM, are written to any file", {
  path <- withr::local_tempfile(fileext = ".wav")
  save_audio(as.raw(1:9), path)
  expect_identical(file_bytes(path), as.raw(1:9))
})

test_that("a stream of another format is rejected and closed", {
  server <- test_server()
  server$reply(chunks = list(file_signatures$wav, raw(500)), abort = "stall")
  stream <- test_client(server)$audio$speech(
    input = "Hello.", stream = TRUE, num = 6
  )
  path <- withr::local_tempfile(fileext = ".mp3")
  expect_error(save_audio(stream, path), "bytes are WAV")
  expect_false(file.exists(path))
  expect_identical(stream$get_state(), "close")
})

test_that("a failed call and values without audio are rejected", {
  server <- test_server()
  server$reply(status = 400, body = "{\"error\":{\"message\":\"Too long.\"}}")
  client <- test_client(server)
  failed <- failed_call(client$audio$speech(input = "Hello."))
  path <- withr::local_tempfile()
  expect_error(
    save_audio(failed, path), "Too long",
    class = "openai_argument_error"
  )
  expect_error(save_audio("sound", path), class = "openai_argument_error")
  chat <- client$chat$create(hello, "m", stream = TRUE)
  expect_error(save_audio(chat, path), class = "openai_argument_error")
})
