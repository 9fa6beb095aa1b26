# The key appears only in the request's header.

# A part of every key that no escaping changes, so that its bytes can be found.
marker <- "Zq0123456789Zq"
secret <- paste0("sk-secret-", marker)
# Keys of other servers may have any form.
keys <- c(
  secret, marker, paste0("%", marker, "%s%n"),
  paste0(".*[", marker, "](x)$^|\\\\?\"{2}")
)

printed <- function(...) {
  paste(utils::capture.output(...), collapse = "\n")
}

expect_hidden <- function(shown, what = marker) {
  expect_false(any(grepl(what, unlist(shown), fixed = TRUE)))
}

# The output of all functions that show an object.
printed_forms <- function(object) {
  own <- object$.__enclos_env__$private
  c(
    printed(print(object)), printed(utils::str(object)),
    tryCatch(format(object), error = conditionMessage),
    printed(dput(object)), printed(print(as.list(object, all.names = TRUE))),
    printed(print(utils::ls.str(own))), printed(dput(as.list(own)))
  )
}

# The bytes of an object in all forms in which R saves it, uncompressed.
saved <- function(object) {
  file <- withr::local_tempfile()
  read <- function() {
    connection <- gzfile(file, "rb")
    on.exit(close(connection))
    readBin(connection, raw(), 1e7)
  }
  forms <- list(
    serialize(object, NULL), serialize(object, NULL, ascii = TRUE)
  )
  for (compress in list(FALSE, "gzip", "bzip2", "xz")) {
    saveRDS(object, file, compress = compress)
    forms <- c(forms, list(read()))
    save(object, file = file, compress = compress)
    forms <- c(forms, list(read()))
  }
  saveRDS(object, file, ascii = TRUE)
  forms <- c(forms, list(read()))
  assign("openaistream_saved", object, globalenv())
  on.exit(rm("openaistream_saved", envir = globalenv()))
  for (ascii in c(FALSE, TRUE)) {
    save.image(file, ascii = ascii)
    forms <- c(forms, list(read()))
  }
  forms
}

holds_key <- function(bytes) {
  length(grepRaw(marker, bytes, fixed = TRUE)) > 0
}

# Replies with the key in every field and header.
reply_with_key <- function(server, key, status = 401, ...) {
  error <- list(message = key, type = key, code = key, param = key)
  body <- jsonlite::toJSON(list(error = error), auto_unbox = TRUE)
  headers <- c(
    "Set-Cookie" = paste0("id=", key), "x-request-id" = key, Server = key
  )
  server$reply(status = status, headers = headers, body = body, ...)
}

test_that("printing or saving a client or a stream does not reveal the key", {
  expect_true(all(vapply(saved(list(keys)), holds_key, NA)))
  server <- test_server()
  for (key in keys) {
    client <- test_client(server, key)
    client$models$list()
    stream <- client$chat$create(hello, "m", stream = TRUE)
    for (object in list(client, stream, client$chat)) {
      expect_hidden(printed_forms(object))
      expect_false(any(vapply(saved(object), holds_key, NA)))
    }
    stream$close()
  }
})

test_that("no output of a call shows the key", {
  server <- test_server()
  withr::local_envvar(OPENAI_LOG = "debug")
  for (key in keys) {
    client <- test_client(server, key)
    for (verbosity in 0:3) {
      for (status in c(200, 401)) {
        reply_with_key(server, key, status)
        log <- utils::capture.output(
          output <- printed(withCallingHandlers(
            answer <- client$models$retrieve(key, verbosity = verbosity),
            openai_failed_call_warning = function(w) {
              expect_hidden(unlist(w))
              invokeRestart("muffleWarning")
            }
          )),
          type = "message"
        )
        expect_hidden(c(output, log))
        expect_true(any(grepl("<- set-cookie: <REDACTED>", log, fixed = TRUE)))
      }
      expect_hidden(answer)
      shows <- grepl("-> authorization: <REDACTED>", output, fixed = TRUE)
      expect_identical(shows, verbosity > 0)
    }
  }
})

