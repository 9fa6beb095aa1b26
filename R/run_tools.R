# The loop of `$run_tools()`: requests an answer, calls the tools that the model
# requests, and repeats.

# `ask(so_far)` returns an answer, or a failed call; `take_turn(answer, so_far)`
# returns the next step: list(over = TRUE, value = ), or list(over = FALSE,
# so_far = ), or a promise of either. `so_far` is the state of the run.
run_tools_loop <- function(ask, so_far, take_turn) {
  within_loop_span(function(active) {
    active(repeat_turns(ask, so_far, take_turn))
  })
}

repeat_turns <- function(ask, so_far, take_turn) {
  repeat {
    turn <- take_turn(keeping(so_far, ask(so_far)), so_far)
    if (inherits(turn, "promise")) {
      abort_argument(
        "A tool returned a promise: use `$run_tools_async()`, which awaits it."
      )
    }
    if (turn$finished) {
      return(turn$value)
    }
    so_far <- turn$so_far
  }
}

# The asynchronous version, for which `ask(so_far)` returns a promise.
run_tools_promise <- function(ask, so_far, take_turn) {
  within_loop_span(function(active) {
    proceed <- function(so_far) {
      promises::then(
        active(ask(so_far)),
        onFulfilled = function(answer) {
          turn <- active(take_turn(answer, so_far))
          promises::then(promises::promise_resolve(turn), function(turn) {
            if (turn$finished) turn$value else proceed(turn$so_far)
          })
        },
        onRejected = function(condition) keeping(so_far, stop(condition))
      )
    }
    proceed(so_far)
  })
}

# Handles the answer of a chat: calls tools, or ends the run with a value.
take_chat_turn <- function(answer, so_far, tools, max_rounds, show) {
  if (isFALSE(answer$success)) {
    return(list(finished = TRUE, value = c(answer, so_far)))
  }
  message <- keeping(so_far, called_by_id(answer$reply, so_far$rounds + 1))
  answer$reply <- NULL
  so_far <- list(
    messages = c(so_far$messages, if (!is.null(message)) list(message)),
    rounds = so_far$rounds + 1,
    total_usage = add_usage(so_far$total_usage, answer$all_resp$usage)
  )
  calls <- message$tool_calls
  old_call <- if (!length(calls)) message$function_call
  if (!length(calls) && is.null(old_call)) {
    return(list(finished = TRUE, value = c(answer, so_far)))
  }
  outputs <- if (is.null(old_call)) {
    lapply(calls, tool_message, tools, show)
  } else {
    list(function_message(old_call, tools, show))
  }
  awaited(outputs, function(outputs) {
    so_far$messages <- c(so_far$messages, chat_outputs(outputs))
    if (so_far$rounds >= max_rounds) {
      abort_rounds(c(so_far, list(all_resp = answer$all_resp)), "messages")
    }
    list(finished = FALSE, so_far = so_far)
  })
}

# A message whose calls can be answered and sent back: adds ids if the server
# omits them, and makes all arguments objects.
called_by_id <- function(message, round) {
  if (is.null(message)) {
    return(NULL)
  }
  if (!is_string(message$role)) {
    message <- c(role = "assistant", message[names(message) != "role"])
  }
  message$tool_calls <- calls_of(message)
  for (index in seq_along(message$tool_calls)) {
    call <- message$tool_calls[[index]]
    if (!is_string(call$id) || !nzchar(call$id)) {
      call$id <- paste0("call_", round, "_", index)
    }
    if (!is.null(call$`function`)) {
      call$`function`$arguments <- sent_arguments(call$`function`$arguments)
    }
    message$tool_calls[[index]] <- call
  }
  with_content(message)
}

# The calls of a message, each a list of fields; NULL if there is no such field.
# Anything that is not a call cannot be answered.
calls_of <- function(message) {
  calls <- message$tool_calls
  calls <- if (is_json_object(calls)) list(calls) else as.list(calls)
  for (call in c(calls, message["function_call"])) {
    is_call <- is.null(call) || is_json_object(call) &&
      (is.null(call$`function`) || is_json_object(call$`function`))
    if (!is_call) {
      stop(openai_condition(list(
        kind = "response",
        message = paste0(
          "The model's tool call cannot be answered: it is ",
          shorten_json(call), ", not a call with a function."
        )
      )))
    }
  }
  if (!is.null(message$tool_calls)) Filter(Negate(is.null), calls)
}

# The sum of two usages: of each token count, also inside nested lists.
add_usage <- function(x, y) {
  if (is.list(x) || is.list(y)) {
    names <- union(names(x), names(y))
    sums <- lapply(names, function(name) add_usage(x[[name]], y[[name]]))
    structure(sums, names = names)
  } else if (is.numeric(x) && is.numeric(y)) {
    x + y
  } else {
    x %||% y
  }
}

# `so_far` is the state of the run; `name` is its field for continuing the run.
abort_rounds <- function(so_far, name) {
  rounds <- so_far$rounds
  stop(openai_condition(c(
    list(
      kind = "rounds",
      message = paste0(
        "The model still calls tools after ", rounds, " round",
        if (rounds > 1) "s", ": continue with the `", name, "` of this ",
        "condition, or increase `max_rounds`."
      )
    ),
    so_far
  )))
}

# Adds the state of the run to an error of `code`.
keeping <- function(so_far, code) {
  tryCatch(code, openai_error = function(condition) {
    condition[names(so_far)] <- so_far
    stop(condition)
  })
}

check_run <- function(tools, n, max_rounds) {
  check_wrapped(tools)
  if (!is.list(tools) || !length(tools_by_name(tools))) {
    abort_argument("`tools` must contain at least one tool created by tool().")
  }
  if (!identical(as.double(n), 1)) {
    abort_argument("`n` must be 1 to run tools, not ", describe(n), ".")
  }
  check_number(max_rounds, "max_rounds", from = 1)
}
