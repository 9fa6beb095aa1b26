# The argument `pages` of lists: several pages as one result.

# Replies with `count` pages of two objects in a style of pagination.
reply_pages <- function(server, style, count = 3) {
  for (page in seq_len(count)) {
    ids <- sprintf("id_%d", 2 * page - 1:0)
    is_last <- page == count
    tail <- switch(style,
      after = ,
      last_id = sprintf(
        '"first_id":"%s","last_id":"%s","has_more":%s', ids[[1]], ids[[2]],
        if (is_last) "false" else "true"
      ),
      next_cursor = sprintf(
        '"has_more":%s,"next":%s', if (is_last) "false" else "true",
        if (is_last) "null" else sprintf('"cursor_%d"', page)
      ),
      buckets = sprintf(
        '"has_more":%s,"next_page":%s', if (is_last) "false" else "true",
        if (is_last) "null" else sprintf('"page_%d"', page)
      )
    )
    # Not all pages have the same fields.
    objects <- sprintf(
      '{"id":"%s","x":{"n":%d}%s}', ids, page,
      if (page == 2) ',"extra":[1,2]' else ""
    )
    server$reply(body = sprintf(
      '{"object":"list","data":[%s],%s}', paste(objects, collapse = ","), tail
    ))
  }
}

queries <- function(server) {
  targets <- vapply(server$requests(), `[[`, "", "target")
  ifelse(grepl("?", targets, fixed = TRUE), sub("^[^?]*[?]", "", targets), "")
}

test_that("all pages become one data frame, in each style of the API", {
  styles <- list(
    after = list("batches", c("limit=2&after=id_2", "limit=2&after=id_4")),
    last_id = list(
      c("admin", "organization", "projects"),
      c("limit=2&after=id_2", "limit=2&after=id_4")
    ),
    next_cursor = list(
      c("admin", "organization", "groups"),
      c("limit=2&after=cursor_1", "limit=2&after=cursor_2")
    ),
    buckets = list(
      c("admin", "organization", "usage"),
      c("page=page_1", "page=page_2")
    )
  )
  for (style in names(styles)) {
    server <- test_server()
    resource <- Reduce(`[[`, styles[[style]][[1]], test_client(server))
    reply_pages(server, style)
    all <- if (style == "buckets") {
      resource$completions(start_time = 1, pages = Inf)
    } else {
      resource$list(limit = 2, pages = Inf)
    }
    expect_identical(all$data$id, sprintf("id_%d", 1:6))
    expect_identical(all$data$x$n, rep(1:3, each = 2))
    expect_identical(all$data$extra[[3]], 1:2)
    expect_null(all$data$extra[[1]])
    expect_false(all$has_more)
    expect_identical(
      sub("start_time=1&", "", queries(server)[-1]), styles[[style]][[2]]
    )
    server$stop()
  }
})

test_that("every list has the argument `pages`, also those of 0.3.0", {
  server <- test_server()
  client <- test_client(server)
  for (operation in openaistream:::operations) {
    if (!is.null(operation$pages)) {
      path <- strsplit(operation$name, ".", fixed = TRUE)[[1]]
      method <- Reduce(`[[`, path, client)
      expect_true("pages" %in% names(formals(method)), label = operation$name)
    }
  }
  for (resource in list(client$files, client$vector_stores)) {
    reply_pages(server, "after")
    expect_identical(
      resource$list(limit = 2, pages = Inf)$data$id, sprintf("id_%d", 1:6)
    )
  }
})

test_that("`pages` limits the number of pages that are requested", {
  server <- test_server()
  client <- test_client(server)
  reply_pages(server, "after")
  two <- client$batches$list(pages = 2)
  expect_identical(two$data$id, sprintf("id_%d", 1:4))
  expect_true(two$has_more)
  expect_length(server$requests(), 2)
  for (bad in list(0, NA, "all", c(1, 2))) {
    expect_error(
      client$batches$list(pages = bad), "`pages`",
      class = "openai_argument_error"
    )
  }
})

test_that("a list ends when the server repeats a page", {
  server <- test_server()
  client <- test_client(server)
  server$reply(
    body = '{"object":"list","data":[{"id":"same"}],"has_more":true}',
    times = 5
  )
  expect_identical(client$batches$list(pages = Inf)$data$id, rep("same", 2))
})

test_that("the error of a failed page says how to continue", {
  server <- test_server()
  client <- test_client(server)
  server$reply(body = '{"object":"list","data":[{"id":"a"}],"has_more":true}')
  server$reply(status = 500, body = "{}")
  expect_error(
    client$batches$list(pages = Inf), "to continue, use `after = \"a\"`",
    fixed = TRUE, class = "openai_server_error"
  )
})

test_that("`_async` lists return all pages, and items stay lists", {
  server <- test_server()
  client <- test_client(server)
  reply_pages(server, "after")
  promised <- settled(client$batches$list_async(pages = Inf))$value
  expect_identical(promised$data$id, sprintf("id_%d", 1:6))
  reply_pages(server, "last_id")
  items <- client$conversations$items$list("conv_1", pages = Inf)$data
  expect_identical(items[[3]], list(
    id = "id_3", x = list(n = 2L), extra = list(1L, 2L)
  ))
})

test_that("a long list reports its progress", {
  server <- test_server()
  page <- '{"object":"list","data":[{"id":"id_%d"}],"has_more":%s}'
  for (place in 1:5) {
    server$reply(
      body = sprintf(page, place, if (place < 5) "true" else "false"),
      delay = 0.5
    )
  }
  calls <- list()
  outcome <- request_send(list(
    method = "GET", base_url = server$url, path = "batches", key = "",
    answer = "json", pages = list(most = 100, cursor = "after"),
    progress = function(what, progress, text) {
      calls[[length(calls) + 1L]] <<- progress
    }
  ))
  expect_length(outcome$ok$value$data$id, 5)
  # The numbers of pages and objects, after each page from the first second on.
  expect_true(length(calls) >= 1)
  for (progress in calls) expect_identical(progress[[1]], progress[[2]])
  pages <- vapply(calls, `[[`, 0, 1)
  expect_false(is.unsorted(pages, strictly = TRUE))
  expect_true(all(pages %in% 2:4))
})
