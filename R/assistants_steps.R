# Steps of runs, which are the items created by their responses: a message is
# one step, and consecutive tool calls are one step.

list_steps <- function(context, ids, fields) {
  query <- page_query(fields, context$pages)
  and_then(steps_of(context, ids, fields), function(steps) {
    page_of_all(steps, query)
  })
}

retrieve_step <- function(context, ids, fields) {
  and_then(steps_of(context, ids, fields), function(steps) {
    Find(function(step) step$id == ids$step_id, steps) %||%
      abort_unknown_object("run step", ids$step_id)
  })
}

# The texts found by a search are only included on request.
found_texts <-
  "step_details.tool_calls[*].file_search.results[*].content"

requests_found_texts <- function(fields) {
  found_texts %in% unlist(fields[["include"]])
}

# All steps of a run, oldest first; `query` may request additional content.
steps_of <- function(context, ids, query) {
  shows_found <- requests_found_texts(query)
  and_then(current_run(context, ids), function(run) {
    rounds <- in_sequence(run$chain, function(id) {
      response <- context$perform(
        "responses.retrieve", list(response_id = id),
        list(include = shown_of_tools)
      )
      and_then(response, function(response) {
        steps_of_round(run, response, shows_found)
      })
    })
    and_then(rounds, joined_lists)
  })
}

tool_items <- c("function_call", "file_search_call", "code_interpreter_call")

steps_of_round <- function(run, response, shows_found = FALSE) {
  items <- Filter(function(item) {
    is_thread_message(item) || isTRUE(item$type %in% tool_items)
  }, response$output)
  groups <- grouped_items(items)
  is_last <- seq_along(groups) == length(groups)
  Map(function(group, is_last) {
    step_of(run, response, group, is_last, shows_found)
  }, groups, is_last)
}

# Groups items by step: consecutive tool calls are one step, a message is its
# own step.
grouped_items <- function(items) {
  is_call <- !vapply(items, is_thread_message, NA)
  follows <- is_call & c(FALSE, utils::head(is_call, -1L))
  unname(split(items, cumsum(!follows)))
}

step_of <- function(run, response, items, is_last, shows_found) {
  first <- items[[1]]
  is_whole <- is_whole_step(run, response, items)
  status <- step_status(run, response, items, is_whole)
  time <- response$completed_at %||% response$created_at
  at <- function(wanted) if (status == wanted) time
  list(
    id = paste0("step_", first$id), object = "thread.run.step",
    created_at = response$created_at, run_id = run$id,
    assistant_id = run$assistant_id, thread_id = run$thread_id,
    type = if (is_thread_message(first)) "message_creation" else "tool_calls",
    status = status, cancelled_at = at("cancelled"),
    completed_at = at("completed"), expired_at = at("expired"),
    failed_at = at("failed"),
    last_error = if (response$status == "failed" && !is_whole) {
      old_last_error(response$error)
    },
    step_details = if (is_thread_message(first)) {
      list(
        type = "message_creation",
        message_creation = list(message_id = first$id)
      )
    } else {
      list(
        type = "tool_calls",
        tool_calls = lapply(items, old_tool_call, run, shows_found)
      )
    },
    metadata = empty_object(),
    # The tokens of single steps are unknown.
    usage = if (is_last && status != "in_progress") {
      added_usage(NULL, response$usage)
    }
  )
}

step_status <- function(run, response, items, is_whole) {
  if (is_whole) {
    has_failed <- any(item_statuses(items) == "failed")
    return(if (has_failed) "failed" else "completed")
  }
  if (!run$status %in% ended_run) {
    return("in_progress")
  }
  switch(response$status,
    # Its functions did not return.
    completed = run$status,
    # The step created its message, which is incomplete.
    incomplete = if (is_thread_message(items[[1]])) "completed" else "failed",
    response$status
  )
}

# Whether the items of a step are complete, and functions have returned.
is_whole_step <- function(run, response, items) {
  lacks_output <- vapply(items, function(item) {
    identical(item$type, "function_call") &&
      is.null(run$outputs[[item$call_id]])
  }, NA)
  unfinished <- c(
    "incomplete",
    if (response$status != "completed") {
      c("in_progress", "searching", "interpreting")
    }
  )
  !any(lacks_output) && !any(item_statuses(items) %in% unfinished)
}

item_statuses <- function(items) {
  vapply(items, function(item) item$status %||% "completed", "")
}

old_tool_call <- function(item, run, shows_found) {
  switch(item$type,
    function_call = list(
      id = item$call_id, type = "function",
      `function` = list(
        name = item$name, arguments = item$arguments,
        output = run$outputs[[item$call_id]]
      )
    ),
    file_search_call = list(
      id = item$id, type = "file_search",
      file_search = list(
        ranking_options = ranking_options(run$settings$tools),
        results = lapply(item$results, old_search_result, shows_found)
      )
    ),
    code_interpreter_call = list(
      id = item$id, type = "code_interpreter",
      code_interpreter = list(
        input = item$code,
        outputs = lapply(item$outputs, function(output) {
          if (output$type == "logs") {
            list(type = "logs", logs = output$logs)
          } else {
            list(
              type = "image", image = list(file_id = NULL, url = output$url)
            )
          }
        })
      )
    )
  )
}

# How a search ranked: as its tool was configured, or the API's default.
ranking_options <- function(tools) {
  search <- Find(function(tool) identical(tool$type, "file_search"), tools)
  given <- search$file_search$ranking_options
  list(
    ranker = given$ranker %||% "default_2024_08_21",
    score_threshold = given$score_threshold %||% 0
  )
}

old_search_result <- function(result, shows_found) {
  c(
    list(
      file_id = result$file_id, file_name = result$filename,
      score = result$score
    ),
    if (shows_found) {
      list(content = list(list(type = "text", text = result$text)))
    }
  )
}
