# Streams of responses that are read as streams of runs.

queued_run <- paste0(
  '{"id":"run_1","object":"thread.run","created_at":1,"assistant_id":"asst_1",',
  '"thread_id":"thread_1","status":"queued","required_action":null,',
  '"tools":[],"metadata":{},"usage":null}'
)

# The stream of a response with these fields, read as a run.
run_stream <- function(server, ..., run = queued_run, thread = NULL,
                       steps = NULL, first_round = TRUE, num = 2) {
  source <- unwrap(stream_open(list(
    method = "POST", base_url = server$url, path = "responses",
    key = "sk-test", kind = "run", max_retries = 2,
    body = list(
      model = "gpt-6-luna", ..., background = TRUE, stream = TRUE
    ),
    as_run = list(
      run = run, thread = thread, steps = steps, first_round = first_round
    )
  )))
  DataStream$new(source, num)
}

event_names <- function(stream) {
  names <- character()
  stream$each(function(event) names <<- c(names, event$event))
  names
}

weather <- list(list(
  type = "function", name = "weather", strict = FALSE,
  parameters = list(
    type = "object",
    properties = list(city = list(type = "string"))
  )
))

test_that("a run is read as in 0.3.0", {
  stream <- run_stream(test_server(), input = "Say hello.")

  values <- read_all(stream)
  batches <- Filter(is.list, values)
  events <- unlist(lapply(batches, `[[`, "vres"), recursive = FALSE)
  texts <- unlist(lapply(batches, `[[`, "all_resp"))

  expect_identical(names(batches[[1]]), c("all_resp", "vres"))
  expect_lte(max(lengths(lapply(batches, `[[`, "vres"))), 2)
  expect_identical(values[[length(values)]], "complete")
  kinds <- vapply(events, `[[`, "", "event")
  expect_identical(
    kinds[!grepl("delta", kinds)],
    c(
      "thread.run.created", "thread.run.queued", "thread.run.in_progress",
      "thread.run.step.created", "thread.run.step.in_progress",
      "thread.message.created", "thread.message.in_progress",
      "thread.message.completed", "thread.run.step.completed",
      "thread.run.completed"
    )
  )
  expect_identical(
    events[[1]][1:3],
    list(event = "thread.run.created", id = "run_1", object = "thread.run")
  )
  expect_identical(
    lapply(texts, function(text) jsonlite::fromJSON(text)),
    lapply(events, function(event) event[-1])
  )
  message <- events[[which(kinds == "thread.message.completed")]]
  expect_identical(message$content$text$value, stream$text())
  expect_identical(message$run_id, "run_1")
})

test_that("a stream returns the text, run and usage of all events", {
  stream <- run_stream(
    test_server(),
    input = "Say hello.",
    thread = '{"id":"thread_1","object":"thread"}'
  )

  expect_identical(stream$next_event()$event, "thread.created")
  text <- stream$text()
  run <- stream$message()

  expect_match(text, "hello", ignore.case = TRUE)
  expect_identical(run$id, "run_1")
  expect_identical(run$status, "completed")
  expect_identical(run$usage, stream$usage)
  expect_identical(
    names(run$usage), c("prompt_tokens", "completion_tokens", "total_tokens")
  )
  expect_match(stream$response_id, "^resp_")
  expect_null(stream$tool_calls())
})

test_that("a run continues after the outputs of functions are submitted", {
  server <- test_server()
  question <- list(list(role = "user", content = "Use weather, city Ulm."))
  first <- run_stream(server, input = question, tools = weather)
  waiting <- first$message()

  expect_identical(waiting$status, "requires_action")
  calls <- waiting$required_action$submit_tool_outputs$tool_calls
  expect_identical(calls$`function`$name, "weather")
  expect_identical(first$tool_calls()$id, calls$id)
  expect_identical(
    first$tool_calls()$`function`$arguments, calls$`function`$arguments
  )

  second <- run_stream(
    server,
    input = list(list(
      type = "function_call_output", call_id = calls$id, output = "Sun"
    )),
    previous_response_id = first$response_id, tools = weather,
    steps = '[{"id":"step_1"}]', first_round = FALSE
  )
  names <- event_names(second)

  expect_identical(
    names[1:3],
    c(
      "thread.run.step.completed", "thread.run.queued",
      "thread.run.in_progress"
    )
  )
  expect_identical(names[length(names)], "thread.run.completed")
  expect_match(second$text(), "Sun", fixed = TRUE)
})

