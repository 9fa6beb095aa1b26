# The journal of many requests.

prompts <- sprintf("prompt %d", 1:12)

# A file for a journal, removed when the test ends.
new_journal <- function(env = parent.frame()) {
  withr::local_tempfile(fileext = ".jsonl", .local_envir = env)
}

test_that("a second run sends nothing and returns the same", {
  server <- test_server()
  client <- test_client(server, api_key = "secret-of-mine")
  journal <- new_journal()
  first <- client$chat$map(prompts, "m", journal = journal)
  expect_length(server$requests(), 12)
  lines <- readLines(journal)
  expect_length(lines, 12)
  expect_false(any(grepl("secret-of-mine", lines)))
  expect_named(json_read(lines[[1]])$ok, c("request", "occurrence", "answer"))

  # The journal also applies to another server.
  server <- test_server()
  client <- test_client(server)
  second <- client$chat$map(prompts, "m", journal = journal)
  expect_identical(as.list(second), as.list(first))
  expect_length(server$requests(), 0)

  changed <- replace(prompts, 5, "prompt 55")
  client$chat$map(changed, "m", journal = journal)
  expect_identical(sent_prompts(server), "prompt 55")
})

test_that("an answer that repeats the key is returned but not kept", {
  server <- test_server()
  server$reply(body = "{\"data\":[],\"echo\":\"Bearer secret-of-mine\"}")
  client <- test_client(server, api_key = "secret-of-mine")
  journal <- new_journal()
  requests <- rep(list(api_request("GET", "models")), 2)
  results <- client$parallel(requests, max_active = 1, journal = journal)
  expect_identical(results[[1]]$echo, "Bearer secret-of-mine")
  lines <- readLines(journal)
  expect_length(lines, 1)
  expect_false(any(grepl("secret-of-mine", lines)))
})

test_that("equal requests are each sent once", {
  server <- test_server()
  client <- test_client(server)
  journal <- new_journal()
  client$chat$map(prompts[c(1, 1, 2)], "m", journal = journal)
  client$chat$map(prompts[c(1, 1, 1, 2)], "m", journal = journal)
  expect_identical(sort(sent_prompts(server)), prompts[c(1, 1, 1, 2)])
})

test_that("failed requests are sent again", {
  server <- test_server()
  client <- test_client(server)
  journal <- new_journal()
  server$reply(status = 404, body = "{}")
  server$reply(body = "<p>")
  first <- client$chat$map(
    prompts, "m", journal = journal, on_error = "return"
  )
  failed <- vapply(first, inherits, TRUE, "error")
  expect_identical(sum(failed), 2L)
  second <- client$chat$map(prompts, "m", journal = journal)
  expect_identical(as.list(second[!failed]), as.list(first[!failed]))
  expect_false(any(vapply(second, inherits, TRUE, "error")))
  expect_length(server$requests(), 14)
})

test_that("truncated answers and answers without a value are requested again", {
  reply <- function(server, content, finish_reason = "stop") {
    server$reply(body = as.character(jsonlite::toJSON(list(choices = list(list(
      index = 0, finish_reason = finish_reason,
      message = list(role = "assistant", content = content)
    ))), auto_unbox = TRUE)))
  }
  server <- test_server()
  client <- test_client(server)
  journal <- new_journal()
  run <- function(...) {
    client$chat$map(
      prompts[c(1, 2, 1, 3)], "m", max_active = 1, journal = journal,
      response_format = json_schema(list(a = integer())), ...
    )
  }
  parsed <- function(answers) lapply(answers, `[[`, "parsed")
  a <- function(...) lapply(list(...), function(a) if (!is.null(a)) list(a = a))

  reply(server, '{"a":1}')
  reply(server, '{"a":2', "length")
  reply(server, "no json")
  reply(server, '{"a":4}')
  expect_warning(first <- run(), "2 of 4", class = "openai_parsed_warning")
  expect_identical(parsed(first), a(1L, NULL, NULL, 4L))

  # `ask_again = FALSE` returns them unchanged.
  expect_warning(
    kept <- run(ask_again = FALSE), "2 of 4", class = "openai_parsed_warning"
  )
  expect_identical(as.list(kept), as.list(first))
  expect_length(server$requests(), 4)

  reply(server, '{"a":2}')
  reply(server, '{"a":3}')
  expect_silent(second <- run())
  expect_identical(parsed(second), a(1L, 2L, 3L, 4L))
  expect_identical(sent_prompts(server)[5:6], prompts[c(2, 1)])

  # The later answers replace the earlier ones.
  expect_identical(as.list(run()), as.list(second))
  expect_length(server$requests(), 6)
})

