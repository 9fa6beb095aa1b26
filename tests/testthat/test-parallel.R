# Many requests at once: client$parallel() and chat$map().

# The body of a chat completion with this content.
chat_body <- function(content) {
  sprintf(paste0(
    "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":",
    "{\"role\":\"assistant\",\"content\":\"%s\"}}]}"
  ), content)
}

texts_of <- function(results) {
  vapply(results, function(result) result$vres$message$content, "")
}

# The maximum number of requests that the server had at a time.
max_concurrent <- function(server) {
  times <- do.call(rbind, lapply(server$requests(), function(request) {
    data.frame(at = c(request$received_at, request$written_at), by = c(1, -1))
  }))
  max(cumsum(times$by[order(times$at)]))
}

test_that("answers are in order, named, and equal to those of single calls", {
  server <- test_server()
  client <- test_client(server)
  prompts <- setNames(sprintf("prompt %d", 1:40), sprintf("name %d", 1:40))
  results <- client$chat$map(prompts, "m", temperature = 0)
  expect_identical(names(results), names(prompts))
  expect_length(server$requests(), 40)
  for (name in c("name 1", "name 17", "name 40")) {
    single <- client$chat$create(
      list(list(role = "user", content = prompts[[name]])), "m",
      temperature = 0
    )
    expect_identical(results[[name]], single)
  }
  bodies <- vapply(server$requests(), `[[`, "", "body")
  expect_length(unique(bodies), 40)
})

test_that("prompts are strings and conversations, after a system message", {
  server <- test_server()
  answer <- list(role = "assistant", content = "Hi")
  conversation <- c(hello, list(answer), hello)
  frame <- data.frame(role = "user", content = "From a frame")
  results <- test_client(server)$chat$map(
    list("A string", conversation, frame), "m",
    system = "Be brief.", max_active = 1
  )
  expect_length(results, 3)
  sent <- lapply(server$requests(), function(request) {
    json_read(request$body)$ok$messages
  })
  expect_identical(
    lapply(sent, function(messages) vapply(messages, `[[`, "", "role")),
    list(
      c("system", "user"), c("system", "user", "assistant", "user"),
      c("system", "user")
    )
  )
  expect_identical(sent[[3]][[2]]$content, "From a frame")
})

test_that("structured answers are parsed", {
  server <- test_server()
  server$reply(body = chat_body("{\\\"km\\\":1233}"), times = 2)
  results <- test_client(server)$chat$map(
    c("Rhine", "Elbe"), "m",
    response_format = json_schema(type_object(km = type_integer()))
  )
  parsed <- lapply(results, `[[`, "parsed")
  expect_identical(parsed, rep(list(list(km = 1233L)), 2))
})

test_that("one warning says which answers were not parsed, and why", {
  server <- test_server()
  server$reply(body = chat_body("no json"))
  server$reply(body = chat_body("{\\\"km\\\":1233}"))
  server$reply(body = sub("stop", "length", chat_body("{\\\"km\\\":1")))
  warnings <- capture_warnings(results <- test_client(server)$chat$map(
    c("Rhine", NA, "Elbe", "Main"), "m", max_active = 1,
    response_format = json_schema(type_object(km = type_integer()))
  ))
  expect_length(warnings, 1)
  expect_match(warnings, "2 of 4 answers could not be parsed", fixed = TRUE)
  expect_match(warnings, "element 1: invalid JSON at byte", fixed = TRUE)
  expect_match(warnings, "element 4: it was truncated", fixed = TRUE)
  expect_identical(
    vapply(results, function(x) is.na(x$parsed_problem), TRUE),
    c(FALSE, TRUE, TRUE, FALSE)
  )
})

