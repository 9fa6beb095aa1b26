# Maps whose requests are sent by workers of the future framework.

prompts <- sprintf("prompt %d", 1:120)

texts <- function(answers) vapply(answers, `[[`, "", "text")

test_that("workers return the same answers as this process", {
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  named <- setNames(c(NA, prompts), c("none", sprintf("p%d", 1:120)))

  here <- client$chat$map(named, "gpt-6-luna", system = "Be short.")
  there <- client$chat$map(
    named, "gpt-6-luna", system = "Be short.", workers = "future"
  )
  expect_identical(texts(there), texts(here))
  table <- as.data.frame(there)
  expect_identical(table$attempts, rep(0:1, c(1, 120)))
  expect_identical(is.na(table$seconds), rep(c(TRUE, FALSE), c(1, 120)))
  expect_identical(names(there[[2]]), names(here[[2]]))
  expect_identical(sort(sent_prompts(server)), sort(c(prompts, prompts)))

  here <- client$responses$map(named, "gpt-6-luna")
  there <- client$responses$map(named, "gpt-6-luna", workers = future::future)
  expect_identical(
    lapply(there, `[[`, "output_text"), lapply(here, `[[`, "output_text")
  )
})

test_that("each worker sends some of the requests", {
  use_two_workers()
  server <- test_server()
  worker_client(server)$chat$map(
    prompts, "m", workers = "future", max_active = 1
  )
  expect_identical(server$connections(), 2)
})

test_that("a run with workers and one without share a journal", {
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  journal <- withr::local_tempfile(fileext = ".jsonl")
  repeated <- c(prompts[1:60], prompts[1:60], prompts[1:30])

  first <- client$chat$map(repeated, "m", journal = journal, workers = "future")
  expect_length(server$requests(), 150)
  again <- client$chat$map(repeated, "m", journal = journal)
  expect_identical(as.list(again), as.list(first))
  again <- client$chat$map(repeated, "m", journal = journal, workers = "future")
  expect_identical(as.list(again), as.list(first))
  expect_true(all(request_effort(again)$attempts == 0L))
  expect_length(server$requests(), 150)
  expect_false(any(grepl(worker_secrets[[1]], readLines(journal))))
  expect_length(list.files(dirname(journal), basename(journal)), 1)

  # Each of them appends to the journal of the other.
  client$chat$map(c(repeated, "prompt 999"), "m", journal = journal)
  client$chat$map(
    c(repeated, "prompt 999", "prompt 998"), "m",
    journal = journal, workers = "future"
  )
  expect_identical(tail(sent_prompts(server), 2), c("prompt 999", "prompt 998"))
})

for (has_journal in c(TRUE, FALSE)) {
  test_that(paste("a killed worker loses nothing, journal:", has_journal), {
    pids <- use_workers(3)
    server <- test_server()
    server$reply(body = any_answer, delay = 0.05, times = 130)
    local_killer(server, pids[[2]], after = 30)
    journal <- if (has_journal) withr::local_tempfile(fileext = ".jsonl")

    client <- worker_client(server)
    answers <- client$chat$map(
      prompts, "m", workers = "future", journal = journal, max_active = 1
    )
    expect_identical(texts(answers), rep("Hi", 120))
    # Answers that the killed worker received are counted, too.
    expect_identical(sum(suppressWarnings(client$usage())$requests), 120)
    sent <- sent_prompts(server)
    expect_setequal(sent, prompts)
    # Only the request that was active is sent again.
    expect_lte(length(sent), 121)
    expect_false(tools::pskill(pids[[2]], 0))
    if (has_journal) {
      expect_length(readLines(journal), 120)
      expect_length(list.files(dirname(journal), basename(journal)), 1)
    }
  })
}

test_that("prompts whose workers die each time give conditions", {
  use_two_workers()
  local_engine(value = function(own, handle) NULL)
  server <- test_server()
  answers <- worker_client(server)$chat$map(
    prompts[1:6], "m", workers = "future", on_error = "return"
  )
  expect_true(all(vapply(answers, inherits, NA, "openai_worker_error")))
  expect_match(conditionMessage(answers[[1]]), "died each of the 3 times")
})

test_that("an idle worker that died receives no more chunks", {
  for (dead in 1:2) {
    pids <- use_workers(2)
    skip_if(utils::packageVersion("future") >= "1.40")
    tools::pskill(pids[[dead]], tools::SIGKILL)
    wait_until(function() !tools::pskill(pids[[dead]], 0))
    server <- test_server()
    journal <- withr::local_tempfile()
    map <- function() {
      worker_client(server)$chat$map(prompts, "m",
        workers = "future", journal = journal
      )
    }
    # The other worker sends all requests, or the error says what to do.
    answers <- tryCatch(map(), openai_worker_error = identity)
    if (inherits(answers, "error")) {
      expect_match(conditionMessage(answers), "No worker accepts requests")
      use_workers(2)
      answers <- map()
    }
    expect_length(answers, length(prompts))
    expect_length(server$requests(), length(prompts))
  }
})

