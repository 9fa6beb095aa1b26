# Images of an answer, in files and in plots.

skip_if_not_installed("png")

# An answer with these images.
images_of <- function(..., env = parent.frame()) {
  server <- test_server(env = env)
  reply_images(server, list(...))
  test_client(server)$images$create("a bird", model = "m")
}

test_that("one image is written to the path, byte for byte", {
  image <- png_image()
  path <- withr::local_tempfile(fileext = ".png")

  saved <- withVisible(save_image(images_of(image), path))

  expect_identical(saved, list(value = path, visible = FALSE))
  expect_identical(file_bytes(path), image)
})

test_that("several images are numbered", {
  folder <- withr::local_tempdir()
  images <- list(png_image(3), png_image(4))
  answer <- images_of(images[[1]], images[[2]])
  at <- function(name) file.path(folder, name)

  expect_identical(
    save_image(answer, at("bird.v2.png")),
    at(c("bird.v2-1.png", "bird.v2-2.png"))
  )
  expect_identical(lapply(at(dir(folder)), file_bytes), images)
  expect_identical(save_image(answer, at("bird")), at(c("bird-1", "bird-2")))
})

test_that("base64 may have line breaks and no padding", {
  server <- test_server()
  server$reply(body = "{\"data\":[{\"b64_json\":\"AAEC\\nAwQFBg\"}]}")
  path <- withr::local_tempfile()
  save_image(test_client(server)$images$create("a bird"), path)
  expect_identical(file_bytes(path), as.raw(0:6))
})

test_that("invalid base64 is an error, and nothing is written", {
  server <- test_server()
  server$reply(body = "{\"data\":[{\"b64_json\":\"a bird!\"}]}")
  path <- withr::local_tempfile()
  answer <- test_client(server)$images$create("a bird")
  expect_error(
    save_image(answer, path), "base64",
    class = "openai_argument_error"
  )
  expect_false(file.exists(path))
})

test_that("the extension of another format is rejected, nothing is written", {
  path <- withr::local_tempfile(fileext = ".JPG")
  error <- expect_error(
    save_image(images_of(png_image()), path),
    class = "openai_argument_error"
  )
  message <- conditionMessage(error)
  expect_match(
    message, "extension of JPEG, but the bytes are PNG",
    fixed = TRUE
  )
  expect_match(message, "name it .png", fixed = TRUE)
  expect_false(file.exists(path))
})

test_that("an image with a URL is downloaded without the key", {
  server <- test_server()
  client <- test_client(server, headers = c("X-Team" = "research"))
  url <- sub("/v1$", "/a%20b/img.png?sig=1%2B2&x", server$url)
  server$reply(body = sprintf("{\"data\":[{\"url\":\"%s\"}]}", url))
  answer <- client$images$create("a bird")
  image <- png_image()
  server$reply(body = image, headers = c("Content-Type" = "image/png"))
  path <- withr::local_tempfile(fileext = ".png")

  save_image(answer, path)

  expect_identical(file_bytes(path), image)
  request <- server$requests()[[2]]
  expect_identical(request$target, "/a%20b/img.png?sig=1%2B2&x")
  expect_false(any(c("authorization", "x-team") %in% names(request$headers)))
})

test_that("a failed download signals an error with the server's message", {
  server <- test_server()
  body <- sprintf("{\"data\":[{\"url\":\"%s/gone.png\"}]}", server$url)
  server$reply(body = body)
  answer <- test_client(server)$images$create("a bird")
  server$reply(status = 403, body = "{\"error\":{\"message\":\"Expired.\"}}")
  expect_error(
    save_image(answer, withr::local_tempfile()), "Expired",
    class = "openai_permission_error"
  )
})

test_that("a failed call and values without images are rejected", {
  server <- test_server()
  server$reply(status = 400, body = "{\"error\":{\"message\":\"No birds.\"}}")
  failed <- failed_call(test_client(server)$images$create("a bird"))
  path <- withr::local_tempfile()
  expect_error(
    save_image(failed, path), "No birds",
    class = "openai_argument_error"
  )
  expect_error(save_image(1:3, path), class = "openai_argument_error")
  expect_error(
    save_image(list(data = 1), path),
    class = "openai_argument_error"
  )
  answer <- images_of(png_image())
  expect_error(
    save_image(answer, file.path(tempdir(), "none", "bird.png")), "dir.create"
  )
  expect_error(save_image(answer, NULL), class = "openai_argument_error")
  expect_error(save_image(answer, tempdir()), "is a directory")
})

test_that("plot() draws the images side by side", {
  blue <- png::writePNG(array(rep(c(0, 0, 1), each = 4), c(2, 2, 3)))
  red <- png::writePNG(array(rep(c(1, 0, 0), each = 8), c(2, 4, 3)))
  path <- withr::local_tempfile(fileext = ".png")
  answer <- openai_answer(images_of(blue, red))

  grDevices::png(path, 300, 100)
  drawn <- withVisible(plot(answer))
  grDevices::dev.off()

  expect_identical(drawn, list(value = answer, visible = FALSE))
  pixels <- png::readPNG(path)
  expect_identical(pixels[50, 20, 1:3], c(0, 0, 1))
  expect_identical(pixels[50, 280, 1:3], c(1, 0, 0))
})

test_that("plot() draws JPEG images, and rejects other formats", {
  skip_if_not_installed("jpeg")
  jpeg <- jpeg::writeJPEG(array(0.5, c(8, 8, 3)), raw())
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  expect_silent(plot(openai_answer(images_of(jpeg))))
  webp <- openai_answer(images_of(file_signatures$webp))
  expect_error(plot(webp), "WebP", class = "openai_argument_error")
})
