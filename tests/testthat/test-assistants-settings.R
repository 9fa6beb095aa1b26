# Settings of assistants and runs, and empty threads, with and without the
# Assistants API.

answer_format <- list(type = "json_schema", json_schema = list(
  name = "answer", strict = TRUE,
  schema = list(
    type = "object", properties = list(answer = list(type = "string")),
    required = list("answer"), additionalProperties = FALSE
  )
))

test_that("settings of an assistant are stored and removed", {
  expect_same_on_both_servers(function(client, server) {
    created <- client$assistants$create("gpt-4o",
      temperature = 1, reasoning_effort = "low", response_format = answer_format
    )
    changed <- client$assistants$modify(created$id,
      description = "For questions.", metadata = list(a = "b"),
      response_format = "auto", reasoning_effort = NULL
    )
    list(created, changed, client$assistants$list())
  })
})

test_that("the answer of a run has the response format of its assistant", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create(
      "gpt-4o",
      response_format = answer_format
    )
    run <- poll_run(client, client$runs$create_tread(
      assistant$id,
      thread = list(messages = hello)
    ))
    list(run, client$messages$list(run$thread_id))
  })
})

test_that("a run calls the function in `tool_choice`", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    choice <- list(type = "function", `function` = list(name = "get_weather"))
    poll_run(client, client$runs$create(
      thread$id, assistant$id,
      tools = list(weather_tool), tool_choice = choice
    ))
  })
})

test_that("a message can contain an image by its file id", {
  expect_same_on_both_servers(function(client, server) {
    thread <- client$threads$create()
    client$messages$create(thread$id, "user", list(
      list(type = "text", text = "What is this?"),
      list(
        type = "image_file",
        image_file = list(file_id = "file-1", detail = "low")
      )
    ))
  })
})

test_that("a thread can be empty", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create()
    run <- poll_run(client, client$runs$create_tread(assistant$id))
    list(
      client$messages$list(thread$id), client$runs$list(thread$id),
      client$threads$modify(thread$id, tool_resources = list()),
      run$status, nrow(client$messages$list(run$thread_id)$data)
    )
  })
})

test_that("a run of a deleted thread is not found", {
  expect_same_on_both_servers(function(client, server) {
    assistant <- client$assistants$create("gpt-4o")
    thread <- client$threads$create(messages = hello)
    run <- poll_run(client, client$runs$create(thread$id, assistant$id))
    client$threads$delete(thread$id)
    message <- failed_call(client$runs$retrieve(thread$id, run$id))$message
    message == paste0(
      "HTTP 404 Not Found. No thread found with id '", thread$id, "'."
    )
  })
})
