# The loop of `chat$run_tools()`: asks, calls what the model wants called, asks
# again.

# `ask(messages)` gives an answer as `chat$create()` does, or a failed call.
run_tools_loop <- function(ask, messages, tools, max_rounds, show) {
  so_far <- list(messages = messages, rounds = 0, total_usage = NULL)
  repeat {
    answer <- keeping(so_far, ask(so_far$messages))
    turn <- take_turn(answer, so_far, tools, max_rounds, show)
    if (turn$over) {
      return(turn$value)
    }
    so_far <- turn$so_far
  }
}

# The same as a promise, where `ask(messages)` gives one.
run_tools_promise <- function(ask, messages, tools, max_rounds, show) {
  proceed <- function(so_far) {
    promises::then(
      ask(so_far$messages),
      onFulfilled = function(answer) {
        turn <- take_turn(answer, so_far, tools, max_rounds, show)
        if (turn$over) turn$value else proceed(turn$so_far)
      },
      onRejected = function(condition) keeping(so_far, stop(condition))
    )
  }
  proceed(list(messages = messages, rounds = 0, total_usage = NULL))
}

# Does what an answer wants: calls tools, or ends the run with a value. `so_far`
# is what the run came to before: messages, rounds and total usage.
take_turn <- function(answer, so_far, tools, max_rounds, show) {
  ends <- function() list(over = TRUE, value = c(answer, so_far))
  if (isFALSE(answer$success)) {
    return(ends())
  }
  message <- answered_message(answer$vres)
  so_far <- list(
    messages = c(so_far$messages, if (!is.null(message)) list(message)),
    rounds = so_far$rounds + 1,
    total_usage = add_usage(so_far$total_usage, answer$all_resp$usage)
  )
  if (!length(message$tool_calls)) {
    return(ends())
  }
  outputs <- lapply(message$tool_calls, answer_tool_call, tools, show)
  so_far$messages <- c(so_far$messages, outputs)
  if (so_far$rounds >= max_rounds) {
    abort_rounds(answer, so_far)
  }
  list(over = FALSE, so_far = so_far)
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

abort_rounds <- function(answer, so_far) {
  rounds <- so_far$rounds
  stop(openai_condition(c(
    list(
      kind = "rounds",
      message = paste0(
        "The model still calls tools after ", rounds, " round",
        if (rounds > 1) "s", ": go on with the `messages` of this condition, ",
        "or allow more `max_rounds`."
      )
    ),
    so_far, list(all_resp = answer$all_resp)
  )))
}

# An error of `code` takes along what the run came to.
keeping <- function(so_far, code) {
  tryCatch(code, openai_error = function(condition) {
    condition[names(so_far)] <- so_far
    stop(condition)
  })
}

# The message that answers a call of a tool. What goes wrong is told to the
# model, which can do better then.
answer_tool_call <- function(call, tools, show) {
  wanted <- call$`function`
  show("> ", wanted$name, "(", wanted$arguments, ")")
  content <- tryCatch(
    tool_output(call_tool(wanted$name, wanted$arguments, tools)),
    error = function(e) paste("Error:", conditionMessage(e))
  )
  show("< ", content)
  list(role = "tool", tool_call_id = call$id, content = content)
}

call_tool <- function(name, arguments, tools) {
  tool <- if (is_string(name)) tools[[name]]
  if (is.null(tool)) {
    stop("There is no tool ", describe(name), " to call.")
  }
  # Some servers send nothing where there are no arguments.
  given <- if (is_string(arguments) && nzchar(arguments)) arguments else "{}"
  given <- unwrap(json_read(given))
  check_known_arguments(given, tool)
  values <- fit_value(given, tool$parameters)
  do.call(tool$fn, Filter(Negate(is.null), values), quote = TRUE)
}

# A model that errs in an argument's name is told which there are.
check_known_arguments <- function(given, tool) {
  known <- names(tool$parameters$properties)
  unknown <- setdiff(names(given), known)
  if (length(unknown)) {
    stop(
      "`", unknown[[1]], "` is not an argument of ", tool$name, "(); ",
      if (length(known)) {
        paste("its arguments are", in_backticks(known))
      } else {
        "it has no arguments"
      },
      "."
    )
  }
}

# What a tool returned, as text.
tool_output <- function(value) {
  if (is_string(value)) {
    as.vector(unclass(value))
  } else {
    unwrap(json_write(value))
  }
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

# Shows what a tool was called with, or what it gave, on one line.
show_line <- function(...) {
  line <- gsub("[[:space:]]+", " ", paste0(...))
  width <- getOption("width")
  cut <- nchar(line) > width
  cat(if (cut) paste0(substr(line, 1L, width - 3L), "...") else line, "\n",
    sep = ""
  )
}