test_that("a truncated answer is requested again without a schema, too", {
  server <- test_server()
  client <- test_client(server)
  journal <- new_journal()
  server$reply(body = paste0(
    "{\"choices\":[{\"finish_reason\":\"length\",",
    "\"message\":{\"content\":\"Hal\"}}]}"
  ))
  answers <- client$chat$map(c(NA, prompts[1:2]), "m",
    max_active = 1, journal = journal
  )
  expect_identical(answers[[2]]$text, "Hal")
  answers <- client$chat$map(c(NA, prompts[1:2]), "m", journal = journal)
  expect_identical(sent_prompts(server), prompts[c(1, 2, 1)])
  expect_false(answers[[2]]$text == "Hal")
})

test_that("an answer with several lines is stored in one line", {
  server <- test_server()
  server$reply(body = "{\n  \"data\": [\r\n1, 2],\n \"x\": \"a\\nb\"\n}\n")
  client <- test_client(server)
  journal <- new_journal()
  requests <- list(api_request("GET", "models"))
  first <- client$parallel(requests, journal = journal)
  expect_length(readLines(journal), 1)
  second <- client$parallel(requests, journal = journal)
  expect_identical(as.list(second), as.list(first))
  expect_identical(first[[1]]$x, "a\nb")
})

test_that("requests that a killed process completed are not sent again", {
  server <- test_server()
  journal <- new_journal()
  answer <- paste0(
    "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"scripted\"}}]}"
  )
  server$reply(body = answer, times = 5)
  server$reply(chunks = "", framing = "close", abort = "stall", times = 2)
  process <- callr::r_bg(
    function(url, prompts, journal) {
      library(openaistream)
      client <- openai$new("sk-test", base_url = url)
      client$chat$map(prompts, "m", max_active = 2, journal = journal)
    },
    list(url = server$url, prompts = prompts, journal = journal)
  )
  withr::defer(process$kill())
  wait_until(function() {
    file.exists(journal) && length(readLines(journal)) == 5 &&
      length(server$requests()) == 7
  }, 30)
  client <- test_client(server)
  error <- expect_error(
    client$chat$map(prompts, "m", journal = journal),
    class = "openai_argument_error"
  )
  expect_match(conditionMessage(error), "another run is using it", fixed = TRUE)
  process$kill()
  process$wait(10000)

  # As if the process had been killed while writing.
  half <- substr(readLines(journal)[[1]], 1, 100)
  cat(half, file = journal, append = TRUE)
  results <- client$chat$map(prompts, "m", journal = journal)
  texts <- vapply(results, function(x) x$vres$message$content, "")
  expect_identical(sum(texts == "scripted"), 5L)
  times <- table(sent_prompts(server))
  # The two that were never answered were sent twice, all others once.
  expect_length(times, 12)
  expect_identical(sum(times == 1), 10L)
  expect_identical(sum(times == 2), 2L)
  expect_length(readLines(journal), 12)
})

test_that("a file that is not a journal is refused and not changed", {
  server <- test_server()
  path <- new_journal()
  for (content in c("id,name\n1,x\n", "half a line")) {
    cat(content, file = path)
    error <- expect_error(
      test_client(server)$chat$map(prompts, "m", journal = path),
      class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), "not a journal", fixed = TRUE)
    expect_identical(readChar(path, 100), content)
  }
  expect_length(server$requests(), 0)
})

test_that("a device is refused as a journal", {
  skip_on_os("windows")
  error <- expect_error(
    test_client(test_server())$chat$map(prompts, "m", journal = "/dev/zero"),
    class = "openai_argument_error"
  )
  expect_match(conditionMessage(error), "not a regular file", fixed = TRUE)
})

test_that("an error when the journal is written stops the run", {
  skip_on_os("windows")
  server <- test_server()
  journal <- new_journal()
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    "library(openaistream)",
    sprintf("client <- openai$new(\"sk-test\", base_url = \"%s\")", server$url),
    "prompts <- sprintf(\"prompt %d\", 1:12)",
    sprintf("journal <- \"%s\"", journal),
    "error <- tryCatch(",
    "  client$chat$map(prompts, \"m\", max_active = 1, journal = journal),",
    "  openai_journal_error = identity",
    ")",
    "is_answer <- !vapply(error$results, inherits, TRUE, \"error\")",
    "cat(conditionMessage(error), which(is_answer))"
  ))
  # A file is limited to eight blocks of 512 bytes.
  limited <- sprintf(
    "trap '' XFSZ; ulimit -f 8; exec %s %s",
    shQuote(file.path(R.home("bin"), "Rscript")), shQuote(script)
  )
  output <- system2("sh", c("-c", shQuote(limited)), stdout = TRUE)
  count <- length(readLines(journal))
  expect_match(output, "The journal cannot be written: ", fixed = TRUE)
  answered <- paste(c("", seq_len(count)), collapse = " ")
  expect_match(output, answered, fixed = TRUE)
  expect_true(count %in% 2:11)
  client <- test_client(server)
  expect_length(client$chat$map(prompts, "m", journal = journal), 12)
  expect_length(readLines(journal), 12)
})
