# Rows 12 to 23 and 41 to 50 of the table of faults: the bytes of streams.

two <- chat_events(c("one", "two"), done = FALSE)
done <- "data: [DONE]\n\n"

# The contents of a complete stream of these bytes.
contents_of <- function(...) {
  outcome <- answered_stream(chunks = list(...))
  expect_null(outcome$error)
  outcome$contents
}

# A stream whose third event is this one; both other events must be delivered.
after_two <- function(event) {
  outcome <- answered_stream(chunks = c(as.list(two), list(event, done)))
  expect_identical(outcome$contents[1:2], c("one", "two"))
  outcome
}

expect_bad_event <- function(event, class = "openai_stream_error") {
  outcome <- after_two(event)
  expect_length(outcome$contents, 2)
  expect_s3_class(outcome$error, class)
  expect_identical(outcome$error$text, "onetwo")
  expect_identical(outcome$values[-(1:2)], list(outcome$error, "complete"))
  outcome$error
}

# The value of a JSON text, the same in an event and in a response body.
parsed <- function(json) {
  server <- test_server()
  server$reply(chunks = c(paste0("event: x\ndata: ", json, "\n\n"), done))
  server$reply(body = json)
  client <- test_client(server)
  run <- client$runs$create("thread_1", "asst_1", stream = TRUE)
  streamed <- run$next_value$vres[[1]]
  expect_identical(streamed$event, "x")
  retrieved <- client$files$retrieve("file-1")
  expect_identical(streamed[-1], retrieved)
  retrieved
}

test_that("12 '[DONE] is text' in the content does not end the stream", {
  expect_identical(
    contents_of(chat_events("[DONE] is text", FALSE), done), "[DONE] is text"
  )
})

test_that("13 UTF-8 is decoded one byte at a time", {
  text <- "Gr\u00fc\u00dfe \u2600 \U1F600"
  bytes <- charToRaw(paste(chat_events(text), collapse = ""))
  expect_identical(do.call(contents_of, as.list(bytes)), text)
})

test_that("14 CRLF, CR, and CRLF split over reads end lines", {
  for (end in c("\r\n", "\r")) {
    changed <- gsub("\n", end, c(two, done), fixed = TRUE)
    expect_identical(do.call(contents_of, as.list(changed)), c("one", "two"))
    bytes <- as.list(charToRaw(paste(changed, collapse = "")))
    expect_identical(do.call(contents_of, bytes), c("one", "two"))
  }
})

test_that("15 events are separated by mixed line ends, too", {
  mixed <- sub("\n\n", "\n\r\n", two, fixed = TRUE)
  expect_identical(contents_of(mixed[[1]], mixed[[2]], done), c("one", "two"))
})

test_that("16 the first event is not lost after a BOM", {
  bom <- as.raw(c(0xef, 0xbb, 0xbf))
  expect_identical(contents_of(bom, two[[1]], two[[2]], done), c("one", "two"))
})

test_that("17 comments are not events, and reset the idle timeout", {
  expect_identical(
    contents_of(
      ": OPENROUTER PROCESSING\n\n", two[[1]], ":\n\n", two[[2]], done
    ),
    c("one", "two")
  )
  # Two seconds without an event, but never 0.5 without a byte.
  comments <- rep(": keep-alive\n\n", 20)
  outcome <- answered_stream(
    chunks = c(two[[1]], comments, two[[2]], done), pause = 0.1,
    options = list(timeouts = c(idle = 0.5))
  )
  expect_null(outcome$error)
  expect_identical(outcome$contents, c("one", "two"))
})

test_that("18 blocks with only `retry`, `id` or `event` are skipped", {
  expect_identical(
    contents_of(
      "retry: 3000\n\n", two[[1]], "id: 7\n\nevent: ping\n\n", two[[2]], done
    ),
    c("one", "two")
  )
})

test_that("19 empty data is skipped", {
  expect_identical(
    contents_of(two[[1]], "data:\n\ndata: \n\ndata\n\n", two[[2]], done),
    c("one", "two")
  )
})

test_that("20 'event: keepalive' is skipped", {
  keep_alive <- "event: keepalive\ndata: {\"type\":\"keepalive\"}\n\n"
  expect_identical(
    contents_of(two[[1]], keep_alive, two[[2]], done), c("one", "two")
  )
})

