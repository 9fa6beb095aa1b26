# Maps that write their answers to a results file.

# Answers without the ids that the server assigns.
without_ids <- function(answers) {
  lapply(answers, function(answer) {
    answer$all_resp$id <- answer$id <- NULL
    if (length(answer$output)) answer$output[[1]]$id <- NULL
    answer
  })
}

prompts <- sprintf("prompt %d", 1:12)

test_that("a prompts file gives a results file with the answers of `$map()`", {
  server <- test_server()
  client <- test_client(server)
  lines <- c(
    "\"one\"", "", "{\"id\":\"b\",\"prompt\":\"two\",\"other\":[1]}",
    "[{\"role\":\"user\",\"content\":\"three\"}]", "null",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"five\"}],\"id\":5}"
  )
  for (map in list(client$chat$map, client$responses$map)) {
    results <- new_file()
    done <- map(prompts_file(new_file(lines)), "m", results = results)
    expect_s3_class(done, "openai_results")
    expect_identical(
      unclass(done)[1:4],
      list(file = results, answered = 5, failed = 0, left = 0)
    )
    in_memory <- map(prompts_file(new_file(lines)), "m")
    expect_named(in_memory, c("", "b", "", "", "5"))
    expect_equal(without_ids(read_results(done)), without_ids(in_memory))
    expect_identical(read_results(results), read_results(done))
    expect_identical(field_of(lines_of(results), "index"), 1:5)
    expect_identical(lines_of(results)[[5]]$id, 5L)
  }
})

test_that("a single message is one prompt", {
  server <- test_server()
  client <- test_client(server)
  for (map in list(client$chat$map, client$responses$map)) {
    done <- map(list(role = "user", content = "one"), "m", results = new_file())
    expect_identical(done$answered, 1)
  }
  expect_match(server$requests()[[1]]$body, "\"content\":\"one\"")
  expect_length(server$requests(), 2)
})

test_that("vectors, lists, functions and connections send the same requests", {
  server <- test_server()
  client <- test_client(server)
  request <- function(prompts) {
    before <- length(server$requests())
    client$chat$map(prompts, "m",
      results = new_file(), system = "Say \"x\".", temperature = 0.5,
      max_active = 1
    )
    bodies <- sent_bodies(server)
    tail(bodies, length(bodies) - before)
  }
  client$chat$map(c("a", "\u00fc\n"), "m",
    system = "Say \"x\".", temperature = 0.5, max_active = 1
  )
  sent <- lapply(sent_bodies(server), function(body) body[order(names(body))])
  texts <- c("a", "\u00fc\n")
  frames <- list(
    data.frame(prompt = texts[1]), data.frame(id = 2, prompt = texts[2]), NULL
  )
  next_frame <- 0
  lines <- c("\"a\"", "\"\u00fc\\n\"")
  for (prompts in list(
    texts, as.list(texts),
    lapply(texts, function(text) list(list(role = "user", content = text))),
    function() frames[[next_frame <<- next_frame + 1]],
    prompts_file(new_file(enc2utf8(lines))), textConnection(lines)
  )) {
    again <- lapply(request(prompts), function(body) body[order(names(body))])
    expect_identical(again, sent)
  }
})

test_that("lines are in the order of the prompts or in order of arrival", {
  for (in_order in c(TRUE, FALSE)) {
    server <- test_server()
    # The answer to the first or the second prompt.
    server$reply(body = any_answer, delay = 1)
    results <- new_file()
    done <- test_client(server)$chat$map(prompts, "m",
      max_active = 2, results = results, in_order = in_order
    )
    index <- field_of(lines_of(results), "index")
    expect_setequal(index, 1:12)
    expect_identical(is.unsorted(index), !in_order)
    texts <- vapply(read_results(done), `[[`, "", "text")
    expect_true("Hi" %in% texts[1:2])
    expect_match(texts[[7]], "prompt 7")
  }
})

