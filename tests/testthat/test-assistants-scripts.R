# Scripts for 0.3.0, run on a server with the Assistants API and on one without
# it: the results are the same, except for ids and times.

test_that("an assistant is created, modified, listed and deleted", {
  expect_same_on_both_servers(function(client, server) {
    created <- client$assistants$create("gpt-4o",
      name = "Math Tutor", instructions = "You are a tutor.",
      tools = list(list(type = "code_interpreter")), metadata = list(a = "b"),
      temperature = 0.5
    )
    changed <- client$assistants$modify(created$id, name = "Tutor")
    found <- client$assistants$retrieve(created$id)
    second <- client$assistants$create("gpt-4o-mini")
    list(
      created, changed, found, second, client$assistants$list(),
      client$assistants$list(limit = 1, order = "asc"),
      client$assistants$delete(created$id),
      failed_call(client$assistants$retrieve(created$id))$message ==
        paste0(
          "HTTP 404 Not Found. No assistant found with id '", created$id, "'."
        ),
      client$assistants$list()$data$name
    )
  })
})

test_that("a run is polled until it is completed, and its answer is listed", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o", instructions = "Be short.")
    thread <- client$threads$create()
    message <- client$messages$create(thread$id, "user", "How does AI work?")
    run <- client$runs$create(thread$id, assistant$id)
    completed <- poll_run(client, run)
    messages <- client$messages$list(thread$id)
    list(
      assistant, thread, message, run, completed, messages,
      messages$data$content[[1]]$text$value
    )
  })
})

test_that("a thread is created with messages, modified and deleted", {
  expect_same_on_both_servers(function(client, server) {
    thread <- client$threads$create(
      messages = list(
        list(role = "user", content = "Hello", metadata = list(n = "1")),
        list(role = "assistant", content = "Hi"),
        list(role = "user", content = list(
          list(type = "text", text = "Look at this."),
          list(
            type = "image_url", image_url = list(url = "https://a.test/b.png")
          )
        ))
      ),
      metadata = list(user = "abc")
    )
    list(
      thread, client$threads$retrieve(thread$id),
      client$threads$modify(thread$id, metadata = list(user = "def")),
      client$messages$list(thread$id, order = "asc"),
      client$threads$delete(thread$id),
      failed_call(client$threads$retrieve(thread$id))$status
    )
  })
})

test_that("messages are retrieved, modified and deleted", {
  expect_same_on_both_servers(function(client, server) {
    thread <- client$threads$create(messages = hello)
    message <- client$messages$create(
      thread$id, "user", "And you?",
      metadata = list(k = "v")
    )
    list(
      message,
      client$messages$modify(thread$id, message$id, metadata = list(k = "w")),
      client$messages$retrieve(thread$id, message$id),
      client$messages$delete(thread$id, message$id),
      failed_call(client$messages$retrieve(thread$id, message$id))$status,
      client$messages$list(thread$id)
    )
  })
})

test_that("messages are paged forwards and backwards", {
  expect_same_on_both_servers(function(client, server) {
    texts <- paste("Message", 1:45)
    thread <- client$threads$create(messages = lapply(texts, function(text) {
      list(role = "user", content = text)
    }))
    page <- function(...) {
      found <- client$messages$list(thread$id, ...)
      texts <- vapply(found$data$content, function(it) it$text$value, "")
      list(texts, found[c("first_id", "last_id", "has_more")])
    }
    first <- client$messages$list(thread$id, limit = 10)
    list(
      page(), page(limit = 10, after = first$last_id),
      page(limit = 5, order = "asc"),
      page(before = first$last_id), page(limit = 20, pages = Inf),
      failed_call(client$messages$list(thread$id, limit = 1000))$status
    )
  })
})

test_that("functions are called in two rounds", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o", tools = list(weather_tool))
    server$reply_tool("get_weather", list(city = "Rome"))
    server$reply_tool(
      c("get_weather", "get_weather"),
      list(list(city = "Oslo"), list(city = "Bern"))
    )
    server$reply_chat("Sunny everywhere.")
    run <- client$runs$create_tread(assistant$id, thread = list(
      messages = list(list(role = "user", content = "How is the weather?"))
    ))
    runs <- list(run)
    repeat {
      run <- poll_run(client, run)
      runs <- c(runs, list(run))
      if (run$status != "requires_action") break
      calls <- run$required_action$submit_tool_outputs$tool_calls
      outputs <- lapply(calls$id, function(id) {
        list(tool_call_id = id, output = "Sunny")
      })
      run <- client$runs$submit_tool_outputs(run$thread_id, run$id, outputs)
      runs <- c(runs, list(run))
    }
    steps <- client$runs$steps_list(run$thread_id, run$id)
    messages <- client$messages$list(run$thread_id)
    list(runs, steps, messages)
  })
})

