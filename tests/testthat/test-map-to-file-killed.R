# Maps to a results file whose process is killed at random moments.

test_that("a run killed ten times has one answer for each prompt", {
  skip_on_cran()
  seed <- sample.int(1e6, 1)
  cat("seed", seed, "\n")
  withr::local_seed(seed)
  # The server remembers 10,000 requests.
  count <- 9000
  server <- test_server()
  prompts <- withr::local_tempfile(fileext = ".jsonl", lines = sprintf(
    "{\"id\":\"id %d\",\"prompt\":\"prompt %d\"}", 1:count, 1:count
  ))
  results <- withr::local_tempfile(fileext = ".jsonl")
  server$reply(
    body = "{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}",
    times = 2 * count
  )
  run <- function() {
    callr::r_bg(
      function(url, prompts, results) {
        library(openaistream)
        client <- openai$new("sk-test", base_url = url)
        done <- client$chat$map(prompts_file(prompts), "m",
          max_active = 20, results = results
        )
        c(done$answered, done$failed, done$left)
      },
      list(url = server$url, prompts = prompts, results = results)
    )
  }
  bytes_of_line <- 110
  moments <- sort(sample.int(count * bytes_of_line, 10))
  counts <- result_after_kills(run, results, moments)
  expect_identical(counts, c(count, 0, 0))

  lines <- readLines(results)[-1]
  index <- as.integer(sub("^\\{\"index\":(\\d+),.*$", "\\1", lines))
  expect_identical(index, seq_len(count))
  ids <- sub("^.*,\"id\":\"(id \\d+)\",.*$", "\\1", lines)
  expect_identical(ids, sprintf("id %d", 1:count))
  # Only requests that were active at a kill were sent again.
  sent <- length(server$requests())
  expect_gte(sent, count)
  expect_lte(sent, count + 10 * 20)
})
