# Streams of runs, which are streams of responses; the core converts their
# events to those of runs (rust/core/src/stream/as_run).

# Opens the stream of an operation for `api`, the private environment of a
# resource.
emulate_stream <- function(api, operation, ids, fields, verbosity, num) {
  prepared <- prepare_stream(api, operation, ids, fields, verbosity)
  and_then(prepared, function(prepared) {
    today <- api$variant(headers = NULL)
    today$stream(
      "responses", prepared$request, num, "run", verbosity,
      as_run = prepared$as_run, on_start = prepared$on_start,
      otherwise = retry_while_locked(today, prepared, verbosity)
    )
  })
}

# Returns a function that opens the prepared stream.
opening_of <- function(today, prepared, verbosity) {
  open <- today$opening("POST", "responses", NULL, verbosity, list(
    kind = "run", as_run = prepared$as_run
  ))
  function() open(body_as_sent(prepared$request, "responses"))
}

# Returns a function that opens it again after an error while its conversation
# is locked; the pauses are those of when_unlocked().
retry_while_locked <- function(today, prepared, verbosity) {
  open <- opening_of(today, prepared, verbosity)
  pauses <- pauses_of_lock
  function(record) {
    if (identical(record$code, "conversation_locked") && length(pauses)) {
      Sys.sleep(pauses[[1]])
      pauses <<- pauses[-1]
      open()
    }
  }
}

# The stream of a server that may have the Assistants API; if the server replies
# that it does not, an emulated stream replaces it.
stream_of_server <- function(api, operation, ids, fields, verbosity, num, ...) {
  fallback <- new.env(parent = emptyenv())
  otherwise <- function(record) {
    if (!is.null(fallback$retry)) {
      fallback$retry(record)
    } else if (detects_shutdown(api$config, record)) {
      today <- api$variant(headers = NULL, asynchronous = FALSE)
      prepared <- prepare_stream(today, operation, ids, fields, verbosity)
      fallback$on_start <- prepared$on_start
      fallback$retry <- retry_while_locked(today, prepared, verbosity)
      opening_of(today, prepared, verbosity)()
    }
  }
  api$perform(
    operation, ids, fields, verbosity,
    stream = TRUE, num = num, ..., otherwise = otherwise,
    on_start = function(response_id) {
      if (!is.null(fallback$on_start)) fallback$on_start(response_id)
    }
  )
}

# list(request = , as_run = , begun = ): the request, what the core needs to
# convert its events, and what to do when the response is known.
prepare_stream <- function(api, operation, ids, fields, verbosity) {
  context <- new_context(api, verbosity, pages = 1)
  or_else(function() {
    fields <- fields_as_sent(operation, ids, fields)
    switch(operation$verb,
      create = and_then(
        prepare_run(context, ids$thread_id, fields),
        function(run) {
          first_round(context, run, shows_found = requests_found_texts(fields))
        }
      ),
      create_and_run = and_then(
        make_run_thread(context, fields),
        function(created) {
          run <- prepare_run(context, created$thread$id, created$fields)
          and_then(run, function(run) first_round(context, run, created$thread))
        }
      ),
      submit_tool_outputs = and_then(
        prepare_round(context, ids, fields),
        function(round) later_round(context, round)
      )
    )
  }, function(e) abort_as_before(e, ids))
}

first_round <- function(context, run, thread = NULL, shows_found = FALSE) {
  list(
    request = c(response_request(run), stream = TRUE),
    as_run = list(
      run = api_json(run_of(run)),
      thread = if (!is.null(thread)) api_json(thread),
      first_round = TRUE, found_texts = shows_found
    ),
    # The response says when it began.
    on_start = function(response_id) {
      context$registry$save("runs", started_run(run, response_id, NULL))
    }
  )
}

# The round of a run whose functions returned; the steps that called them end.
later_round <- function(context, round) {
  run <- round$run
  last <- context$perform(
    "responses.retrieve", list(response_id = run$chain[[length(run$chain)]])
  )
  and_then(last, function(response) {
    called <- Filter(function(step) {
      identical(step$step_details$tool_calls[[1]]$type, "function")
    }, steps_of_round(run, response))
    shown <- run_of(run)
    shown["usage"] <- list(run$usage)
    list(
      request = c(response_request(run, round$input), stream = TRUE),
      as_run = list(
        run = api_json(shown), steps = api_json(called),
        first_round = FALSE
      ),
      on_start = function(response_id) {
        context$registry$save("runs", next_round(run, response_id))
      }
    )
  })
}
