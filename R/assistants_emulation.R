# Emulates the operations of the Assistants API, which OpenAI shut down, with
# responses and conversations: threads are conversations, runs are background
# responses, and what the API no longer stores is in a registry.
#
# Each operation is a function of `context`, the path arguments and the fields
# of the body or query, as plain lists. It returns the plain list that the API
# would have returned, or a promise of it. A context has
#
# perform    a function that performs an operation of today's API by its name
# registry   see assistants_registry.R
# pages      how many pages of a list to return
# is_async   whether operations return promises

emulator_of <- function(operation) {
  switch(sub("^beta[.]", "", operation$name),
    assistants.create = create_assistant,
    assistants.retrieve = retrieve_assistant,
    assistants.update = update_assistant,
    assistants.delete = delete_assistant,
    assistants.list = list_assistants,
    assistants.files.create = create_assistant_file,
    assistants.files.retrieve = retrieve_assistant_file,
    assistants.files.delete = delete_assistant_file,
    assistants.files.list = list_assistant_files,
    threads.create = create_thread,
    threads.retrieve = retrieve_thread,
    threads.update = update_thread,
    threads.delete = delete_thread,
    threads.messages.create = create_message,
    threads.messages.retrieve = retrieve_message,
    threads.messages.update = update_message,
    threads.messages.delete = delete_message,
    threads.messages.list = list_messages,
    threads.messages.files.retrieve = retrieve_message_file,
    threads.messages.files.list = list_message_files,
    threads.create_and_run = create_thread_and_run,
    threads.runs.create = create_run,
    threads.runs.retrieve = retrieve_run,
    threads.runs.update = update_run,
    threads.runs.list = list_runs,
    threads.runs.cancel = cancel_run,
    threads.runs.submit_tool_outputs = submit_tool_outputs,
    threads.runs.steps.list = list_steps,
    threads.runs.steps.retrieve = retrieve_step
  )
}

# Performs an operation of the Assistants API for `api`, the private environment
# of a resource: on the server if it still has the API, else emulated.
perform_for_assistants <- function(api, operation, ids = list(),
                                   fields = list(), verbosity = 0,
                                   stream = FALSE, num = 2, pages = 1,
                                   is_new = TRUE, ...) {
  performer <- assistants_performer(api$config)
  if (performer == "api" || !is_verbosity(verbosity)) {
    return(api$perform(
      operation, ids, fields, verbosity, stream, num, pages,
      is_new = is_new, ...
    ))
  }
  check_flag(stream, "stream")
  is_asked <- performer == "unknown"
  emulate <- function() {
    emulate_operation(api, operation, ids, fields, verbosity, pages)
  }
  ask_server <- function() {
    api$variant(raises = TRUE)$perform(
      operation, ids, fields, verbosity,
      pages = pages, ...
    )
  }
  call <- function() {
    if (stream) {
      open <- if (is_asked) stream_of_server else emulate_stream
      open(api, operation, ids, fields, verbosity, num)
    } else if (is_asked) {
      or_else(ask_server, function(e) {
        if (detects_shutdown(api$config, e)) emulate() else stop(e)
      })
    } else {
      emulate()
    }
  }
  or_else(call, function(e) {
    if (inherits(e, "openai_argument_error")) stop(e)
    # A caller that requested a stream cannot continue with the list of a failed
    # call.
    api$fail_with(e, is_new || stream)
  })
}

emulate_operation <- function(api, operation, ids, fields, verbosity, pages) {
  check_pages(pages, operation$pages)
  sent <- fields_as_sent(operation, ids, fields)
  context <- new_context(api, verbosity, pages)
  answer <- or_else(
    function() emulator_of(operation)(context, ids, sent),
    function(e) abort_as_before(e, ids)
  )
  and_then(answer, api_value)
}

# The fields of a body or a query as plain lists. As in 0.3.0, requests say
# explicitly that they do not stream.
fields_as_sent <- function(operation, ids, fields) {
  fields <- fields[names(fields) != "stream"]
  request <- operation_request(operation, ids, fields)
  body <- if (!is.null(request$body)) {
    plain_body(body_as_sent(request$body, request$path))
  }
  c(body, request$query)
}

new_context <- function(api, verbosity, pages) {
  # The headers of the old API do not apply to today's.
  today <- api$variant(raises = TRUE, headers = NULL)
  list(
    perform = function(name, ids = list(), fields = list()) {
      fields <- Filter(Negate(is.null), fields)
      when_unlocked(api$asynchronous, function() {
        today$operate(operations[[name]], ids, fields, verbosity)
      })
    },
    registry = assistants_registry(api$config),
    pages = pages,
    is_async = api$asynchronous
  )
}

# The pauses before retrying a locked conversation, in seconds: a conversation
# is locked for a moment after a response has finished.
pauses_of_lock <- c(0.5, 1, 2)

# The value of `call()`, which is retried while a conversation is locked.
when_unlocked <- function(asynchronous, call, pauses = pauses_of_lock) {
  or_else(call, function(e) {
    if (!identical(e$code, "conversation_locked") || length(pauses) == 0L) {
      stop(e)
    }
    and_then(pause_for(pauses[[1]], asynchronous), function(...) {
      when_unlocked(asynchronous, call, pauses[-1])
    })
  })
}
