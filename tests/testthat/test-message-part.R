# A PNG of one pixel.
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

# A sparse PDF of `bytes` bytes, which takes little space on the disk.
sparse_file <- function(bytes) {
  path <- withr::local_tempfile(
    fileext = ".pdf", .local_envir = parent.frame()
  )
  connection <- file(path, "wb")
  writeBin(charToRaw("%PDF-1.7\n"), connection)
  seek(connection, bytes - 1, rw = "write")
  writeBin(as.raw(0), connection)
  close(connection)
  path
}

# The content of the message in the request of a chat or a response.
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

test_that("a picture next to a text is sent in the form of each API", {
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

test_that("documents and sounds are sent in the form of each API", {
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

# The size and the number of colours of a part's PNG.
drawn <- function(part) {
  image <- png::readPNG(jsonlite::base64_dec(part$data))
  list(size = dim(image)[2:1], colours = length(unique(as.vector(image))))
}

test_that("a plot becomes a picture of the given size", {
  skip_if_not(capabilities("png"))
  skip_if_not_installed("png")
  skip_if_not_installed("lattice")
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  grDevices::dev.control("enable")
  plot(1:3)
  cars <- data.frame(speed = 1:3, dist = c(2, 4, 3))
  plots <- list(
    recorded = grDevices::recordPlot(),
    lattice = lattice::xyplot(dist ~ speed, cars),
    grob = grid::circleGrob(gp = grid::gpar(fill = "red"))
  )
  if (requireNamespace("ggplot2", quietly = TRUE)) {
    ggplot <- ggplot2::ggplot(cars, ggplot2::aes(speed, dist)) +
      ggplot2::geom_point()
    plots$ggplot <- ggplot
    plots$gtable <- ggplot2::ggplotGrob(ggplot)
  }
  for (name in names(plots)) {
    devices <- grDevices::dev.list()
    current <- grDevices::dev.cur()
    expect_silent(part <- picture(plots[[name]], width = 300, height = 200))
    expect_identical(drawn(part)$size, c(300L, 200L), info = name)
    expect_gt(drawn(part)$colours, 1, label = name)
    expect_identical(grDevices::dev.list(), devices)
    expect_identical(grDevices::dev.cur(), current)
  }
})

test_that("drawing a plot does not change the current device", {
  skip_if_not(capabilities("png"))
  for (device in 1:3) grDevices::pdf(NULL)
  withr::defer(for (device in 1:3) grDevices::dev.off())
  current <- grDevices::dev.set(grDevices::dev.list()[[2]])
  picture(grid::rectGrob())
  expect_identical(grDevices::dev.cur(), current)
})

test_that("a plot is drawn without X11", {
  skip_if_not(capabilities("cairo"))
  skip_on_os(c("windows", "mac"))
  withr::local_options(bitmapType = "Xlib")
  withr::local_envvar(DISPLAY = NA)
  part <- picture(grid::rectGrob(), width = 30, height = 20)
  expect_identical(drawn(part)$size, c(30L, 20L))
})

test_that("a plot that its device did not record is an error", {
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  plot(1:3)
  expect_error(
    picture(grDevices::recordPlot()), "dev.control(displaylist = \"enable\")",
    class = "openai_argument_error", fixed = TRUE
  )
})

test_that("a plot that cannot be drawn is an error that says what to do", {
  skip_if_not(capabilities("png"))
  devices <- grDevices::dev.list()
  expect_error(
    picture(grid::rectGrob(), width = 1e6, height = 1e6),
    "smaller `width`.*save the plot to a file",
    class = "openai_argument_error"
  )
  skip_if_not_installed("lattice")
  # By default lattice prints an error of a panel into the plot.
  settings <- lattice::lattice.options(panel.error = stop)
  withr::defer(lattice::lattice.options(settings))
  broken <- lattice::xyplot(1 ~ 1, panel = function(...) stop("no such panel"))
  expect_error(picture(broken), "no such panel")
  expect_identical(grDevices::dev.list(), devices)
})

test_that("a part that cannot be sent is refused with what to do", {
  path <- part_file(charToRaw("not a picture"), ".png")
  expect_error(picture(path), "not a picture.*PNG", class = "openai_argument_error")
  expect_error(picture("none.png"), "does not exist", class = "openai_argument_error")
  expect_error(picture(1), "must be a path", class = "openai_argument_error")
  expect_error(
    picture(png_bytes(), detail = "all"), "detail",
    class = "openai_argument_error"
  )
  expect_error(sound(png_bytes()), "WAV", class = "openai_argument_error")
  expect_error(document(raw()), "empty", class = "openai_argument_error")
  expect_error(
    document(sparse_file(100e6)), "has 100 MB.*50 MB.*vector store",
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

test_that("a part prints its kind and its source", {
  expect_output(print(picture("file-1")), "<picture> file-1")
  expect_output(print(picture(png_bytes())), "<picture> image/png")
})
