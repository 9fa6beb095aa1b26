# Maps whose requests are sent by workers of the future framework.

prompts <- sprintf("prompt %d", 1:120)

# Workers of a multisession plan until the test is over; their process ids.
local_workers <- function(count, env = parent.frame()) {
  skip_on_cran()
  skip_if_not_installed("future")
  withr::local_envvar(OPENAI_KEY = "sk-of-the-environment", .local_envir = env)
  before <- future::plan(future::multisession, workers = count)
  withr::defer(future::plan(before), envir = env)
  started <- lapply(seq_len(count), function(i) {
    future::future({
      Sys.sleep(0.2)
      Sys.getpid()
    })
  })
  unlist(lapply(started, future::value))
}

# A client whose key workers find by its name.
worker_client <- function(server, ...) {
  test_client(server, Sys.getenv("OPENAI_KEY"), ...)
}

sent_prompts <- function(server) {
  bodies <- vapply(server$requests(), `[[`, "", "body")
  regmatches(bodies, regexpr("prompt \\d+", bodies))
}

texts <- function(answers) vapply(answers, `[[`, "", "text")

test_that("workers give the answers that this process gives", {
  local_workers(2)
  server <- test_server()
  client <- worker_client(server)
  named <- setNames(c(NA, prompts), c("none", sprintf("p%d", 1:120)))

  here <- client$chat$map(named, "gpt-6-luna", system = "Be short.")
  there <- client$chat$map(
    named, "gpt-6-luna", system = "Be short.", workers = "future"
  )
  expect_identical(texts(there), texts(here))
  expect_identical(names(there[[2]]), names(here[[2]]))
  expect_identical(sort(sent_prompts(server)), sort(c(prompts, prompts)))

  here <- client$responses$map(named, "gpt-6-luna")
  there <- client$responses$map(named, "gpt-6-luna", workers = future::future)
  expect_identical(
    lapply(there, `[[`, "output_text"), lapply(here, `[[`, "output_text")
  )
})

test_that("each worker sends some of the requests", {
  local_workers(2)
  server <- test_server()
  worker_client(server)$chat$map(
    prompts, "m", workers = "future", max_active = 1
  )
  expect_identical(server$connections(), 2)
})

test_that("a run with workers and one without share a journal", {
  local_workers(2)
  server <- test_server()
  client <- worker_client(server)
  journal <- withr::local_tempfile(fileext = ".jsonl")
  asked <- c(prompts[1:60], prompts[1:60], prompts[1:30])

  first <- client$chat$map(asked, "m", journal = journal, workers = "future")
  expect_length(server$requests(), 150)
  expect_identical(client$chat$map(asked, "m", journal = journal), first)
  again <- client$chat$map(asked, "m", journal = journal, workers = "future")
  expect_identical(again, first)
  expect_length(server$requests(), 150)
  expect_false(any(grepl("sk-of-the-environment", readLines(journal))))
  expect_length(list.files(dirname(journal), basename(journal)), 1)

  # What one has kept, the other adds to.
  client$chat$map(c(asked, "prompt 999"), "m", journal = journal)
  client$chat$map(
    c(asked, "prompt 999", "prompt 998"), "m",
    journal = journal, workers = "future"
  )
  expect_identical(tail(sent_prompts(server), 2), c("prompt 999", "prompt 998"))
})
