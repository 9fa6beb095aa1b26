# A run in the shape of the API, from its entry in the registry.

run_of <- function(run) {
  settings <- run$settings
  is_finished <- run$status %in% ended_run
  list(
    id = run$id, object = "thread.run", created_at = run$created_at,
    assistant_id = run$assistant_id, thread_id = run$thread_id,
    status = run$status,
    required_action = if (!is_finished && length(run$calls)) {
      required_action(run$calls)
    },
    last_error = run$last_error,
    expires_at = if (!is_finished || run$status == "expired") run$expires_at,
    started_at = run$started_at, cancelled_at = run$cancelled_at,
    failed_at = run$failed_at, completed_at = run$completed_at,
    incomplete_details = run$incomplete_details,
    metadata = run$metadata %||% empty_object(),
    usage = if (is_finished) run$usage,
    model = settings$model, instructions = settings$instructions,
    tools = settings$tools %||% list(),
    temperature = settings$temperature %||% 1, top_p = settings$top_p %||% 1,
    response_format = settings$response_format %||% "auto",
    max_prompt_tokens = NULL,
    max_completion_tokens = settings$max_completion_tokens,
    truncation_strategy = list(type = "auto", last_messages = NULL),
    tool_choice = settings$tool_choice %||% "auto",
    parallel_tool_calls = settings$parallel_tool_calls %||% TRUE
  )
}

# The states of a run that has ended.
ended_run <- c("completed", "failed", "cancelled", "incomplete", "expired")

required_action <- function(calls) {
  list(
    type = "submit_tool_outputs",
    submit_tool_outputs = list(tool_calls = lapply(calls, function(call) {
      list(
        id = call$call_id, type = "function",
        `function` = list(name = call$name, arguments = call$arguments)
      )
    }))
  )
}

# Updates a run from its last response.
run_after <- function(run, response) {
  calls <- Filter(
    function(item) identical(item$type, "function_call"), response$output
  )
  status <- response$status
  if (status == "completed" && length(calls)) {
    status <- "requires_action"
  } else if (isTRUE(run$is_cancelling) && !status %in% ended_run) {
    status <- "cancelling"
  }
  run$status <- status
  run$created_at <- run$created_at %||% response$created_at
  run$expires_at <- run$expires_at %||%
    (run$created_at + max_wait_for_tools)
  # A run that ended before it created anything may have been queued.
  if (response$status %in% c("in_progress", "completed") ||
    length(response$output)) {
    run$started_at <- run$started_at %||% run$created_at
  }
  run$calls <- lapply(calls, `[`, c("id", "call_id", "name", "arguments"))
  run$open_items <- if (length(calls)) open_items(response$output)
  run$usage <- added_usage(run$usage_before, response$usage)
  finish_run(run, response)
}

# The ids of the items that cannot stay in a conversation without the outputs of
# their calls: the calls, and the reasoning that led to them.
open_items <- function(output) {
  types <- vapply(output, function(item) item$type %||% "", "")
  lapply(output[types %in% c("function_call", "reasoning")], `[[`, "id")
}

finish_run <- function(run, response) {
  switch(run$status,
    completed = {
      run$completed_at <- response$completed_at %||% now_in_seconds()
    },
    failed = {
      run$failed_at <- now_in_seconds()
      run$last_error <- old_last_error(response$error)
    },
    cancelled = {
      run$cancelled_at <- now_in_seconds()
    },
    incomplete = {
      reason <- response$incomplete_details$reason
      run$incomplete_details <- list(
        reason = if (identical(reason, "max_output_tokens")) {
          "max_completion_tokens"
        } else {
          reason
        }
      )
    }
  )
  run
}

# The error of a response as that of a run. Responses have more error codes: one
# that runs lack becomes part of the message.
old_last_error <- function(error) {
  known <- c("server_error", "rate_limit_exceeded", "invalid_prompt")
  code <- error$code %||% ""
  message <- error$message %||% ""
  if (!code %in% c(known, "")) {
    message <- trimws(paste0(message, " (", code, ")"))
  }
  list(
    code = if (code %in% known) code else "server_error", message = message
  )
}

# The tokens of all rounds of a run; those of the rounds before if the last one
# reports none.
added_usage <- function(before, usage) {
  if (is.null(usage)) {
    return(before)
  }
  sum_of <- function(old, new) {
    as.integer((before[[old]] %||% 0) + (usage[[new]] %||% 0))
  }
  list(
    prompt_tokens = sum_of("prompt_tokens", "input_tokens"),
    completion_tokens = sum_of("completion_tokens", "output_tokens"),
    total_tokens = sum_of("total_tokens", "total_tokens")
  )
}
