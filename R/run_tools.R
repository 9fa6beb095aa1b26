# The loop of `$run_tools()`: asks, calls what the model wants called, asks
# again.

# `ask(so_far)` gives an answer, or a failed call; `take_turn(answer, so_far)`
# what follows from it: list(over = TRUE, value = ), or list(over = FALSE,
# so_far = ), or a promise of either. `so_far` is what the run came to.
run_tools_loop <- function(ask, so_far, take_turn) {
  repeat {
    turn <- take_turn(keeping(so_far, ask(so_far)), so_far)
    if (inherits(turn, "promise")) {
      abort_argument(
        "A tool returned a promise, which only `$run_tools_async()` awaits."
      )
    }
    if (turn$over) {
      return(turn$value)
    }
    so_far <- turn$so_far
  }
}

# The same as a promise, where `ask(so_far)` gives one.
run_tools_promise <- function(ask, so_far, take_turn) {
  proceed <- function(so_far) {
    promises::then(
      ask(so_far),
      onFulfilled = function(answer) {
        turn <- promises::promise_resolve(take_turn(answer, so_far))
        promises::then(turn, function(turn) {
          if (turn$over) turn$value else proceed(turn$so_far)
        })
      },
      onRejected = function(condition) keeping(so_far, stop(condition))
    )
  }
  proceed(so_far)
}

# Does what the answer of a chat wants: calls tools, or ends the run with a
# value.
take_chat_turn <- function(answer, so_far, tools, max_rounds, show) {
  if (isFALSE(answer$success)) {
    return(list(over = TRUE, value = c(answer, so_far)))
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
    return(list(over = TRUE, value = c(answer, so_far)))
  }
  outputs <- if (is.null(old_call)) {
    lapply(calls, tool_message, tools, show)
  } else {
    list(function_message(old_call, tools, show))
  }
  awaited(outputs, function(outputs) {
    so_far$messages <- c(so_far$messages, outputs)
    if (so_far$rounds >= max_rounds) {
      abort_rounds(c(so_far, list(all_resp = answer$all_resp)), "messages")
    }
    list(over = FALSE, so_far = so_far)
  })
}

# A message whose calls can be answered and sent back: servers that leave ids
# out take them, and all want an object as arguments.
called_by_id <- function(message, round) {
  if (is.null(message)) {
    return(NULL)
  }
  if (!is_string(message$role)) {
    message <- c(role = "assistant", message[names(message) != "role"])
  }
  message$tool_calls <- calls_of(message)
  for (place in seq_along(message$tool_calls)) {
    call <- message$tool_calls[[place]]
    if (!is_string(call$id) || !nzchar(call$id)) {
      call$id <- paste0("call_", round, "_", place)
    }
    if (!is.null(call$`function`)) {
      call$`function`$arguments <- sent_arguments(call$`function`$arguments)
    }
    message$tool_calls[[place]] <- call
  }
  with_content(message)
}

# The calls of a message, each a list of fields; NULL where there is no such
# field. What is no call cannot be answered.
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
          "The model called a tool by ", json_in_words(call),
          ", which is no call."
        )
      )))
    }
  }
  if (!is.null(message$tool_calls)) Filter(Negate(is.null), calls)
}

# The sum of two usages: of each number of tokens, those inside of lists, too.
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

# `so_far` is what the run came to, in which `name` can be continued.
abort_rounds <- function(so_far, name) {
  rounds <- so_far$rounds
  stop(openai_condition(c(
    list(
      kind = "rounds",
      message = paste0(
        "The model still calls tools after ", rounds, " round",
        if (rounds > 1) "s", ": go on with the `", name, "` of this ",
        "condition, or allow more `max_rounds`."
      )
    ),
    so_far
  )))
}

# An error of `code` takes along what the run came to.
keeping <- function(so_far, code) {
  tryCatch(code, openai_error = function(condition) {
    condition[names(so_far)] <- so_far
    stop(condition)
  })
}

check_run <- function(tools, n, max_rounds) {
  check_wrapped(tools)
  if (!is.list(tools) || !length(tools_by_name(tools))) {
    abort_argument("`tools` must hold at least one tool that tool() made.")
  }
  if (!identical(as.double(n), 1)) {
    abort_argument("`n` must be 1 where tools are run, not ", describe(n), ".")
  }
  check_number(max_rounds, "max_rounds", from = 1)
}

# What shows calls of tools, if anything does.
shown_by <- function(echo) {
  if (echo) show_line else function(...) NULL
}

# Shows what a tool was called with, or what it gave, on one line.
show_line <- function(...) {
  line <- gsub("[[:space:]]+", " ", paste0(...))
  width <- getOption("width")
  cut <- nchar(line) > width
  cat(if (cut) paste0(substr(line, 1L, width - 3L), "...") else line, "\n",
    sep = ""
  )
}
