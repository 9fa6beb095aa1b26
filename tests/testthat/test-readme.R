# The five tasks of README, run unchanged, each in a new R process.

# The lines of each task, by its heading.
readme_tasks <- function(path) {
  lines <- readLines(path, encoding = "UTF-8")
  from <- which(lines == "## Five tasks")
  chapters <- which(startsWith(lines, "## "))
  lines <- lines[from:(min(chapters[chapters > from]) - 1L)]
  heading <- cumsum(startsWith(lines, "### "))
  tasks <- split(lines[heading > 0], heading[heading > 0])
  names(tasks) <- vapply(tasks, function(task) sub("### ", "", task[[1]]), "")
  lapply(tasks, function(task) {
    fences <- grep("^```", task)
    task[(fences[[1]] + 1L):(fences[[2]] - 1L)]
  })
}

test_tasks <- function() {
  skip_on_cran()
  skip_if_not_installed("callr")
  path <- test_path("..", "..", "README.md")
  skip_if_not(file.exists(path), "README.md is not here")
  readme_tasks(path)
}

# The output of a task that Rscript runs in a folder with `files`.
run_task <- function(lines, server, files = list()) {
  folder <- withr::local_tempdir()
  for (name in names(files)) {
    writeLines(files[[name]], file.path(folder, name))
  }
  script <- file.path(folder, "task.R")
  writeLines(lines, script, useBytes = TRUE)
  process <- callr::process$new(
    file.path(R.home("bin"), "Rscript"), script,
    wd = folder, env = task_environment(server), stdout = "|", stderr = "2>&1"
  )
  withr::defer(process$kill())
  process$wait(60000)
  printed <- process$read_all_output_lines()
  if (!identical(process$get_exit_status(), 0L)) {
    stop("The task failed:\n", paste(printed, collapse = "\n"))
  }
  printed
}

task_environment <- function(server) {
  c(
    callr::rcmd_safe_env(),
    R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
    OPENAI_API_KEY = "sk-test", OPENAI_BASE_URL = server$url
  )
}

test_that("there are five tasks, each of at most ten lines", {
  tasks <- test_tasks()
  expect_length(tasks, 5)
  for (lines in tasks) {
    expect_lte(length(lines), 10)
    expect_identical(lines[[1]], "library(openaistream)")
  }
})

test_that("the first answer of README is streamed", {
  server <- test_server()
  server$reply_chat("The Rhine.")
  server$reply_chat("1,233 km.")
  printed <- run_task(test_tasks()[["A first answer"]], server)
  expect_identical(printed, c("The Rhine.", "1,233 km."))
  sent <- sent_bodies(server)
  expect_true(all(vapply(sent, `[[`, NA, "stream")))
  expect_length(sent[[2]]$input, 3)
})

test_that("the table of README has a row for each of 100 texts", {
  server <- test_server()
  reviews <- paste("The tent of order", 1:100, "leaks.")
  task <- c(test_tasks()[["A table of 100 texts"]], "dim(reviews)")
  printed <- run_task(task, server, list(reviews.txt = reviews))
  expect_match(printed[[1]], "text +product +mood +stars +error")
  expect_match(tail(printed, 1), "^\\[1\\] 100 +[0-9]+$")
  expect_length(server$requests(), 100)
})

test_that("the tool of README is called", {
  server <- test_server()
  server$reply_tool("level_at", list(city = "Cologne"))
  server$reply_chat("The Rhine is 3.42 m high.")
  printed <- run_task(test_tasks()[["An R function as a tool"]], server)
  expect_identical(tail(printed, 1), "The Rhine is 3.42 m high.")
  expect_match(server$requests()[[2]]$body, "3.42", fixed = TRUE)
})

test_that("the app of README is served", {
  for (package in c("curl", "later", "shiny")) skip_if_not_installed(package)
  server <- test_server()
  folder <- withr::local_tempdir()
  script <- file.path(folder, "app.R")
  writeLines(test_tasks()[["A chat in the browser"]], script)
  process <- callr::process$new(
    file.path(R.home("bin"), "Rscript"), script,
    env = task_environment(server), stdout = "|", stderr = "|"
  )
  withr::defer(process$kill())
  page <- NULL
  line <- tail(read_until(process, "Listening on ", from = "error"), 1)
  url <- sub(".*Listening on ", "", line)
  # Shiny prints the URL before it listens.
  wait_until(function() {
    page <<- tryCatch(
      curl::curl_fetch_memory(url, curl::new_handle(noproxy = "*")),
      error = function(e) NULL
    )
    !is.null(page)
  })
  expect_identical(page$status_code, 200L)
  expect_match(rawToChar(page$content), "gpt-6-luna", fixed = TRUE)
})

test_that("the files of README are searched", {
  server <- test_server()
  printed <- run_task(test_tasks()[["A search in files"]], server, list(
    leave.md = "You have 30 days of leave in a year.",
    travel.md = "Trains are booked by the office."
  ))
  expect_true("<response> gpt-6-luna" %in% printed)
  answer <- test_client(server)$responses$retrieve("resp_1")
  cited <- answer$output[[2]]$content[[1]]$annotations
  expect_identical(cited[[1]]$filename, "leave.md")
})
