# Text that would end a header, a line or a name if it were not escaped.

# No request and no part of a form has the injected header.
expect_not_injected <- function(server) {
  for (request in server$requests()) {
    expect_false("x-evil" %in% tolower(names(request$headers)))
    body <- as_text(request$body)
    boundary <- sub("\r\n.*", "", body)
    parts <- strsplit(body, boundary, fixed = TRUE)[[1]]
    heads <- vapply(strsplit(parts, "\r\n\r\n", fixed = TRUE), `[`, "", 1)
    expect_false(any(grepl("\nx-evil:", heads, ignore.case = TRUE)))
  }
}

as_text <- function(body) {
  if (is.raw(body)) rawToChar(body[body != 0]) else body
}

injections <- c("\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1\r\n\r\n")

test_that("keys and headers with line breaks are rejected, and not sent", {
  server <- test_server()
  for (text in injections) {
    expect_error(
      test_client(server, paste0("sk-a", text, "b"))$models$list(),
      class = "openai_argument_error"
    )
    expect_error(
      test_client(server, headers = c("X-Team" = paste0("a", text, "b")))$
        models$list(),
      class = "openai_argument_error"
    )
    expect_error(
      test_client(
        server,
        headers = stats::setNames("a", paste0("X-Team", text))
      )$models$list(),
      class = "openai_argument_error"
    )
    expect_error(
      test_client(server, function() paste0("sk-a", text, "b"))$models$list(),
      class = "openai_argument_error"
    )
  }
  expect_length(server$requests(), 0)
})

test_that("ids, queries and form fields with line breaks are escaped", {
  server <- test_server()
  client <- test_client(server)
  path <- withr::local_tempfile(lines = "x")
  for (text in injections) {
    server$reply(body = any_answer, times = 4)
    client$files$retrieve(paste0("file", text))
    client$files$list(after = paste0("file", text))
    client$files$upload(path, "batch", note = paste0("a", text))
    fields <- stats::setNames(list(path, "b"), c("path", paste0("a\"", text)))
    do.call(client$files$upload, fields)
  }
  expect_length(server$requests(), 4 * length(injections))
  expect_not_injected(server)
})

test_that("file names with line breaks and quotes are escaped", {
  skip_on_os("windows")
  server <- test_server()
  server$reply(body = any_answer, times = 4)
  folder <- withr::local_tempdir()
  names <- c(paste0("a", injections, "b.txt"), "a\"; filename=\"b.txt")
  for (name in names) {
    path <- file.path(folder, gsub("/", "", name))
    writeLines("x", path)
    test_client(server)$files$upload(path, "batch")
  }
  expect_not_injected(server)
  bodies <- vapply(server$requests(), function(x) as_text(x$body), "")
  escaped <- c(
    "a%0D%0AX-Evil: 1b.txt", "a%0AX-Evil: 1b.txt",
    "a%0DX-Evil: 1%0D%0A%0D%0Ab.txt", "a%22; filename=%22b.txt"
  )
  for (i in seq_along(escaped)) {
    expect_match(
      bodies[[i]], paste0("filename=\"", escaped[[i]], "\""),
      fixed = TRUE
    )
  }
})