test_that("a missing prompt gives a missing answer and is not sent", {
  server <- test_server()
  client <- test_client(server)
  answers <- client$chat$map(c(a = "A", b = NA, c = "C"), "m", system = "S.")
  expect_length(server$requests(), 2)
  expect_named(answers, c("a", "b", "c"))
  expect_identical(
    answers$b, list(all_resp = NULL, vres = NULL, text = NA_character_)
  )
  texts <- vapply(answers, `[[`, "", "text")
  expect_identical(is.na(texts), c(a = FALSE, b = TRUE, c = FALSE))

  expect_identical(
    client$chat$map(list("A", NA), "m", n = 2)[[2]]$text, c(NA_character_, NA)
  )
  expect_length(client$chat$map(c(NA, NA), "m"), 2)
  expect_identical(client$chat$map(NA, "m", response_format = json_schema(
    list(a = "")
  ))[[1]]$parsed_problem, NA_character_)
  expect_length(server$requests(), 3)
})

test_that("a failure keeps its position next to missing prompts", {
  server <- test_server()
  server$reply(status = 404, body = "{}")
  error <- expect_error(
    test_client(server)$chat$map(c(NA, "A"), "m", on_error = "stop"),
    class = "openai_not_found_error"
  )
  expect_identical(error$index, 2L)
  expect_length(error$results, 2)
  expect_identical(error$results[[1]]$text, NA_character_)
})

test_that("any request can be sent and returns its parsed response", {
  server <- test_server()
  client <- test_client(server)
  results <- client$parallel(list(
    list = api_request("GET", "models"),
    one = api_request("GET", "/models/gpt-6-luna", query = list(limit = 2)),
    embedding = api_request("POST", "embeddings", body = list(
      model = "text-embedding-3-small", input = "the sun"
    ))
  ), max_active = 1)
  expect_named(results, c("list", "one", "embedding"))
  expect_identical(results$list$data$id, client$models$list()$id)
  expect_identical(results$one$id, "gpt-6-luna")
  expect_length(results$embedding$data$embedding[[1]], 1536)
  targets <- vapply(server$requests()[1:3], `[[`, "", "target")
  expect_identical(
    targets, c("/v1/models", "/v1/models/gpt-6-luna?limit=2", "/v1/embeddings")
  )
})

test_that("a failure is a condition in its position, and others continue", {
  server <- test_server()
  client <- test_client(server, on_error = "stop")
  server$reply(body = chat_body("one"))
  server$reply(status = 404, body = "{\"error\":{\"message\":\"No model.\"}}")
  server$reply(body = "<p>")
  server$reply(chunks = raw_answer("{", "content-length: 9"),
    framing = "raw", abort = "close"
  )
  results <- client$chat$map(
    letters[1:5], "m", max_active = 1, on_error = "return"
  )
  expect_identical(texts_of(results[c(1, 5)])[[1]], "one")
  expect_s3_class(results[[2]], "openai_not_found_error")
  expect_match(conditionMessage(results[[2]]), "No model.", fixed = TRUE)
  expect_s3_class(results[[3]], "openai_response_error")
  expect_s3_class(results[[4]], "openai_connection_error")
})

test_that("500 requests, 50 of which fail in several ways, give 500 results", {
  server <- test_server()
  soon <- c("retry-after-ms" = "1")
  for (i in 1:10) {
    server$reply(status = 429, headers = soon, body = "{}")
    server$reply(body = chat_body("scripted"), times = 20)
    server$reply(status = 503, headers = soon, body = "")
    server$reply(status = 400, body = "{\"error\":\"no\"}")
    server$reply(body = "not JSON")
    server$reply(chunks = "", framing = "close", abort = "reset")
  }
  prompts <- setNames(sprintf("prompt %d", 1:500), sprintf("n%d", 1:500))
  results <- test_client(server)$chat$map(
    prompts, "m", max_active = 50, on_error = "return"
  )
  expect_named(results, names(prompts))
  failed <- vapply(results, inherits, TRUE, "openai_error")
  expect_identical(sum(failed), 50L)
  classes <- table(vapply(results[failed], function(x) class(x)[[1]], ""))
  expect_identical(classes[["openai_rate_limit_error"]], 10L)
  expect_identical(classes[["openai_server_error"]], 10L)
  expect_identical(classes[["openai_bad_request_error"]], 10L)
  answered <- texts_of(results[!failed])
  own <- answered != "scripted"
  expect_identical(sum(own), 250L)
  quoted <- sprintf("\"%s\"", prompts[names(answered)[own]])
  expect_true(all(mapply(grepl, quoted, answered[own], fixed = TRUE)))
})

