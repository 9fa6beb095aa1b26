# The loop of `chat$run_tools()`: asks, calls what the model wants called, asks
# again.

# `ask(messages)` gives an answer as `chat$create()` does, or a failed call.
run_tools_loop <- function(ask, messages, tools, max_rounds, show) {
  round <- 0
  repeat {
    round <- round + 1
    answer <- keeping(messages, round - 1, ask(messages))
    turn <- take_turn(answer, messages, round, tools, max_rounds, show)
    if (turn$over) {
      return(turn$value)
    }
    messages <- turn$messages
  }
}

# The same as a promise, where `ask(messages)` gives one.
run_tools_promise <- function(ask, messages, tools, max_rounds, show,
                              round = 1) {
  promises::then(
    ask(messages),
    onFulfilled = function(answer) {
      turn <- take_turn(answer, messages, round, tools, max_rounds, show)
      if (turn$over) {
        return(turn$value)
      }
      run_tools_promise(
        ask, turn$messages, tools, max_rounds, show, round + 1
      )
    },
    onRejected = function(condition) {
      keeping(messages, round - 1, stop(condition))
    }
  )
}

# Does what an answer wants: calls tools, or ends the run with a value.
take_turn <- function(answer, messages, round, tools, max_rounds, show) {
  ends <- function(rounds) {
    result <- c(answer, list(messages = messages, rounds = rounds))
    list(over = TRUE, value = result)
  }
  if (isFALSE(answer$success)) {
    return(ends(round - 1))
  }
  message <- answered_message(answer$vres)
  messages <- c(messages, if (!is.null(message)) list(message))
  if (!length(message$tool_calls)) {
    return(ends(round))
  }
  outputs <- lapply(message$tool_calls, answer_tool_call, tools, show)
  messages <- c(messages, outputs)
  if (round >= max_rounds) {
    abort_rounds(answer, messages, round)
  }
  list(over = FALSE, messages = messages)
}

abort_rounds <- function(answer, messages, rounds) {
  stop(openai_condition(list(
    kind = "rounds",
    message = paste0(
      "The model still calls tools after ", rounds, " round",
      if (rounds > 1) "s", ": go on with the `messages` of this condition, ",
      "or allow more `max_rounds`."
    ),
    messages = messages, rounds = rounds, all_resp = answer$all_resp
  )))
}

# An error of `code` takes the conversation along.
keeping <- function(messages, rounds, code) {
  tryCatch(code, openai_error = function(condition) {
    condition$messages <- messages
    condition$rounds <- rounds
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
  values <- fit_value(unwrap(json_read(given)), tool$parameters)
  do.call(tool$fn, Filter(Negate(is.null), values), quote = TRUE)
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
  if (!length(tools_by_name(tools))) {
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
