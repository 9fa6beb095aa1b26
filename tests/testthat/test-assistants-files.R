# Files of assistants, messages and code.

upload_file <- function(client) {
  path <- withr::local_tempfile(lines = "a,b", fileext = ".csv")
  client$files$upload(path, "assistants")$id
}

test_that("assistant files of version 1 are files of the code interpreter", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  id <- client$assistants$create("m")$id
  one <- upload_file(client)
  two <- upload_file(client)
  suppressWarnings(
    {
      created <- client$assistants$file_create(id, one)
      client$assistants$file_create(id, two)
      listed <- client$assistants$file_list(id, order = "asc")
      found <- client$assistants$file_retrieve(id, one)
      missing <- failed_call(client$assistants$file_retrieve(id, "file-0"))
      nothing <- failed_call(client$assistants$file_create(id, "file-0"))
      deleted <- client$assistants$file_delete(id, one)
    },
    classes = "openai_version_warning"
  )
  expect_identical(
    created[c("id", "object", "assistant_id")],
    list(id = one, object = "assistant.file", assistant_id = id)
  )
  expect_identical(found, created)
  expect_identical(listed$data$id, c(one, two))
  expect_identical(
    deleted, list(id = one, object = "assistant.file.deleted", deleted = TRUE)
  )
  expect_match(missing$message, "No file found with id 'file-0'")
  expect_match(nothing$message, "No such File object: file-0")
  resources <- client$assistants$retrieve(id)$tool_resources
  expect_identical(resources$code_interpreter$file_ids, two)
})

test_that("message files of version 1 are attachments", {
  server <- test_server()
  client <- test_client(server, assistants = "responses")
  file <- upload_file(client)
  thread <- client$threads$create()
  message <- client$messages$create(
    thread$id, "user", "See the file.",
    attachments = list(list(
      file_id = file, tools = list(list(type = "code_interpreter"))
    ))
  )
  suppressWarnings(
    {
      listed <- client$messages$file_list(thread$id, message$id)
      found <- client$messages$file_retrieve(thread$id, message$id, file)
    },
    classes = "openai_version_warning"
  )
  expect_identical(listed$data$id, file)
  expect_identical(found$object, "thread.message.file")
  expect_identical(found$message_id, message$id)
})

test_that("calls of version 1 send the requests of 0.3.0, and warn once", {
  result <- in_session(function() {
    server <- local_server()
    server$reply(body = "{}", times = 6)
    client <- openai$new(
      "sk-test",
      base_url = server$url, assistants = "api"
    )
    warnings <- character()
    withCallingHandlers(
      for (again in 1:2) {
        client$assistants$file_create("asst_1", "file-1")
        client$assistants$file_list("asst_1", limit = 5)
        client$messages$file_retrieve("thread_1", "msg_1", "file-1")
      },
      openai_version_warning = function(w) {
        warnings <<- c(warnings, conditionMessage(w))
        invokeRestart("muffleWarning")
      }
    )
    list(requests = server$requests()[1:3], warnings = warnings)
  })
  sent <- lapply(result$requests, `[`, c("method", "target", "body"))
  expect_identical(sent, list(
    list(
      method = "POST", target = "/v1/assistants/asst_1/files",
      body = "{\"file_id\":\"file-1\"}"
    ),
    list(
      method = "GET", target = "/v1/assistants/asst_1/files?limit=5", body = ""
    ),
    list(
      method = "GET",
      target = "/v1/threads/thread_1/messages/msg_1/files/file-1", body = ""
    )
  ))
  for (request in result$requests) {
    expect_identical(request$headers[["openai-beta"]], "assistants=v1")
  }
  expect_length(result$warnings, 3)
  expect_match(result$warnings[[1]], "assistants\\$file_create.*tool_resources")
  expect_match(result$warnings[[3]], "messages\\$file_retrieve.*attachments")
})

# A run whose code created an image and a table.
run_with_code_files <- function(server, client, stream) {
  cited <- function(name) {
    list(
      type = "container_file_citation", container_id = "cntr_1",
      file_id = paste0("cfile_", name), filename = name,
      start_index = 0, end_index = 4
    )
  }
  item <- list(
    id = "msg_1", type = "message", status = "completed", role = "assistant",
    content = list(list(
      type = "output_text", text = "Here they are.",
      annotations = list(cited("1.png"), cited("2.csv"))
    ))
  )
  response <- list(
    id = "resp_1", object = "response", created_at = 5, completed_at = 6,
    status = "completed", output = list(item)
  )
  text <- jsonlite::toJSON(response, auto_unbox = TRUE)
  event <- paste0('{"type":"response.completed","response":', text, "}")
  if (stream) {
    server$reply(
      path = "/v1/responses", chunks = paste0("data: ", event, "\n\n")
    )
  } else {
    server$reply(path = "/v1/responses", body = text)
  }
  server$reply(path = "/v1/responses/resp_1", body = text)
  server$reply(
    path = "/v1/containers/cntr_1/files/cfile_2.csv/content", body = "a,b",
    times = 2
  )
  assistant <- client$assistants$create(
    "m", tools = list(list(type = "code_interpreter"))
  )
  thread <- client$threads$create(messages = hello)
  run <- client$runs$create(thread$id, assistant$id, stream = stream)
  if (stream) run <- run$message()
  expect_identical(run$status, "completed")
}

test_that("files created by code are downloaded with `client$files`", {
  for (stream in c(FALSE, TRUE)) {
    server <- test_server()
    client <- test_client(server, assistants = "responses")
    run_with_code_files(server, client, stream)
    expect_identical(client$files$retrieve_content("cfile_2.csv"), "a,b")
    path <- withr::local_tempfile()
    client$files$download("cfile_2.csv", path)
    expect_identical(readLines(path, warn = FALSE), "a,b")
  }
})

test_that("a run whose response was deleted does not block its thread", {
  server <- test_server(background_delay = 5)
  client <- test_client(server, assistants = "responses")
  assistant <- client$assistants$create("m")
  thread <- client$threads$create(messages = hello)
  run <- client$runs$create(thread$id, assistant$id)
  client$responses$delete(sub("run_", "resp_", run$id))
  expect_identical(client$messages$list(thread$id)$data$role, "user")
  expect_identical(client$runs$retrieve(thread$id, run$id)$status, "expired")
})
