# Runs, which are background responses.

create_run <- function(world, ids, fields) {
  and_then(prepare_run(world, ids$thread_id, fields), function(run) {
    made <- world$perform("responses.create", list(), response_request(run))
    and_then(made, function(response) {
      run <- started_run(run, response$id, response$created_at)
      run_of(note_response(world, run, response))
    })
  })
}

# The entry of a run that can begin; it has no id yet.
prepare_run <- function(world, thread_id, fields) {
  assistant <- check_run_fields(world, fields)
  and_then(check_unlocked(world, thread_id), function(...) {
    added <- add_messages(world, thread_id, fields$additional_messages)
    and_then(added, function(...) {
      resources <- thread_entry(world, thread_id)$tool_resources
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

create_thread_and_run <- function(world, ids, fields) {
  and_then(make_run_thread(world, fields), function(made) {
    create_run(world, list(thread_id = made$thread$id), made$fields)
  })
}

# list(thread = , fields = ): the thread created with a run, and the fields of
# the run.
make_run_thread <- function(world, fields) {
  of_run <- fields[names(fields) != "thread"]
  check_run_fields(world, of_run)
  new_thread <- fields[["thread"]] %||% list()
  check_thread(new_thread)
  of_run <- kept_resources(world, of_run)
  and_then(of_run, function(of_run) {
    thread <- create_thread(world, list(), new_thread)
    and_then(thread, function(it) list(thread = it, fields = of_run))
  })
}

retrieve_run <- function(world, ids, fields) {
  and_then(current_run(world, ids), run_of)
}

update_run <- function(world, ids, fields) {
  check_known_fields(fields, "metadata")
  and_then(current_run(world, ids), function(run) {
    run_of(world$registry$put("runs", with_fields(run, fields)))
  })
}

list_runs <- function(world, ids, fields) {
  query <- page_query(fields, world$pages)
  # Only the server knows whether the thread exists.
  and_then(retrieve_thread(world, ids, list()), function(...) {
    and_then(settle_thread(world, ids$thread_id), function(...) {
      all <- of_thread(world, "runs", ids$thread_id)
      page_of_all(lapply(all, run_of), query)
    })
  })
}

# A cancelled run is reported once as cancelling before it is cancelled.
cancel_run <- function(world, ids, fields) {
  and_then(current_run(world, ids), function(run) {
    if (run$status %in% c(ended_run, "cancelling")) {
      abort_as_server(
        400, "Cannot cancel run with status '", run$status, "'."
      )
    }
    if (run$status == "requires_action") {
      run$status <- "cancelling"
      run$is_waiting_cancelled <- TRUE
      return(run_of(world$registry$put("runs", run)))
    }
    last <- run$chain[[length(run$chain)]]
    cancelled <- world$perform("responses.cancel", list(response_id = last))
    and_then(cancelled, function(response) {
      run$is_cancelling <- TRUE
      run$status <- "cancelling"
      run_of(world$registry$put("runs", run))
    })
  })
}

submit_tool_outputs <- function(world, ids, fields) {
  and_then(prepare_round(world, ids, fields), function(round) {
    request <- response_request(round$run, round$input)
    made <- world$perform("responses.create", list(), request)
    and_then(made, function(response) {
      run_of(note_response(
        world, next_round(round$run, response$id), response
      ))
    })
  })
}

# list(run = , input = ): a run that waits for these outputs.
prepare_round <- function(world, ids, fields) {
  check_known_fields(fields, "tool_outputs")
  and_then(current_run(world, ids), function(run) {
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