test_that("requests with a transient error are retried", {
  server <- test_server()
  server$reply(
    status = 503, headers = c("retry-after-ms" = "1"), body = "{}", times = 3
  )
  results <- test_client(server, max_retries = 3)$chat$map(letters, "m")
  expect_false(any(vapply(results, inherits, TRUE, "error")))
  expect_length(server$requests(), 29)
})

test_that("the first failure cancels the rest and keeps earlier results", {
  server <- test_server()
  server$reply(body = chat_body("one"))
  server$reply(status = 404, body = "{}")
  client <- test_client(server)
  error <- expect_error(
    client$chat$map(
      c(a = "x", b = "y", c = "z"), "m", max_active = 1
    ),
    class = "openai_not_found_error"
  )
  expect_identical(error$index, 2L)
  expect_named(error$results, c("a", "b", "c"))
  expect_identical(error$results$a$vres$message$content, "one")
  expect_s3_class(error$results$b, "openai_not_found_error")
  expect_s3_class(error$results$c, "openai_cancelled_error")
  expect_match(deparse(conditionCall(error))[[1]], "map(", fixed = TRUE)
  expect_length(server$requests(), 2)
})

test_that("at most `max_active` requests are active", {
  server <- test_server()
  server$reply(body = chat_body("x"), delay = 0.05, times = 30)
  test_client(server)$chat$map(rep("x", 30), "m", max_active = 5)
  expect_identical(max_concurrent(server), 5)
  expect_lte(server$connections(), 5)
})

test_that("hundreds of requests may be active", {
  server <- test_server()
  server$reply(body = chat_body("x"), delay = 0.5, times = 300)
  results <- test_client(server)$chat$map(rep("x", 300), "m", max_active = 300)
  expect_identical(unique(texts_of(results)), "x")
  expect_gt(max_concurrent(server), 100)
})

test_that("the labels of a factor are sent", {
  server <- test_server()
  test_client(server)$chat$map(factor(c("b", "a")), "m", max_active = 1)
  sent <- vapply(server$requests(), `[[`, "", "body")
  expect_match(sent[[1]], '"content":"b"', fixed = TRUE)
  expect_match(sent[[2]], '"content":"a"', fixed = TRUE)
})

test_that("no requests give an empty list", {
  client <- test_client(test_server())
  expect_identical(as.list(client$parallel(list())), list())
  expect_identical(as.list(client$chat$map(character(), "m")), list())
})

test_that("invalid requests are named by position before anything is sent", {
  server <- test_server()
  client <- test_client(server)
  refused <- function(code, message) {
    error <- expect_error(code, class = "openai_argument_error")
    expect_match(conditionMessage(error), message, fixed = TRUE)
  }
  fine <- api_request("GET", "models")
  refused(client$parallel(list(fine, "models")), "`requests[[2]]`")
  refused(client$parallel(fine), "a list of requests created by api_request()")
  refused(
    client$parallel(list(fine, api_request("POST", "x", list(f = print)))),
    "Request 2: `f`"
  )
  refused(
    client$parallel(list(fine, api_request("POST", "x", list(messages = 7)))),
    "Request 2: `messages`"
  )
  refused(client$chat$map(list("a", 1), "m"), "`prompts[[2]]`")
  answered <- list(list(role = "assistant", content = "Hi."))
  refused(client$chat$map(c(hello, answered), "m"), "`prompts[[2]]` is")
  refused(client$chat$map(list(list()), "m"), "`prompts[[1]]`")
  refused(client$chat$map(list(NA, 1), "m"), "`prompts[[2]]`")
  refused(client$chat$map("a", "m", ask_again = NA), "`ask_again`")
  refused(client$chat$map(7, "m"), "`prompts` must be")
  refused(client$chat$map("a", "m", stream = TRUE), "`stream`")
  refused(client$chat$map("a", "m", max_active = 0), "`max_active`")
  refused(client$chat$map("a", "m", max_active = 1.5), "`max_active`")
  refused(client$chat$map("a", "m", rpm = 0), "`rpm`")
  refused(client$chat$map("a", "m", tpm = "many"), "`tpm`")
  refused(client$chat$map("a", "m", on_error = "ignore"), "`on_error`")
  refused(client$chat$map("a", "m", on_error = NULL), "`on_error`")
  refused(client$chat$map("a", "m", progress = "yes"), "`progress`")
  refused(client$chat$map("a", "m", journal = 1), "`journal`")
  refused(client$chat$map("a", "m", journal = "/nowhere/at/all"), "`journal`")
  refused(client$chat$map("a", "m", system = ""), "`system`")
  refused(api_request("get", "models"), "`method`")
  for (path in list("", "a//b", "a/../b", NA, c("a", "b"))) {
    refused(api_request("GET", path), "`path`")
  }
  refused(api_request("GET", "a", body = "x"), "`body`")
  refused(api_request("GET", "a", query = list(1)), "`query`")
  expect_length(server$requests(), 0)
})