test_that("no output of a stream shows the key", {
  server <- test_server()
  withr::local_envvar(OPENAI_LOG = "debug")
  for (key in keys) {
    client <- test_client(server, key)
    for (verbosity in 0:3) {
      reply_with_key(server, key)
      event <- jsonlite::toJSON(list(error = list(message = key)))
      server$reply(chunks = c(chat_events("a", FALSE), "data: ", event, "\n\n"))
      for (i in 1:2) {
        log <- utils::capture.output(
          output <- printed(values <- read_all(client$chat$create(
            hello, "m", stream = TRUE, verbosity = verbosity
          ))),
          type = "message"
        )
        failure <- values[[length(values) - 1]]
        expect_s3_class(failure, "openai_error")
        shows <- grepl("-> authorization: <REDACTED>", output, fixed = TRUE)
        expect_identical(shows, verbosity > 0)
        expect_hidden(c(
          output, log, conditionMessage(failure), unlist(failure),
          printed(print(failure)), printed(utils::str(failure))
        ))
      }
    }
  }
})

test_that("conditions and tracebacks do not show the key", {
  server <- test_server()
  for (key in keys) {
    reply_with_key(server, key)
    client <- test_client(server, key, on_error = "stop")
    calls <- NULL
    failure <- tryCatch(
      withCallingHandlers(
        client$models$retrieve("m"),
        error = function(e) calls <<- sys.calls()
      ),
      error = identity
    )
    expect_s3_class(failure, "openai_authentication_error")
    expect_gt(length(calls), 2)
    expect_hidden(c(
      unlist(failure), printed(print(failure)), printed(utils::str(failure)),
      unlist(lapply(calls, deparse))
    ))
  }
})

test_that("the values of secret headers are redacted", {
  server <- test_server()
  withr::local_envvar(OPENAI_LOG = "debug")
  reply_with_key(server, marker)
  client <- openai$new(
    "sk-test", base_url = server$url, organization = "org-1",
    project = "proj-1", headers = c("api-key" = marker), max_retries = 0
  )
  log <- utils::capture.output(
    output <- printed(
      answer <- failed_call(client$models$list(verbosity = 3))
    ),
    type = "message"
  )
  expect_hidden(c(output, log, answer))
  expect_match(output, "api-key: <REDACTED>", fixed = TRUE)
  expect_match(output, "openai-organization: org-1", fixed = TRUE)
  expect_match(output, "openai-project: proj-1", fixed = TRUE)
})

test_that("passwords of proxies and servers are not shown", {
  proxy <- test_server()
  withr::local_envvar(OPENAI_LOG = "debug")
  proxy$reply(status = 407, body = "no", times = 2)
  port <- sub(".*:([0-9]+)/.*", "\\1", proxy$url)
  client <- openai$new(
    "sk-test", base_url = "http://api.invalid/v1", max_retries = 0
  )
  client$set_proxy(sprintf("http://me:%s@127.0.0.1:%s", marker, port))
  expect_output(print(client), "http://<REDACTED>@127.0.0.1", fixed = TRUE)
  log <- utils::capture.output(
    output <- printed({
      answer <- failed_call(client$models$list(verbosity = 3))
      values <- read_all(client$chat$create(
        hello, "m", stream = TRUE, verbosity = 3
      ))
    }),
    type = "message"
  )
  expect_hidden(c(output, log, answer, values))
  expect_hidden(c(
    printed(print(client)), printed(utils::str(client)), printed(dput(client))
  ))
  expect_identical(answer$status, 407L)
  sent <- proxy$requests()[[1]]$headers[["proxy-authorization"]]
  expect_match(sent, "^Basic ")
  expect_hidden(c(output, log), sub("Basic ", "", sent))

  # An unescaped password makes the URL invalid, and the error quotes the URL.
  base <- sprintf("http://me:%s/%s@host/v1", marker, marker)
  refused <- expect_error(openai$new("k", base_url = base), "<REDACTED>@host")
  expect_hidden(conditionMessage(refused))
  server <- sub("//", sprintf("//me:%s@", marker), proxy$url, fixed = TRUE)
  other <- openai$new("sk-test", base_url = server, max_retries = 0)
  log <- utils::capture.output(
    output <- printed({
      print(other)
      other$models$list(verbosity = 3)
    }),
    type = "message"
  )
  expect_match(output, "http://<REDACTED>@127.0.0.1", fixed = TRUE)
  expect_hidden(c(output, log))
})

