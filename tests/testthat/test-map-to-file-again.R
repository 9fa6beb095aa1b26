# Maps to a results file that has answers of an earlier run.

prompts <- sprintf("prompt %d", 1:12)

test_that("a second run sends only the prompts that failed", {
  server <- test_server()
  client <- test_client(server)
  results <- new_file()
  server$reply(status = 404, body = "{}", times = 3)
  first <- client$chat$map(prompts, "m", results = results, on_error = "return")
  expect_identical(c(first$answered, first$failed), c(9, 3))
  expect_s3_class(first$failure, "openai_not_found_error")
  expect_output(print(first), "9 answered, 3 failed.*first failure")
  lines <- lines_of(results)
  failed <- field_of(tail(lines, 3), "index")
  expect_identical(sort(field_of(lines, "index")), 1:12)
  is_failure <- vapply(
    read_results(first), inherits, TRUE, "openai_not_found_error"
  )
  expect_identical(which(is_failure), sort(failed))

  second <- client$chat$map(prompts, "m", results = results)
  expect_identical(c(second$answered, second$failed), c(12, 0))
  expect_setequal(tail(sent_prompts(server), 3), prompts[failed])
  expect_length(server$requests(), 15)
  expect_identical(field_of(lines_of(results), "index"), 1:12)
  expect_identical(dirname(results), dirname(tempfile()))
  expect_length(Sys.glob(paste0(results, ".*")), 0)

  client$chat$map(prompts, "m", results = results)
  expect_length(server$requests(), 15)
})

test_that("truncated answers in the file are requested again", {
  server <- test_server()
  client <- test_client(server)
  answer <- function(reason, text) {
    paste0(
      '{"choices":[{"index":0,"message":{"role":"assistant","content":"', text,
      '"},"finish_reason":"', reason, '"}]}'
    )
  }
  for (in_order in c(TRUE, FALSE)) {
    results <- new_file()
    run <- function(...) {
      client$chat$map(c("a", "b", "c"), "m",
        results = results, in_order = in_order, max_active = 1, ...
      )
    }
    server$reply(body = answer("length", "cut a"))
    server$reply(body = answer("stop", "whole b"))
    server$reply(body = answer("length", "cut c"))
    expect_identical(run()$answered, 3)
    before <- length(server$requests())
    expect_identical(run(ask_again = FALSE)$answered, 3)
    expect_length(server$requests(), before)

    # The second request fails, and the truncated answer is kept.
    server$reply(body = answer("stop", "whole a"))
    server$reply(status = 400, body = '{"error":{"message":"No."}}')
    done <- run(on_error = "return")
    expect_identical(c(done$answered, done$failed), c(2, 1))
    expect_identical(tail(sent_prompts(server), 2), c("a", "c"))
    texts <- vapply(read_results(done), function(x) x$text, "")
    expect_identical(texts, c("whole a", "whole b", "cut c"))
    expect_identical(sort(field_of(lines_of(results), "index")), 1:3)

    server$reply(body = answer("stop", "whole c"))
    expect_identical(run()$answered, 3)
    expect_identical(tail(sent_prompts(server), 1), "c")
    texts <- vapply(read_results(results), function(x) x$text, "")
    expect_identical(texts, c("whole a", "whole b", "whole c"))
  }
})

test_that("answers in the file that were not parsed are requested again", {
  server <- test_server()
  client <- test_client(server)
  results <- new_file()
  run <- function() {
    client$responses$map(c("a", "b"), "m",
      text = json_schema(type_object(age = type_integer())),
      results = results, max_active = 1
    )
  }
  for (text in c("no JSON", '{"age":1}', '{"age":2}')) server$reply_chat(text)
  run()
  done <- run()
  expect_length(server$requests(), 3)
  ages <- vapply(read_results(done), function(x) x$parsed$age, 1L)
  expect_identical(ages, c(2L, 1L))
})