test_that("the first failure stops a run and keeps the answers so far", {
  server <- test_server()
  client <- test_client(server)
  results <- new_file()
  server$reply(body = any_answer, times = 4)
  server$reply(status = 404, body = "{}")
  error <- expect_error(
    client$chat$map(prompts, "m", results = results, max_active = 1),
    class = "openai_not_found_error"
  )
  expect_identical(error$index, 5)
  expect_identical(error$results$answered, 4)
  expect_identical(error$results$left, 7)
  done <- client$chat$map(prompts, "m", results = results)
  expect_setequal(sent_prompts(server)[-(1:5)], prompts[5:12])
  expect_identical(done$answered, 12)
})

test_that("prompts are sent again after the client adapts to the server", {
  refusal <- paste0(
    "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens': use ",
    "'max_completion_tokens'.\",\"param\":\"max_tokens\"}}"
  )
  for (on_error in c("stop", "return")) {
    server <- test_server()
    client <- test_client(server)
    refused <- if (on_error == "stop") 1 else 2
    server$reply(status = 400, body = refusal, times = refused)
    results <- new_file()
    expect_message(
      done <- client$chat$map(prompts, "m",
        max_tokens = 5, results = results, on_error = on_error, max_active = 1
      ),
      "max_completion_tokens"
    )
    expect_identical(c(done$answered, done$failed), c(12, 0))
    last <- sent_bodies(server)[[length(server$requests())]]
    expect_identical(last$max_completion_tokens, 5L)
  }
})

test_that("a results file of another job is refused and not changed", {
  server <- test_server()
  client <- test_client(server)
  results <- new_file()
  client$chat$map(prompts, "m", results = results)
  lines <- readLines(results)
  refused <- function(pattern, ...) {
    error <- expect_error(
      client$chat$map(..., results = results), class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), pattern)
  }
  refused("another job", prompts, "m2")
  refused("another job", prompts, "m", system = "Be short.")
  refused("another job", prompts, "m", temperature = 1)
  refused("Prompt 3 differs", replace(prompts, 3, "new"), "m")
  expect_identical(readLines(results), lines)
  expect_length(server$requests(), 12)
  # Another server is the same job, and further prompts are added.
  server <- test_server()
  client <- test_client(server)
  client$chat$map(c(prompts, "more"), "m", results = results)
  expect_identical(sent_prompts(server), "more")

  cat("id,name\n1,x\n", file = results)
  refused("not a results file", prompts, "m")
  expect_identical(readLines(results), c("id,name", "1,x"))
})

test_that("an invalid line is named, and the answers before it are kept", {
  server <- test_server()
  client <- test_client(server)
  lines <- c("\"a\"", "", "\"b\"", "{\"text\":\"c\"}", "\"d\"")
  for (prompts in list(
    prompts_file(new_file(lines)), textConnection(lines)
  )) {
    results <- new_file()
    error <- expect_error(
      client$chat$map(prompts, "m", results = results),
      class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), "Line 4 .*is not a prompt: .*`prompt`")
    expect_identical(error$results$answered, 2)
    expect_length(read_results(results), 2)
  }
  expect_setequal(sent_prompts(server), c("a", "b"))
})

test_that("the error of a function of prompts names the row", {
  server <- test_server()
  client <- test_client(server)
  results <- new_file()
  given <- 0
  give <- function(n) {
    if (given == 700) stop("the database is gone")
    given <<- given + 100
    sprintf("prompt %d", given - 99:0)
  }
  error <- expect_error(
    client$chat$map(give, "m", results = results, max_active = 50),
    class = "openai_argument_error"
  )
  expect_match(
    conditionMessage(error), "failed at row 701: the database is gone"
  )
  expect_identical(error$results$answered, 700)
  expect_identical(field_of(lines_of(results), "index"), 1:700)
  given <- 0
  expect_error(
    client$chat$map(function() list(1), "m", results = results), "from row 1 on"
  )
})

test_that("a reader returns results in chunks", {
  server <- test_server()
  results <- new_file()
  test_client(server)$chat$map(
    stats::setNames(prompts, letters[1:12]), "m", results = results
  )
  next_results <- results_reader(results, 5)
  chunks <- list(next_results(), next_results(), next_results())
  expect_null(next_results())
  expect_identical(lengths(chunks), c(5L, 5L, 2L))
  expect_identical(attr(chunks[[3]], "index"), c(11, 12))
  expect_named(chunks[[2]], letters[6:10])
  expect_identical(chunks[[2]][[1]], read_results(results)[["f"]])
})