test_that("21 data without a space, in several lines, or `{}` is an event", {
  expect_identical(
    contents_of(sub("data: ", "data:", two[[1]]), done), "one"
  )
  lines <- sub("{", "{\ndata: ", two[[1]], fixed = TRUE)
  expect_identical(contents_of(lines, two[[2]], done), c("one", "two"))
  outcome <- answered_stream(chunks = c("data: {}\n\n", two[[1]], done))
  expect_null(outcome$error)
  expect_identical(outcome$texts[[1]], "{}")
  expect_length(outcome$texts, 2)
})

test_that("22 a line of 8 MB is one event", {
  long <- strrep("x", 8e6)
  expect_true(identical(
    contents_of(chat_events(long, FALSE), two[[2]], done), c(long, "two")
  ))
})

test_that("23 an event of more than 64 MiB is an error", {
  piece <- charToRaw(strrep("x", 2^20))
  outcome <- answered_stream(
    chunks = c(as.list(two), list("data: "), rep(list(piece), 80)),
    abort = "stall"
  )
  expect_identical(outcome$contents, c("one", "two"))
  expect_s3_class(outcome$error, "openai_response_error")
  expect_identical(outcome$error$code, "too_large")
  expect_match(conditionMessage(outcome$error), "larger than 67108864 bytes")
  expect_identical(outcome$error$text, "onetwo")
})

test_that("41 events with a wrong or missing content type are read", {
  for (type in c("text/plain", "application/json", "text/html")) {
    outcome <- answered_stream(
      chunks = c(two, done), headers = c("Content-Type" = type)
    )
    expect_null(outcome$error)
    expect_identical(outcome$contents, c("one", "two"))
  }
  missing <- answered_stream(
    chunks = list(raw_answer(paste(c(two, done), collapse = ""))),
    framing = "raw", abort = "close"
  )
  expect_null(missing$error)
  expect_identical(missing$contents, c("one", "two"))
})

test_that("42 the last duplicate key wins; an empty finish reason is no end", {
  value <- parsed("{\"a\":1,\"a\":2,\"unknown\":{\"b\":null}}")
  expect_identical(value$unknown, list(b = NULL))
  expect_identical(value[names(value) == "a"], list(a = 2L))
  empty <- sub("}]}", ",\"finish_reason\":\"\"}]}", two, fixed = TRUE)
  outcome <- answered_stream(chunks = empty)
  expect_identical(outcome$contents, c("one", "two"))
  expect_s3_class(outcome$error, "openai_stream_error")
})

test_that("43 an escaped NUL becomes U+FFFD and does not truncate the text", {
  outcome <- suppressWarnings(after_two(chat_events("a\\u0000b", FALSE)))
  expect_null(outcome$error)
  expect_identical(outcome$contents[[3]], "a\ufffdb")
})

test_that("44 a raw NUL byte is an error of its event", {
  event <- c(charToRaw("data: {\"a\":\"x"), as.raw(0), charToRaw("\"}\n\n"))
  error <- expect_bad_event(event)
  expect_match(conditionMessage(error), "is not JSON")
  expect_bad_event(c(charToRaw("data: "), as.raw(0), charToRaw("\n\n")))
})

test_that("45 invalid UTF-8 becomes U+FFFD, with one warning", {
  invalid <- function(text) {
    c(
      charToRaw("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""),
      charToRaw(text), as.raw(0xe9), charToRaw("\"}}]}\n\n")
    )
  }
  server <- test_server()
  server$reply(chunks = list(
    two[[1]], invalid("caf"), two[[2]], invalid("th"), done
  ))
  client <- test_client(server)
  stream <- client$chat$create(hello, "m", stream = TRUE, num = 1)
  warnings <- list()
  values <- withCallingHandlers(read_all(stream), warning = function(w) {
    warnings <<- c(warnings, list(w))
    invokeRestart("muffleWarning")
  })
  expect_length(warnings, 1)
  expect_match(conditionMessage(warnings[[1]]), "not UTF-8")
  contents <- vapply(values[1:4], function(x) x$vres[[1]]$content, "")
  expect_identical(contents, c("one", "caf\ufffd", "two", "th\ufffd"))
  expect_null(stream$error)
})

test_that("45 no event is lost if the warning is caught", {
  server <- test_server()
  server$reply(chunks = list(
    two[[1]], c(charToRaw("data: [\""), as.raw(0xff), charToRaw("\"]\n\n")),
    two[[2]], done
  ))
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE, num = 1)
  texts <- character()
  caught <- 0
  repeat {
    value <- tryCatch(stream$next_value, warning = function(w) NULL)
    if (is.character(value)) break
    caught <- caught + is.null(value)
    texts <- c(texts, value$all_resp[[1]])
  }
  expect_identical(caught, 1)
  expect_length(texts, 3)
  expect_identical(texts[[2]], "[\"\ufffd\"]")
})

