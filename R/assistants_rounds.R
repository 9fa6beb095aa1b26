# The progress of runs. A run is a chain of responses, one for each round of its
# tools; its entry in the registry is its last known state.

# How long a run may wait for its tools, in seconds by the clock of this
# machine.
max_wait_for_tools <- 600L

# The current entry of a run.
current_run <- function(context, ids) {
  run <- known_run(context, ids)
  and_then(run, function(run) refresh_run(context, run))
}

# The entry of a run. For a run of another session, it is created from its
# response.
known_run <- function(context, ids) {
  run <- context$registry$get("runs", ids$run_id)
  if (!is.null(run)) {
    if (!identical(run$thread_id, ids$thread_id)) {
      abort_unknown_object("run", ids$run_id)
    }
    return(run)
  }
  # The response of a deleted thread may still exist.
  thread <- context$perform("conversations.retrieve", conversation_ids(ids))
  found <- and_then(thread, function(...) {
    context$perform("responses.retrieve", response_ids(ids$run_id))
  })
  and_then(found, function(response) {
    of <- as_thread_id(response$conversation$id %||% "")
    if (of != ids$thread_id) {
      abort_unknown_object("run", ids$run_id)
    }
    run_of_another_session(ids, response)
  })
}

run_of_another_session <- function(ids, response) {
  list(
    id = ids$run_id, thread_id = ids$thread_id, assistant_id = NULL,
    created_at = response$created_at, status = "queued",
    expires_at = response$created_at + max_wait_for_tools,
    waits_until = now_in_seconds() + max_wait_for_tools,
    chain = list(response$id), metadata = response$metadata,
    settings = Filter(Negate(is.null), list(
      model = response$model, instructions = response$instructions,
      tools = lapply(response$tools, old_tool),
      temperature = response$temperature, top_p = response$top_p,
      tool_choice = response$tool_choice,
      parallel_tool_calls = response$parallel_tool_calls,
      max_completion_tokens = response$max_output_tokens
    ))
  )
}

old_tool <- function(tool) {
  if (identical(tool$type, "function")) {
    list(type = "function", `function` = tool[names(tool) != "type"])
  } else {
    tool["type"]
  }
}

refresh_run <- function(context, run) {
  if (run$status %in% ended_run) {
    return(run)
  }
  if (run$status == "requires_action") {
    return(if (now_in_seconds() >= run$waits_until) {
      end_waiting_run(context, run, "expired")
    } else {
      run
    })
  }
  if (isTRUE(run$is_waiting_cancelled)) {
    run$is_waiting_cancelled <- NULL
    return(end_waiting_run(context, run, "cancelled"))
  }
  last <- run$chain[[length(run$chain)]]
  found <- unless_deleted(function() {
    context$perform("responses.retrieve", list(response_id = last))
  })
  and_then(found, function(response) {
    if (is.null(response)) {
      # The server does not store responses forever.
      run$status <- "expired"
      context$registry$save("runs", run)
    } else {
      note_response(context, run, response)
    }
  })
}

# The value of `call()`; NULL if the server does not know the id.
unless_deleted <- function(call) {
  or_else(call, function(e) {
    if (inherits(e, "openai_not_found_error")) NULL else stop(e)
  })
}

# Records the state of a run in its response, and the messages it created.
note_response <- function(context, run, response) {
  run <- run_after(run, response)
  if (run$status %in% c(ended_run, "requires_action")) {
    for (item in Filter(is_thread_message, response$output)) {
      keep_code_files(context, item)
      known <- context$registry$get("messages", item$id)
      context$registry$save("messages", with_fields(known %||% list(), list(
        id = item$id, thread_id = run$thread_id, run_id = run$id,
        assistant_id = run$assistant_id, created_at = response$created_at,
        ended_at = response$completed_at, reason = message_reason(run)
      )))
    }
  }
  context$registry$save("runs", run)
}

# Why a message is incomplete.
message_reason <- function(run) {
  switch(run$status,
    incomplete = if (
      identical(run$incomplete_details$reason, "content_filter")
    ) {
      "content_filter"
    } else {
      "max_tokens"
    },
    cancelled = "run_cancelled",
    expired = "run_expired",
    failed = "run_failed"
  )
}

# Ends a run that waits for its tools, and removes its unanswered calls, which
# would block the conversation.
end_waiting_run <- function(context, run, status) {
  deleted <- in_sequence(run$open_items, function(id) {
    ids <- c(conversation_ids(run), list(item_id = id))
    unless_deleted(function() {
      context$perform("conversations.items.delete", ids)
    })
  })
  and_then(deleted, function(...) {
    run$status <- status
    if (status == "cancelled") run$cancelled_at <- now_in_seconds()
    context$registry$save("runs", run)
  })
}

# Updates those of the runs that had not finished; returns a list of their
# entries.
settle_runs <- function(context, runs) {
  open <- Filter(function(run) !run$status %in% ended_run, runs)
  in_sequence(open, function(run) refresh_run(context, run))
}

settle_thread <- function(context, thread_id) {
  settle_runs(context, of_thread(context, "runs", thread_id))
}

# Rejects what a thread does not allow while a run is active.
check_unlocked <- function(context, thread_id, adds_message = FALSE) {
  and_then(settle_thread(context, thread_id), function(runs) {
    active <- Find(function(run) !run$status %in% ended_run, runs)
    if (is.null(active)) {
      return(invisible())
    }
    if (adds_message) {
      abort_as_server(
        400, "Can't add messages to ", thread_id, " while a run ", active$id,
        " is active."
      )
    }
    abort_as_server(
      400, "Thread ", thread_id, " already has an active run ", active$id, "."
    )
  })
}

response_ids <- function(run_id) {
  list(response_id = as_response_id(run_id))
}
