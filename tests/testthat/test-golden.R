# The requests and values of openaistream 0.3.0, call by call
# (fixtures/golden.json), compared with this package. Requests may differ only
# if the API rejected those of 0.3.0. Of the recorded ones this is only the form
# of audio/transcription, because 0.3.0 could not send a number in a form.

golden <- jsonlite::fromJSON(
  test_path("fixtures", "golden.json"), simplifyVector = FALSE
)

# The files in the calls.
golden_folder <- function(env = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = env)
  writeLines(strrep("x", 44), file.path(folder, "train.jsonl"))
  writeBin(as.raw(0:99), file.path(folder, "a.wav"))
  writeBin(as.raw(1:25), file.path(folder, "p.png"))
  folder
}

queue_response <- function(server, response) {
  body <- if (is.null(response$body_b64)) {
    response$body
  } else {
    jsonlite::base64_dec(response$body_b64)
  }
  server$reply(
    status = response$status, headers = unlist(response$headers), body = body
  )
}

# The elements that 0.3.0 returned, without `text` of chat answers.
without_new_elements <- function(value) {
  is_chat <- is.list(value) && "vres" %in% names(value)
  if (is_chat) value[names(value) != "text"] else value
}

# The value of a call, or its error in the format of the records. 0.3.0 did not
# warn about failed calls.
recorded_value <- function(expression, env) {
  tryCatch(
    suppressWarnings(
      eval(expression, env),
      classes = "openai_failed_call_warning"
    ),
    error = function(e) structure(list(conditionMessage(e)), class = "threw")
  )
}

expect_same_steps <- function(stream, steps) {
  expect_identical(stream$get_state(), steps[[1]]$state)
  for (step in steps[-1]) {
    expect_identical(stream$next_value, eval(str2lang(step$value)))
    expect_identical(stream$get_state(), step$state)
  }
}

expect_failed_call <- function(value, recorded) {
  expect_identical(
    names(value)[1:3], c("success", "message", "type")
  )
  expect_identical(value[c("success", "type")], recorded[c("success", "type")])
  status <- regmatches(
    recorded$message, regexpr("HTTP [0-9]+", recorded$message)
  )
  expect_match(value$message, c(status, "verbosity")[[1]], fixed = TRUE)
}

# The parts of a multipart body in the format of the records.
form_parts <- function(request) {
  boundary <- sub(".*boundary=", "", request$headers[["content-type"]])
  body <- if (is.raw(request$body)) request$body else charToRaw(request$body)
  text <- rawToChar(replace(body, body == 0, charToRaw("0")))
  Encoding(text) <- "bytes"
  parts <- strsplit(text, paste0("--", boundary), fixed = TRUE, useBytes = TRUE)
  parts <- parts[[1]]
  parts <- parts[-c(1, length(parts))]
  lapply(parts, function(part) {
    end <- regexpr("\r\n\r\n", part, fixed = TRUE, useBytes = TRUE)[[1]]
    head <- substr(part, 1, end)
    pick <- function(pattern) {
      found <- regmatches(head, regexec(pattern, head))[[1]]
      if (length(found)) found[[2]]
    }
    list(
      name = pick("[ ;]name=\"([^\"]*)\""),
      filename = pick("filename=\"([^\"]*)\""),
      type = pick("[Cc]ontent-[Tt]ype: ([^\r]*)"),
      bytes = nchar(part, "bytes") - end - 3L - 2L
    )
  })
}

expect_same_body <- function(request, body, id) {
  if (is.list(body)) {
    expect_identical(form_parts(request), body)
  } else if (is.null(body)) {
    expect_identical(request$body, "")
  } else if (id == "threads/create-bare") {
    expect_true(request$body %in% c("[]", "{}"))
  } else {
    parse <- function(text) {
      value <- jsonlite::fromJSON(text, simplifyVector = FALSE)
      value[order(names(value))]
    }
    expect_identical(parse(request$body), parse(body))
  }
}

expect_same_request <- function(request, recorded, id) {
  expect_identical(request$method, recorded$method)
  expect_identical(request$target, paste0("/v1", recorded$target))
  compared <- intersect(
    c("authorization", "content-type", "openai-beta"),
    c(names(recorded$headers), names(request$headers))
  )
  if (identical(recorded$headers$accept, "text/event-stream")) {
    compared <- c(compared, "accept")
  }
  for (name in compared) {
    sent <- sub(";.*", "", request$headers[name])
    expect_identical(unname(sent), recorded$headers[[name]], info = name)
  }
  expect_same_body(request, recorded$body, id)
}

for (record in golden) {
  test_that(paste("the call is the same as in 0.3.0:", record$id), {
    server <- test_server()
    queue_response(server, record$response)
    env <- list2env(list(
      cl = test_client(server, "sk-parity", assistants = "api"),
      F = golden_folder()
    ))

    value <- recorded_value(str2lang(record$call), env)

    if (!is.null(record$steps)) {
      expect_same_steps(value, record$steps)
    } else if (record$id == "audio/transcription") {
      # 0.3.0 could not send a number in a form.
      expect_identical(value, list(text = "Hi, this is a voice test."))
      names <- vapply(form_parts(server$requests()[[1]]), `[[`, "", "name")
      expect_setequal(names, c("model", "language", "temperature", "file"))
      return()
    } else {
      recorded <- eval(str2lang(record$value))
      if (is.list(recorded) && "message" %in% names(recorded) &&
        isFALSE(recorded$success)) {
        expect_failed_call(value, recorded)
      } else {
        expect_identical(without_new_elements(value), recorded)
      }
    }

    requests <- server$requests()
    expect_length(requests, length(record$requests))
    Map(expect_same_request, requests, record$requests, record$id)
  })
}

test_that("all 94 records were replayed", {
  expect_length(golden, 94)
})