test_that("45 invalid UTF-8 in a response body warns once", {
  server <- test_server()
  body <- c(charToRaw("{\"id\":\"caf"), as.raw(0xe9), charToRaw("\"}"))
  server$reply(body = body)
  client <- test_client(server)
  expect_warning(answer <- client$files$retrieve("f"), "not UTF-8")
  expect_identical(answer$id, "caf\ufffd")
  expect_no_warning(client$models$list())
})

test_that("46 a lone surrogate becomes U+FFFD", {
  outcome <- suppressWarnings(after_two(chat_events("a\\ud83db", FALSE)))
  expect_null(outcome$error)
  expect_identical(outcome$contents[[3]], "a\ufffdb")
})

test_that("47 numbers beyond R's integers are the nearest doubles", {
  json <- paste0(
    "{\"big\":9007199254740993,\"digits\":", strrep("9", 30),
    ",\"far\":1e400,\"small\":7}"
  )
  expect_identical(parsed(json), list(
    big = 9007199254740992, digits = 1e30, far = Inf, small = 7L
  ))
})

test_that("47 with an option, integers beyond 2^53 are strings", {
  withr::local_options(openaistream.bigint_as_char = TRUE)
  digits <- strrep("9", 30)
  json <- paste0(
    "{\"big\":9007199254740993,\"digits\":-", digits, ",\"far\":1e400,",
    "\"fits\":9007199254740992,\"several\":[1,9007199254740993]}"
  )
  expect_identical(parsed(json), list(
    big = "9007199254740993", digits = paste0("-", digits), far = Inf,
    fits = 2^53, several = c("1", "9007199254740993")
  ))
})

test_that("48 NaN and infinite numbers are numbers", {
  expect_identical(
    parsed("{\"a\":NaN,\"b\":-Infinity,\"c\":Infinity}"),
    list(a = NaN, b = -Inf, c = Inf)
  )
  outcome <- after_two("data: {\"choices\":[],\"x\":NaN}\n\n")
  expect_null(outcome$error)
})

test_that("49 arrays nested 100,000 deep are an error", {
  deep <- strrep("[", 1e5)
  error <- expect_bad_event(paste0("data: ", deep, "\n\n"))
  expect_match(conditionMessage(error), "128 levels deep")
  server <- test_server()
  server$reply(body = deep)
  client <- test_client(server, on_error = "stop")
  expect_error(
    client$files$retrieve("f"), "128 levels deep",
    class = "openai_response_error"
  )
  # The maximum depth.
  server$reply(
    body = paste0('{"id":', strrep("[", 127), strrep("]", 127), "}")
  )
  expect_type(client$files$retrieve("f"), "list")
})

test_that("50 invalid JSON in an event is an error with its text", {
  error <- expect_bad_event("data: {\"choices\": oops}\n\n")
  expect_match(conditionMessage(error), "{\"choices\": oops}", fixed = TRUE)
  expect_identical(error$body, "{\"choices\": oops}")
})

test_that("50 with an option, an event of invalid JSON is skipped", {
  withr::local_options(openaistream.skip_broken_events = TRUE)
  events <- chat_events(c("one", "two"))
  outcome <- answered_stream(
    chunks = c(events[1], "data: {\"choices\": oops}\n\n", events[2:3])
  )
  expect_identical(outcome$contents, c("one", "two"))
  expect_null(outcome$error)
})
