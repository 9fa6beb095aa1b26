# Runs, which are background responses.

create_run <- function(context, ids, fields) {
  and_then(prepare_run(context, ids$thread_id, fields), function(run) {
    created <- context$perform(
      "responses.create", list(), response_request(run)
    )
    and_then(created, function(response) {
      run <- started_run(run, response$id, response$created_at)
      run_of(note_response(context, run, response))
    })
  })
}

# The entry of a run that can begin; it has no id yet.
prepare_run <- function(context, thread_id, fields) {
  assistant <- check_run_fields(context, fields)
  and_then(check_unlocked(context, thread_id), function(...) {
    added <- add_messages(context, thread_id, fields$additional_messages)
    and_then(added, function(...) {
      resources <- thread_entry(context, thread_id)$tool_resources
      list(
        thread_id = thread_id, assistant_id = assistant$id, status = "queued",
        waits_until = now_in_seconds() + max_wait_for_tools,
        metadata = fields$metadata,
        settings = run_settings(assistant, fields, resources)
      )
    })
  })
}

# The same once its first response has been created.
started_run <- function(run, response_id, created_at) {
  c(
    list(
      id = as_run_id(response_id), chain = list(response_id),
      created_at = created_at
    ),
    run
  )
}

create_thread_and_run <- function(context, ids, fields) {
  and_then(make_run_thread(context, fields), function(created) {
    create_run(context, list(thread_id = created$thread$id), created$fields)
  })
}

# list(thread = , fields = ): the thread created with a run, and the fields of
# the run.
make_run_thread <- function(context, fields) {
  of_run <- fields[names(fields) != "thread"]
  check_run_fields(context, of_run)
  new_thread <- fields[["thread"]] %||% list()
  check_thread(new_thread)
  of_run <- stored_resources(context, of_run)
  and_then(of_run, function(of_run) {
    thread <- create_thread(context, list(), new_thread)
    and_then(thread, function(it) list(thread = it, fields = of_run))
  })
}

retrieve_run <- function(context, ids, fields) {
  and_then(current_run(context, ids), run_of)
}

update_run <- function(context, ids, fields) {
  check_known_fields(fields, "metadata")
  and_then(current_run(context, ids), function(run) {
    run_of(context$registry$save("runs", with_fields(run, fields)))
  })
}

list_runs <- function(context, ids, fields) {
  query <- page_query(fields, context$pages)
  # Only the server knows whether the thread exists.
  and_then(retrieve_thread(context, ids, list()), function(...) {
    and_then(settle_thread(context, ids$thread_id), function(...) {
      all <- of_thread(context, "runs", ids$thread_id)
      page_of_all(lapply(all, run_of), query)
    })
  })
}

# A cancelled run is reported once as cancelling before it is cancelled.
cancel_run <- function(context, ids, fields) {
  and_then(current_run(context, ids), function(run) {
    if (run$status %in% c(ended_run, "cancelling")) {
      abort_as_server(
        400, "Cannot cancel run with status '", run$status, "'."
      )
    }
    if (run$status == "requires_action") {
      run$status <- "cancelling"
      run$is_waiting_cancelled <- TRUE
      return(run_of(context$registry$save("runs", run)))
    }
    last <- run$chain[[length(run$chain)]]
    cancelled <- context$perform("responses.cancel", list(response_id = last))
    and_then(cancelled, function(response) {
      run$is_cancelling <- TRUE
      run$status <- "cancelling"
      run_of(context$registry$save("runs", run))
    })
  })
}

submit_tool_outputs <- function(context, ids, fields) {
  and_then(prepare_round(context, ids, fields), function(round) {
    request <- response_request(round$run, round$input)
    created <- context$perform("responses.create", list(), request)
    and_then(created, function(response) {
      run_of(note_response(
        context, next_round(round$run, response$id), response
      ))
    })
  })
}

# list(run = , input = ): a run that waits for these outputs.
prepare_round <- function(context, ids, fields) {
  check_known_fields(fields, "tool_outputs")
  and_then(current_run(context, ids), function(run) {
    if (run$status != "requires_action") {
      abort_as_server(
        400, "Runs in status \"", run$status, "\" do not accept tool outputs."
      )
    }
    outputs <- fields$tool_outputs
    given <- vapply(outputs, function(it) it$tool_call_id %||% "", "")
    wanted <- vapply(run$calls, `[[`, "", "call_id")
    if (!setequal(given, wanted)) {
      quoted <- function(ids) {
        paste0("[", paste0("'", ids, "'", collapse = ", "), "]")
      }
      abort_as_server(
        400, "Expected tool outputs for call_ids ", quoted(wanted), ", got ",
        quoted(given)
      )
    }
    texts <- lapply(outputs, function(it) it$output %||% "")
    run$outputs <- with_fields(
      run$outputs %||% list(), structure(texts, names = given)
    )
    input <- Map(function(id, text) {
      list(type = "function_call_output", call_id = id, output = text)
    }, given, texts)
    list(run = run, input = unname(input))
  })
}

# Adds a response to a run.
next_round <- function(run, response_id) {
  run$chain <- c(run$chain, list(response_id))
  run$usage_before <- run$usage
  run$status <- "queued"
  run$calls <- list()
  run
}