test_that("a run whose workers have all died is an error", {
  pids <- use_workers(3)
  # Later versions replace dead workers.
  skip_if(utils::packageVersion("future") >= "1.40")
  tools::pskill(pids, tools::SIGKILL)
  wait_until(function() !any(tools::pskill(pids, 0)))
  server <- test_server()
  failure <- expect_error(
    worker_client(server)$chat$map(prompts, "m", workers = "future"),
    "No worker accepts requests: all workers have died.*journal",
    class = "openai_worker_error"
  )
  expect_length(failure$results, 120)
  expect_length(server$requests(), 0)
})

test_that("a run reads the partial journals of a killed run's workers", {
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  journal <- withr::local_tempfile(fileext = ".jsonl")
  for (workers in list(NULL, "future")) {
    # Such files are journals themselves.
    part <- paste0(journal, ".part-1a2b3c-1")
    client$chat$map(prompts[1:10], "m", journal = part)
    file.create(journal)
    before <- length(server$requests())
    client$chat$map(prompts[1:12], "m", journal = journal, workers = workers)
    expect_length(server$requests(), before + 2)
    expect_length(readLines(journal), 12)
    expect_false(file.exists(part))
  }
})

test_that("unknown values of `workers` are refused", {
  client <- test_client(test_server(), "sk-x")
  map <- function(workers) client$chat$map("a", "m", workers = workers)
  for (workers in list(4, "snow", mean, NA, TRUE)) {
    expect_error(
      map(workers), "must be \"future\", \"mirai\"",
      class = "openai_argument_error"
    )
  }
})

test_that("the first failure stops all workers, or is returned", {
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  server$reply(status = 404, body = "{}")
  failure <- expect_error(
    client$chat$map(prompts, "m", workers = "future", max_active = 1),
    class = "openai_not_found_error"
  )
  expect_length(failure$results, 120)
  expect_identical(
    which(vapply(failure$results, inherits, NA, "openai_not_found_error")),
    failure$index
  )
  expect_lt(length(server$requests()), 120)

  server$reply(status = 404, body = "{}")
  answers <- client$chat$map(
    prompts, "m", workers = "future", on_error = "return"
  )
  expect_identical(sum(vapply(answers, inherits, NA, "error")), 1L)
})

test_that("the client adapts to a server once for all workers", {
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  server$reply(
    status = 400, times = 1,
    body = '{"error":{"message":"Unsupported parameter: n","param":"n"}}'
  )
  expect_message(
    answers <- client$chat$map(prompts, "m", workers = "future"), "`n = 1`"
  )
  expect_false(any(vapply(answers, inherits, NA, "error")))
  expect_false(grepl("\"n\":", tail(server$requests(), 1)[[1]]$body))
})

test_that("the usage of all workers is counted", {
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  answers <- client$chat$map(prompts, "gpt-6-luna", workers = "future")
  used <- client$usage()
  tokens <- vapply(answers, function(answer) {
    answer$all_resp$usage$completion_tokens
  }, 0L)
  expect_identical(used$requests, 120)
  expect_identical(used$output_tokens, as.double(sum(tokens)))
})

test_that("`$map_async()` with workers resolves to the answers", {
  skip_if_not_installed("promises")
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  answers <- value_of(
    client$chat$map_async(prompts, "m", workers = "future")
  )
  expect_identical(texts(answers), texts(client$chat$map(prompts, "m")))
})

test_that("a local cluster and a sequential plan work", {
  use_two_workers()
  server <- test_server()
  client <- worker_client(server)
  expected <- texts(client$chat$map(prompts, "m"))
  cluster <- parallel::makePSOCKcluster(2, master = "127.0.0.1")
  withr::defer(parallel::stopCluster(cluster))
  for (plan in list(
    list(future::cluster, workers = cluster), list(future::sequential)
  )) {
    do.call(future::plan, plan)
    answers <- client$chat$map(prompts, "m", workers = "future")
    expect_identical(texts(answers), expected)
  }
})

test_that("daemons of mirai work", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  withr::local_envvar(worker_secrets)
  server <- test_server()
  client <- worker_client(server)
  map <- function(...) client$chat$map(prompts, "m", ...)
  mirai <- function(name) getExportedValue("mirai", name)
  expect_error(map(workers = "mirai"), class = "openai_argument_error")

  mirai("daemons")(2)
  withr::defer(mirai("daemons")(0))
  wait_until(function() mirai("status")()$connections == 2)
  expect_identical(texts(map(workers = mirai("mirai"))), texts(map()))
  expect_length(server$requests(), 240)
})
