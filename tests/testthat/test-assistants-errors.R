# Bad input gives the errors of the Assistants API, with it and without it.

# The message of a failed call, with the ids replaced.
message_of <- function(call) {
  message <- failed_call(call)$message
  gsub("(asst|thread|msg|run|step|call)_[0-9a-z]*", "\\1_x", message)
}

test_that("unknown ids give the errors of the Assistants API", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    run <- poll_run(client, client$runs$create(thread$id, assistant$id))
    with_files <- list(list(
      file_id = "file-none", tools = list(list(type = "file_search"))
    ))
    list(
      message_of(client$assistants$modify("asst_none", name = "a")),
      message_of(client$assistants$delete("asst_none")),
      message_of(client$threads$retrieve("thread_none")),
      message_of(
        client$threads$modify("thread_none", metadata = list(a = "b"))
      ),
      message_of(client$threads$delete("thread_none")),
      message_of(client$messages$list("thread_none")),
      message_of(client$messages$list(thread$id, before = "msg_none")),
      message_of(client$messages$list(thread$id, after = "msg_none")),
      message_of(client$messages$create("thread_none", "user", "a")),
      message_of(client$messages$create(
        thread$id, "user", "a", attachments = with_files
      )),
      message_of(client$messages$retrieve(thread$id, "msg_none")),
      message_of(client$messages$delete(thread$id, "msg_none")),
      message_of(client$runs$list("thread_none")),
      message_of(client$runs$list(thread$id, after = "run_none")),
      message_of(client$runs$create(thread$id, "asst_none")),
      message_of(client$runs$create("thread_none", assistant$id)),
      message_of(client$runs$create_tread("asst_none")),
      message_of(client$runs$retrieve(thread$id, "run_none")),
      message_of(client$runs$cancel(thread$id, "run_none")),
      message_of(client$runs$steps_list(thread$id, "run_none")),
      message_of(client$runs$steps_retrieve(thread$id, run$id, "step_none"))
    )
  })
})

test_that("invalid fields give the errors of the Assistants API", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    id <- client$messages$list(thread$id)$data$id
    wrong_tools <- list(list(type = "calculator"))
    wrong_role <- list(list(role = "system", content = "a"))
    seventeen <- as.list(stats::setNames(letters[1:17], letters[1:17]))
    list(
      message_of(client$assistants$create(NULL)),
      message_of(client$assistants$create(5)),
      message_of(client$assistants$create("m", tools = wrong_tools)),
      message_of(client$assistants$create("m", metadata = seventeen)),
      message_of(client$assistants$list(order = "up")),
      message_of(client$assistants$list(before = "asst_none")),
      message_of(client$threads$create(messages = list(list(content = "a")))),
      message_of(client$messages$create(thread$id, "system", "a")),
      message_of(client$messages$create(thread$id, "user", 5)),
      message_of(client$messages$create(thread$id, "user", list())),
      message_of(
        client$messages$create(thread$id, "user", list(list(type = "audio")))
      ),
      message_of(client$messages$modify(thread$id, id, metadata = list(a = 1))),
      message_of(client$messages$list(thread$id, limit = 1000)),
      message_of(client$runs$list(thread$id, limit = 0)),
      message_of(client$runs$create(thread$id, NULL)),
      message_of(
        client$runs$create(thread$id, assistant$id, tools = wrong_tools)
      ),
      message_of(client$runs$create_tread(
        assistant$id, thread = list(messages = wrong_role)
      ))
    )
  })
})

test_that("a locked thread gives the errors of the Assistants API", {
  expect_same_on_both_servers(function(client, server) {
    run <- waiting_run(client, server)
    wrong <- list(list(tool_call_id = "call_0", output = "x"))
    list(
      message_of(client$messages$create(run$thread_id, "user", "More")),
      message_of(client$runs$create(run$thread_id, run$assistant_id)),
      message_of(client$runs$submit_tool_outputs(run$thread_id, run$id, wrong))
    )
  })
})

test_that("a finished run gives the errors of the Assistants API", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    run <- poll_run(client, client$runs$create(thread$id, assistant$id))
    late <- list(list(tool_call_id = "call_0", output = "x"))
    list(
      message_of(client$runs$cancel(thread$id, run$id)),
      message_of(client$runs$submit_tool_outputs(thread$id, run$id, late))
    )
  })
})

# A run that requires the output of a function and expires by `expire()`: its
# objects before and after, and the errors of later calls.
expired_run <- function(client, server, expire) {
  run <- waiting_run(client, server)
  thread_id <- run$thread_id
  calls <- run$required_action$submit_tool_outputs$tool_calls
  outputs <- list(list(tool_call_id = calls$id, output = "Sunny"))
  expire()
  wait_until(function() {
    client$runs$retrieve(thread_id, run$id)$status == "expired"
  })
  common_form(list(
    run, client$runs$retrieve(thread_id, run$id),
    client$runs$steps_list(thread_id, run$id),
    message_of(client$runs$submit_tool_outputs(thread_id, run$id, outputs)),
    message_of(client$runs$cancel(thread_id, run$id)),
    poll_run(client, client$runs$create(thread_id, run$assistant_id))$status
  ))
}

test_that("an expired run gives the errors of the Assistants API", {
  # This run expires by the server's clock.
  server <- local_server(assistants = TRUE, run_limit = 3)
  client <- test_client(server, assistants = "api")
  before <- expired_run(client, server, function() NULL)

  file <- withr::local_tempfile(fileext = ".json")
  server <- test_server()
  client <- test_client(
    server,
    assistants = "responses", assistants_file = file
  )
  after <- expired_run(client, server, function() {
    # Ten minutes later:
    written <- paste(readLines(file, warn = FALSE), collapse = "\n")
    writeLines(
      gsub("\"waits_until\":[0-9]+", "\"waits_until\":1", written), file
    )
  })
  expect_identical(after, before)
})

test_that("unsupported arguments are rejected before anything is sent", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m")
  thread <- client$threads$create(messages = hello)
  sent <- length(server$requests())
  last_message <- list(type = "last_messages", last_messages = 1)
  for (stream in c(FALSE, TRUE)) {
    expect_error(
      client$runs$create(
        thread$id, assistant$id, stream,
        additional_messages = hello, max_prompt_tokens = 300
      ),
      "max_prompt_tokens.*input_tokens", class = "openai_argument_error"
    )
    expect_error(
      client$runs$create_tread(
        assistant$id, stream,
        thread = list(messages = hello), truncation_strategy = last_message
      ),
      "last messages.*client\\$responses", class = "openai_argument_error"
    )
  }
  failed <- failed_call(
    client$runs$create(thread$id, assistant$id, colour = "red")
  )
  expect_match(failed$message, "Unknown parameter: 'colour'", fixed = TRUE)
  expect_length(server$requests(), sent)
})

test_that("a stream that cannot start signals its error, or returns it", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  thread <- client$threads$create(messages = hello)
  expect_error(
    client$runs$create(thread$id, "asst_none", stream = TRUE),
    "No assistant found", class = "openai_not_found_error"
  )
  returning <- test_client(
    server,
    assistants = "responses", on_error = "return"
  )
  failed <- failed_call(
    returning$runs$create(thread$id, "asst_none", stream = TRUE)
  )
  expect_match(failed$message, "No assistant found")
})