test_that("a function for the key is called once, and the key is not shown", {
  server <- test_server()
  calls <- 0
  client <- test_client(server, api_key = function() {
    calls <<- calls + 1
    "secret-of-mine"
  })
  server$reply(
    status = 401, body = "{\"error\":{\"message\":\"secret-of-mine is bad\"}}"
  )
  results <- client$chat$map(
    letters, "m", max_active = 1, on_error = "return"
  )
  expect_identical(calls, 1)
  expect_s3_class(results[[1]], "openai_authentication_error")
  shown <- capture.output(str(results[[1]]), print(results[[1]]))
  expect_match(shown, "<REDACTED> is bad", fixed = TRUE, all = FALSE)
  expect_false(any(grepl("secret-of-mine", shown)))
})

test_that("`$map_async()` resolves while R continues", {
  skip_if_not_installed("later")
  skip_if_not_installed("promises")
  server <- test_server()
  server$reply(status = 404, body = "{}")
  client <- test_client(server)
  promise <- client$chat$map_async(
    c(a = "x", b = "y"), "m", max_active = 1, on_error = "return"
  )
  expect_s3_class(promise, "promise")
  value <- value_of(promise)
  expect_named(value, c("a", "b"))
  expect_s3_class(value$a, "openai_not_found_error")
  expect_match(value$b$vres$message$content, "\"y\"", fixed = TRUE)

  server$reply(status = 404, body = "{}")
  failure <- settled(client$chat$map_async("x", "m"))$error
  expect_s3_class(failure, "openai_not_found_error")
})

test_that("a log file has few lines of progress", {
  skip_if_not_installed("cli")
  withr::local_options(cli.dynamic = FALSE)
  client <- test_client(test_server())
  shown <- character()
  withCallingHandlers(
    client$chat$map(rep("x", 25), "m", rpm = 600, progress = TRUE),
    cliMessage = function(message) NULL,
    message = function(message) {
      shown <<- c(shown, conditionMessage(message))
      invokeRestart("muffleMessage")
    }
  )
  counts <- regmatches(shown, regexpr("[0-9]+/25", shown))
  expect_lte(length(counts), 2)
  expect_identical(tail(counts, 1), "25/25")
})

test_that("a progress bar shows the number of requests", {
  skip_if_not_installed("cli")
  server <- test_server()
  server$reply(body = chat_body("x"), delay = 0.3, times = 12)
  shown <- character()
  withCallingHandlers(
    test_client(server)$chat$map(
      rep("x", 12), "m", max_active = 2, progress = TRUE
    ),
    cliMessage = function(message) NULL,
    message = function(message) {
      shown <<- c(shown, conditionMessage(message))
      invokeRestart("muffleMessage")
    }
  )
  expect_match(paste(shown, collapse = ""), "/12", fixed = TRUE)
})
