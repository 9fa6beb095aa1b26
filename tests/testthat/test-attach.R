# 0.3.0 attached R6, jsonlite, httr2, iterators and curl; scripts use them bare.

in_new_session <- function(code) {
  callr::r(code, libpath = .libPaths())
}

test_that("functions of the packages that 0.3.0 attached work bare", {
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

test_that("the option turns it off, and detaching removes it", {
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

test_that("loading starts no thread, and nothing is left after unloading", {
  skip_if_not(dir.exists("/proc/self/task"))
  result <- in_new_session(function() {
    threads <- function() length(dir("/proc/self/task"))
    before <- threads()
    library(openaistream)
    loaded <- threads()
    server <- local_server()
    client <- openai$new("sk-test", base_url = server$url)
    models <- client$models$list()
    server$stop()
    rm(server, client)
    gc()
    detach("package:openaistream")
    unloadNamespace("openaistream")
    list(before = before, loaded = loaded, unloaded = threads())
  })
  expect_identical(result$loaded, result$before)
  expect_identical(result$unloaded, result$before)
})