test_that("each run reads the messages before it, in order and once", {
  script <- function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = list(
      list(role = "user", content = "One"),
      list(role = "assistant", content = "Two")
    ))
    client$messages$create(thread$id, "user", "Three")
    client$messages$create(thread$id, "user", "Four")
    server$reply_chat("Five")
    first <- poll_run(client, client$runs$create(
      thread$id, assistant$id,
      additional_messages = list(list(role = "user", content = "And?"))
    ))
    client$messages$create(thread$id, "user", "Six")
    server$reply_chat("Seven")
    second <- poll_run(client, client$runs$create(thread$id, assistant$id))
    listed <- client$messages$list(thread$id, order = "asc")$data
    sent <- Filter(
      function(it) it$method == "POST" && grepl("responses$", it$target),
      server$requests()
    )
    testthat::expect_false(any(grepl("\"input\"", lapply(sent, `[[`, "body"))))
    list(
      vapply(listed$content, function(it) it$text$value, ""), listed$role,
      first$usage, second$usage
    )
  }
  value <- expect_same_on_both_servers(script)
  expect_identical(
    value[[1]],
    c("One", "Two", "Three", "Four", "And?", "Five", "Six", "Seven")
  )
})

test_that("a streamed run calls a function and then answers", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o", tools = list(weather_tool))
    server$reply_tool("get_weather", list(city = "Rome"))
    server$reply_chat("It is sunny in Rome.")
    first <- read_events(client$runs$create_tread(
      assistant$id,
      stream = TRUE,
      thread = list(messages = hello)
    ))
    run <- first[[length(first)]]
    calls <- run$required_action$submit_tool_outputs$tool_calls
    second <- read_events(client$runs$submit_tool_outputs(
      run$thread_id, run$id,
      list(list(tool_call_id = calls$id, output = "Sunny")),
      stream = TRUE
    ))
    list(
      first, second, client$messages$list(run$thread_id),
      client$runs$retrieve(run$thread_id, run$id)
    )
  })
})

test_that("a streamed run returns its text and the run", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    stream <- client$runs$create(thread$id, assistant$id, stream = TRUE)
    text <- stream$text()
    list(text, stream$message(), client$runs$list(thread$id))
  })
})

test_that("files are searched and cited", {
  path <- withr::local_tempfile(
    lines = "The secret of the tutor is patience.", fileext = ".txt"
  )
  expect_same_on_both_servers(function(client, server) {
    file <- client$files$upload(path, "assistants")
    store <- client$vector_stores$create(
      name = "docs", file_ids = list(file$id)
    )
    assistant <- client$assistants$create("gpt-4o",
      tools = list(list(type = "file_search")),
      tool_resources = list(
        file_search = list(vector_store_ids = list(store$id))
      )
    )
    thread <- client$threads$create(
      messages = list(list(role = "user", content = "What is the secret?"))
    )
    run <- poll_run(client, client$runs$create(thread$id, assistant$id))
    texts <- "step_details.tool_calls[*].file_search.results[*].content"
    streamed <- read_events(client$runs$create(
      thread$id, assistant$id,
      stream = TRUE, include = list(texts)
    ))
    list(
      run, client$messages$list(thread$id),
      client$runs$steps_list(thread$id, run$id),
      client$runs$steps_list(thread$id, run$id, include = list(texts)),
      streamed
    )
  })
})

test_that("files are attached to messages", {
  path <- withr::local_tempfile(lines = "a,b", fileext = ".txt")
  expect_same_on_both_servers(function(client, server) {
    file <- client$files$upload(path, "assistants")
    thread <- client$threads$create()
    message <- client$messages$create(
      thread$id, "user", "What is in it?",
      attachments = list(list(
        file_id = file$id,
        tools = list(
          list(type = "file_search"), list(type = "code_interpreter")
        )
      ))
    )
    list(message, client$threads$retrieve(thread$id))
  })
})

