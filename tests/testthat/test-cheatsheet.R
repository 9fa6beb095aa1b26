# The code of the cheat sheet, run from the first line to the last.

# The code of each box, named by its title.
cheatsheet_code <- function() {
  path <- system.file("cheatsheet.html", package = "openaistream")
  html <- paste(readLines(path, encoding = "UTF-8"), collapse = "\n")
  boxes <- strsplit(html, "<section>", fixed = TRUE)[[1]][-1]
  code <- sub(".*<pre><code>(.*)</code></pre>.*", "\\1", boxes)
  code <- gsub("<[^>]+>", "", code)
  for (entity in list(c("&lt;", "<"), c("&gt;", ">"), c("&amp;", "&"))) {
    code <- gsub(entity[[1]], entity[[2]], code, fixed = TRUE)
  }
  names(code) <- sub(".*<h2>(.*)</h2>.*", "\\1", boxes)
  code
}

test_that("the code of the cheat sheet runs", {
  for (package in c("later", "shiny")) skip_if_not_installed(package)
  skip_if_not(capabilities("png"))
  server <- test_server()
  code <- cheatsheet_code()
  expect_gt(length(code), 10)

  run <- callr::r(
    function(code, folder) {
      setwd(folder)
      grDevices::png("plot.png")
      plot(1)
      grDevices::dev.off()
      grDevices::pdf("paper.pdf")
      plot(1)
      grDevices::dev.off()
      writeLines("You have 30 days of leave.", "leave.md")
      writeLines("Trains are booked by the office.", "travel.md")
      values <- new.env(parent = globalenv())
      for (title in names(code)) {
        tryCatch(
          eval(parse(text = code[[title]]), values),
          error = function(e) stop(title, ": ", conditionMessage(e))
        )
      }
      ls(values)
    },
    list(code = code, folder = withr::local_tempdir()),
    env = c(
      callr::rcmd_safe_env(),
      OPENAI_API_KEY = "sk-test", OPENAI_BASE_URL = server$url,
      AZURE_OPENAI_API_KEY = "sk-test"
    )
  )

  expect_true(all(c("talk", "response", "answers", "vectors") %in% run))
})

test_that("no line of the cheat sheet is wrapped when printed", {
  lines <- unlist(strsplit(cheatsheet_code(), "\n"))
  expect_true(all(nchar(lines) <= 56))
})
