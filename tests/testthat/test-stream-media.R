# Streams of pictures and transcripts, as the practice server sends them.

test_that("partial images arrive before the final one and can be saved", {
  client <- test_client(test_server())
  stream <- client$images$create(
    "a bird",
    stream = TRUE, partial_images = 2, model = "gpt-image-2.5-flare"
  )
  seen <- character()
  stream$each(function(event) {
    path <- withr::local_tempfile(fileext = ".png")
    save_image(event, path)
    expect_gt(file.size(path), 0)
    seen <<- c(seen, event$event)
  })
  expect_identical(seen, c(
    rep("image_generation.partial_image", 2), "image_generation.completed"
  ))
  expect_type(stream$message()$data$b64_json, "character")
})

test_that("a transcript arrives in pieces", {
  client <- test_client(test_server())
  sound <- withr::local_tempfile(fileext = ".wav")
  writeBin(client$audio$speech(input = "Hello", model = "m"), sound)
  whole <- client$audio$transcription(sound, "m")
  stream <- client$audio$transcription(sound, "m", stream = TRUE)
  pieces <- character()
  stream$each(function(event) pieces <<- c(pieces, event$text))
  expect_gt(sum(nzchar(pieces)), 1)
  expect_identical(paste(pieces, collapse = ""), whole$text)
  expect_identical(stream$message()$text, whole$text)
})