test_that("code is run", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o",
      tools = list(list(type = "code_interpreter"))
    )
    thread <- client$threads$create(messages = list(list(
      role = "user", content = "Use the code_interpreter for 1 + 1."
    )))
    run <- poll_run(client, client$runs$create(thread$id, assistant$id))
    steps <- client$runs$steps_list(thread$id, run$id, order = "asc")
    one <- client$runs$steps_retrieve(thread$id, run$id, steps$data$id[[1]])
    list(run, steps, one)
  })
})

test_that("a thread can be used after its run is cancelled", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o", tools = list(weather_tool))
    thread <- client$threads$create(messages = hello)
    server$reply_tool("get_weather", list(city = "Rome"))
    run <- poll_run(client, client$runs$create(thread$id, assistant$id))
    refused <- failed_call(client$messages$create(thread$id, "user", "More"))
    again <- failed_call(client$runs$create(thread$id, assistant$id))
    cancelled <- client$runs$cancel(thread$id, run$id)
    ended <- poll_run(client, cancelled)
    client$messages$create(thread$id, "user", "Go on")
    next_run <- poll_run(client, client$runs$create(thread$id, assistant$id))
    list(
      run, refused$status, again$status, cancelled, ended, next_run,
      failed_call(client$runs$cancel(thread$id, next_run$id))$message,
      failed_call(client$runs$submit_tool_outputs(thread$id, next_run$id, list(
        list(tool_call_id = "call_x", output = "y")
      )))$message
    )
  })
})

test_that("a queued run is cancelled", {
  script <- function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    run <- client$runs$create(thread$id, assistant$id)
    cancelled <- client$runs$cancel(thread$id, run$id)
    ended <- poll_run(client, cancelled)
    list(
      run, cancelled, ended, client$messages$list(thread$id),
      client$runs$steps_list(thread$id, run$id),
      failed_call(client$runs$cancel(thread$id, run$id))$message ==
        "HTTP 400 Bad Request. Cannot cancel run with status 'cancelled'."
    )
  }
  value <- expect_same_on_both_servers(script, background_delay = 1)
  expect_identical(value[[2]]$status, "cancelling")
  expect_true(value[[6]])
})

test_that("a run is cancelled while it is streamed", {
  script <- function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    stream <- client$runs$create(thread$id, assistant$id, stream = TRUE)
    cancelled <- NULL
    names <- character()
    stream$each(function(event) {
      if (event$event == "thread.message.delta" && is.null(cancelled)) {
        id <- client$runs$list(thread$id)$data$id
        cancelled <<- client$runs$cancel(thread$id, id)
      }
      names <<- c(names, event$event)
    })
    run <- client$runs$retrieve(thread$id, cancelled$id)
    list(
      names[names != "thread.message.delta"], stream$message(), cancelled, run,
      client$messages$create(thread$id, "user", "Go on")$role
    )
  }
  value <- expect_same_on_both_servers(script, token_delay = 0.02)
  expect_identical(utils::tail(value[[1]], 3), c(
    "thread.message.incomplete", "thread.run.step.cancelled",
    "thread.run.cancelled"
  ))
})

test_that("runs have metadata and settings, and are listed", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o", instructions = "Be short.")
    thread <- client$threads$create(messages = hello)
    first <- client$runs$create(thread$id, assistant$id,
      metadata = list(a = "b"), model = "gpt-4o-mini", temperature = 0.2,
      additional_instructions = "Be kind.",
      additional_messages = list(list(role = "user", content = "And?")),
      max_completion_tokens = 500, parallel_tool_calls = FALSE,
      tool_choice = "none", response_format = list(type = "text")
    )
    first <- poll_run(client, first)
    changed <- client$runs$modify(thread$id, first$id, metadata = list(c = "d"))
    second <- poll_run(client, client$runs$create(thread$id, assistant$id))
    list(
      first, changed, client$runs$list(thread$id),
      client$runs$list(thread$id, limit = 1),
      client$messages$list(thread$id, run_id = first$id)
    )
  })
})

test_that("a run whose answer is truncated is incomplete", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    server$reply_chat(strrep("word ", 2000))
    run <- client$runs$create(
      thread$id, assistant$id,
      max_completion_tokens = 300
    )
    list(poll_run(client, run), client$messages$list(thread$id))
  })
})