test_that("a streamed run resumes after a lost connection", {
  response <- function(status, ...) {
    list(
      id = "resp_1", object = "response", created_at = 5, status = status, ...
    )
  }
  part <- list(type = "output_text", text = "Good day", annotations = list())
  item <- list(
    id = "msg_1", type = "message", status = "completed", role = "assistant",
    content = list(part)
  )
  events <- list(
    list(type = "response.created", response = response("queued")),
    list(type = "response.in_progress", response = response("in_progress")),
    list(
      type = "response.output_text.delta", item_id = "msg_1", delta = "Good"
    ),
    list(
      type = "response.output_text.delta", item_id = "msg_1", delta = " day"
    ),
    list(type = "response.output_item.done", item = item),
    list(
      type = "response.completed",
      response = response("completed", completed_at = 9, output = list(item))
    )
  )
  chunks <- vapply(seq_along(events), function(place) {
    event <- c(events[[place]], sequence_number = place - 1)
    sprintf("data: %s\n\n", jsonlite::toJSON(event, auto_unbox = TRUE))
  }, "")
  # The times of messages depend on how long the test takes.
  read <- function(server) {
    stream <- run_stream(server, input = "Hi")
    read <- list()
    stream$each(function(event) {
      if (event$event != "thread.run.completed") event$completed_at <- NULL
      read[[length(read) + 1]] <<- event
    })
    read
  }
  server <- test_server()
  server$reply(chunks = chunks)
  whole <- read(server)
  expect_identical(whole[[length(whole)]]$completed_at, 9L)
  for (count in seq_len(length(chunks) - 1)) {
    server$reply(chunks = chunks[seq_len(count)], abort = "close")
    server$reply(chunks = chunks[-seq_len(count)])
    expect_identical(read(server), whole)
  }
})

# The events of a run that calls a function and then answers. The server drops
# each connection after `breaks_after` of its events, or never if it is Inf.
events_of_rounds <- function(breaks_after) {
  server <- local_server()
  on.exit(server$stop())
  client <- test_client(server, assistants = "responses", max_retries = 2)
  server$reply_tool("get_weather", list(city = "Rome"))
  server$reply_chat("It is sunny.")
  assistant <- client$assistants$create("m", tools = list(weather_tool))
  thread <- client$threads$create(messages = hello)
  broken <- function(stream) {
    if (is.finite(breaks_after)) server$break_stream(breaks_after)
    read_events(stream())
  }
  first <- broken(function() {
    client$runs$create(thread$id, assistant$id, stream = TRUE)
  })
  run <- first[[length(first)]]
  calls <- run$required_action$submit_tool_outputs$tool_calls
  outputs <- list(list(tool_call_id = calls$id, output = "Sunny"))
  second <- broken(function() {
    client$runs$submit_tool_outputs(thread$id, run$id, outputs, stream = TRUE)
  })
  resumed <- Filter(
    function(it) grepl("starting_after", it$target), server$requests()
  )
  list(
    events = common_form(list(first, second)), resumed = length(resumed)
  )
}

test_that("both rounds of a run resume after any event", {
  whole <- events_of_rounds(Inf)
  expect_identical(whole$resumed, 0L)
  last <- function(round) utils::tail(whole$events[[round]], 1)[[1]]
  expect_identical(last(1)$event, "thread.run.requires_action")
  expect_identical(last(2)$event, "thread.run.completed")

  # Before the first event the client does not know the response's id.
  after <- 1
  repeat {
    broken <- events_of_rounds(after)
    info <- paste("dropped after event", after)
    expect_identical(broken$events, whole$events, info = info)
    # Neither stream has more events than this.
    if (broken$resumed == 0L) break
    after <- after + 1
  }
  expect_gt(after, 10)
})

test_that("a failed run has its error, and its stream is complete", {
  server <- test_server()
  failed <- paste0(
    'data: {"type":"response.failed","response":{"id":"resp_1",',
    '"status":"failed",',
    '"error":{"code":"server_error","message":"Broken."}}}\n\n'
  )
  server$reply(chunks = failed)
  stream <- run_stream(server, input = "Hi")
  run <- stream$message()

  expect_identical(run$status, "failed")
  expect_identical(
    run$last_error, list(code = "server_error", message = "Broken.")
  )
  expect_null(stream$error)
})

test_that("an invalid run is rejected before anything is sent", {
  server <- test_server()
  invalid <- list(list(run = "{"), list(run = "[]"), list(steps = "{}"))
  for (argument in invalid) {
    expect_error(
      do.call(run_stream, c(list(server), argument)), "as_run",
      class = "openai_argument_error"
    )
  }
  expect_length(server$requests(), 0)
})