test_that("the key is sent to the client's server", {
  server <- test_server()
  test_client(server, secret)$models$list()
  expect_identical(
    server$requests()[[1]]$headers[["authorization"]], paste("Bearer", secret)
  )
})

test_that("a function for the key is called for each request", {
  server <- test_server()
  count <- 0
  client <- test_client(server, function() {
    count <<- count + 1
    paste0("sk-number-", count)
  })
  client$models$list()
  client$models$list()
  keys <- vapply(server$requests(), function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(keys, c("Bearer sk-number-1", "Bearer sk-number-2"))
})

test_that("two clients of a session keep their own keys", {
  server <- test_server()
  withr::local_envvar(OPENAI_KEY = "sk-first")
  first <- test_client(server, Sys.getenv("OPENAI_KEY"))
  Sys.setenv(OPENAI_KEY = "sk-second")
  second <- test_client(server, Sys.getenv("OPENAI_KEY"))
  first$models$list()
  second$models$list()
  keys <- vapply(server$requests(), function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(keys, c("Bearer sk-first", "Bearer sk-second"))
})

test_that("the values of headers are treated like keys", {
  server <- test_server()
  withr::local_envvar(MY_GATEWAY_KEY = "gateway-secret-1")
  # The source that functions keep would contain this file.
  called <- utils::removeSource(function() "called-secret")
  environment(called) <- globalenv()
  client <- openai$new("sk-test", base_url = server$url, headers = list(
    "X-Gateway" = Sys.getenv("MY_GATEWAY_KEY"), "X-Literal" = marker,
    "X-Called" = called, "OpenAI-Beta" = "assistants=v2"
  ))
  output <- printed(client$models$list(verbosity = 3))
  sent <- server$requests()[[1]]$headers
  expect_identical(
    unname(sent[c("x-gateway", "x-literal", "x-called", "openai-beta")]),
    c("gateway-secret-1", marker, "called-secret", "assistants=v2")
  )
  expect_hidden(c(output, printed(print(client)), printed(utils::str(client))))
  expect_match(output, "x-gateway: <REDACTED>", fixed = TRUE)
  expect_match(output, "x-called: <REDACTED>", fixed = TRUE)
  expect_match(output, "openai-beta: assistants=v2", fixed = TRUE)

  saved <- rawToChar(serialize(client, NULL, ascii = TRUE))
  for (value in c(marker, "gateway-secret-1")) {
    expect_false(grepl(value, saved, fixed = TRUE))
  }
  # External pointers are empty in another session.
  again <- unserialize(serialize(client, NULL))
  again$.__enclos_env__$private$config$set_api_key("sk-test")
  expect_error(
    again$models$list(), "\"X-Literal\" was not kept",
    class = "openai_argument_error"
  )
  kept <- openai$new("sk-test", base_url = server$url, headers = c(
    "X-Gateway" = "gateway-secret-1", "OpenAI-Beta" = "assistants=v2"
  ))
  again <- unserialize(serialize(kept, NULL))
  again$.__enclos_env__$private$config$set_api_key("sk-test")
  again$models$list()
  seen <- server$requests()[[length(server$requests())]]$headers
  expect_identical(seen[["x-gateway"]], "gateway-secret-1")
  withr::local_envvar(MY_GATEWAY_KEY = NA)
  expect_error(
    again$models$list(), "MY_GATEWAY_KEY, which is not set",
    class = "openai_argument_error"
  )
})

test_that("invalid headers are refused", {
  new <- function(headers) openai$new("sk-test", headers = headers)
  for (headers in list("a", c(a = NA), list(a = 1), list("x"), c(a = "1", "2"))) {
    expect_error(new(headers), "`headers` must be", class = "openai_argument_error")
  }
  server <- test_server()
  client <- openai$new(
    "sk-test", base_url = server$url, headers = list(A = function() 1)
  )
  expect_error(client$models$list(), "header \"A\" must return one string")
  expect_length(server$requests(), 0)
})