test_that("structured answers are parsed when results are read", {
  server <- test_server()
  server$reply(body = paste0(
    "{\"choices\":[{\"finish_reason\":\"stop\",",
    "\"message\":{\"content\":\"{\\\"a\\\":1}\"}}]}"
  ))
  schema <- json_schema(list(a = type_integer()))
  results <- new_file()
  done <- test_client(server)$chat$map("x", "m",
    response_format = schema, results = results
  )
  expect_identical(read_results(done)[[1]]$parsed, list(a = 1L))
  expect_identical(read_results(results, schema)[[1]]$parsed, list(a = 1L))
  expect_null(read_results(results)[[1]]$parsed)
})

test_that("a results file does not contain the key", {
  server <- test_server()
  server$reply(body = sub("Hi", "Bearer secret-of-mine", any_answer))
  server$reply(status = 404, body = "secret-of-mine")
  results <- new_file()
  test_client(server, api_key = "secret-of-mine")$chat$map(
    prompts, "m", results = results, on_error = "return"
  )
  lines <- readLines(results)
  expect_length(lines, 13)
  expect_false(any(grepl("secret-of-mine", lines)))
})

test_that("`$map_async()` resolves to the same results file", {
  skip_if_not_installed("promises")
  server <- test_server()
  client <- test_client(server)
  results <- new_file()
  done <- value_of(client$chat$map_async(
    function() if (length(server$requests()) < 3) letters[1:3], "m",
    results = results
  ))
  expect_identical(done$file, results)
  expect_length(read_results(done), done$answered)
  server$reply(status = 404, body = "{}", times = 2)
  error <- tryCatch(
    value_of(client$chat$map_async(prompts, "m", results = new_file())),
    error = identity
  )
  expect_s3_class(error, "openai_not_found_error")
})

test_that("an interrupt keeps the completed results", {
  skip_on_os("windows")
  server <- test_server()
  server$reply(body = any_answer, times = 4)
  server$reply(chunks = "", framing = "close", abort = "stall", times = 2)
  results <- new_file()
  process <- callr::r_bg(
    function(url, results) {
      library(openaistream)
      client <- openai$new("sk-test", base_url = url)
      warned <- NULL
      done <- withCallingHandlers(
        client$chat$map(letters[1:10], "m", max_active = 2, results = results),
        openai_interrupted_warning = function(w) {
          warned <<- conditionMessage(w)
          invokeRestart("muffleWarning")
        }
      )
      list(done = done, warned = warned)
    },
    list(url = server$url, results = results)
  )
  withr::defer(process$kill())
  wait_until(function() length(server$requests()) == 6, 30)
  process$interrupt()
  process$wait(20000)
  result <- process$get_result()
  expect_identical(result$done$answered, 4)
  expect_identical(result$done$left, 6)
  expect_match(result$warned, "4 answers are in", fixed = TRUE)
  done <- test_client(server)$chat$map(letters[1:10], "m", results = results)
  expect_identical(done$answered, 10)
  expect_length(server$requests(), 12)
})

test_that("invalid arguments are refused before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  refused <- function(pattern, prompts = "a", ...) {
    error <- expect_error(
      client$chat$map(prompts, "m", ...), class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), pattern)
  }
  file <- new_file("\"a\"")
  refused("`results` must be one non-empty string", results = 1)
  refused("folder that exists", results = "/no/such/folder/a.jsonl")
  refused("remove `journal`", results = new_file(), journal = new_file())
  refused("file of the prompts", prompts_file(file), results = file)
  refused("`in_order`", results = new_file(), in_order = NA)
  refused("`prompts\\[\\[1\\]\\]`", list(1), results = new_file())
  if (.Platform$OS.type == "unix") {
    refused("not a regular file", prompts_file(file), results = "/dev/zero")
  }
  for (path in list(1, "no-such-file", tempdir())) {
    expect_error(prompts_file(path), class = "openai_argument_error")
  }
  expect_error(read_results(file), class = "openai_argument_error")
  expect_error(results_reader(file, 0), class = "openai_argument_error")
  expect_length(server$requests(), 0)
})
