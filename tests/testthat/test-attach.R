# 0.3.0 attached R6, jsonlite, httr2, iterators and curl, and scripts call their
# functions without `::`.

in_new_session <- function(code) {
  callr::r(code, libpath = .libPaths())
}

test_that("functions of the packages that 0.3.0 attached work without `::`", {
  skip_if_not_installed("httr2")
  skip_if_not_installed("iterators")
  result <- in_new_session(function() {
    library(openaistream)
    before <- loadedNamespaces()
    list(
      parsed = fromJSON("[1,2]"),
      request = class(request("http://localhost") %>% req_method("POST")),
      class = class(R6Class("a")),
      iterated = nextElem(iter(1:2)),
      lazy = !any(c("httr2", "jsonlite", "curl") %in% before)
    )
  })
  expect_identical(result$parsed, 1:2)
  expect_identical(result$request, "httr2_request")
  expect_identical(result$class, "R6ClassGenerator")
  expect_identical(result$iterated, 1L)
  expect_true(result$lazy)
})

test_that("an option turns attaching off, and detaching undoes it", {
  result <- in_new_session(function() {
    options(openaistream.attach = FALSE)
    library(openaistream)
    off <- exists("fromJSON")
    detach("package:openaistream")
    options(openaistream.attach = TRUE)
    library(openaistream)
    on <- exists("fromJSON")
    detach("package:openaistream")
    list(off = off, on = on, detached = exists("fromJSON"))
  })
  expect_identical(result, list(off = FALSE, on = TRUE, detached = FALSE))
})

test_that("packages attached before or after openaistream are not masked", {
  skip_if_not_installed("jsonlite")
  result <- in_new_session(function() {
    # Like shiny::validate() and jsonlite::validate(), which share a name.
    other <- function(name) {
      attach(list(validate = function() name), name = name)
    }
    other("before")
    output <- capture.output(library(openaistream), type = "message")
    before <- validate()
    other("later")
    later <- validate()
    detach("later", character.only = TRUE)
    detach("before", character.only = TRUE)
    is_last <- vapply(ls("openaistream:promises"), function(name) {
      places <- find(name)
      identical(places[[length(places)]], "openaistream:promises")
    }, NA)
    list(
      output = output, before = before, later = later, own = validate("[1]"),
      is_last = all(is_last), stats = identical(filter, stats::filter)
    )
  })
  expect_identical(result, list(
    output = character(), before = "before", later = "later",
    own = jsonlite::validate("[1]"), is_last = TRUE, stats = TRUE
  ))
})

test_that("shiny's functions are not masked", {
  skip_if_not_installed("shiny")
  skip_if_not_installed("jsonlite")
  result <- in_new_session(function() {
    library(shiny)
    library(openaistream)
    before <- identical(validate, shiny::validate)
    detach("package:shiny")
    library(shiny)
    c(before, identical(validate, shiny::validate))
  })
  expect_identical(result, c(TRUE, TRUE))
})

test_that("loading starts no thread, and unloading ends all threads", {
  skip_if_not(dir.exists("/proc/self/task"))
  result <- in_new_session(function() {
    # Other packages, such as later, have threads, too.
    count_own_threads <- function() {
      tasks <- dir("/proc/self/task", full.names = TRUE)
      names <- vapply(file.path(tasks, "comm"), function(file) {
        tryCatch(suppressWarnings(readLines(file)), error = function(e) "")
      }, "")
      sum(startsWith(names, "openaistream"))
    }
    library(openaistream)
    loaded <- count_own_threads()
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    models <- client$models$list()
    working <- count_own_threads()
    server$stop()
    rm(server, client)
    gc()
    detach("package:openaistream")
    unloadNamespace("openaistream")
    # The system may list a joined thread a moment longer.
    deadline <- Sys.time() + 10
    while (count_own_threads() > 0 && Sys.time() < deadline) Sys.sleep(0.01)
    list(
      loaded = loaded, works = working > 0, unloaded = count_own_threads()
    )
  })
  expect_identical(result, list(loaded = 0L, works = TRUE, unloaded = 0L))
})
