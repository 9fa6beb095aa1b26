# One tool call: the model's arguments, the function, and the message with its
# result.

# The message that replies to a call. Errors are reported to the model, which
# can then correct itself. A list whose `content` is a promise if the function
# returned one.
tool_message <- function(call, tools, show) {
  content <- if (is.null(call$`function`)) {
    paste0(
      "Error: This is a call of type ", describe(call$type), " (",
      describe(call$custom$name %||% call$name), "), which no R function ",
      "handles; call one of the functions ", in_backticks(names(tools)), "."
    )
  } else {
    output_of_call(call$`function`, call$id, tools, show)
  }
  list(role = "tool", tool_call_id = call$id, content = content)
}

# The message that replies to a `function_call`, the form that preceded tools
# (https://platform.openai.com/docs/api-reference/chat/object).
function_message <- function(call, tools, show) {
  content <- output_of_call(call, call$name, tools, show)
  list(role = "function", name = call$name, content = content)
}

# The result of a call, as `tool_output()` returns it, or a promise of it.
# `show` gets the events of the call `id`, see R/tool_events.R.
output_of_call <- function(call, id, tools, show) {
  report_event <- function(event, ...) {
    show(list(event = event, call = id, tool = call$name, ...))
  }
  report_result <- function(output, failed = FALSE) {
    report_event("tool_result", output = output, failed = failed)
    output
  }
  report_failure <- function(e) {
    report_result(paste("Error:", conditionMessage(e)), failed = TRUE)
  }
  report_event("tool_call", arguments = call$arguments)
  tryCatch(
    {
      value <- within_tool_span(
        call$name, id, call_tool(call$name, call$arguments, tools)
      )
      if (inherits(value, "promise")) {
        promises::then(
          value,
          onFulfilled = function(value) report_result(tool_output(value)),
          onRejected = report_failure
        )
      } else {
        report_result(tool_output(value))
      }
    },
    error = report_failure
  )
}

# Continues with `outputs` once all promises among their contents are resolved.
awaited <- function(outputs, proceed) {
  contents <- lapply(outputs, `[[`, "content")
  if (!any(vapply(contents, inherits, NA, what = "promise"))) {
    return(proceed(outputs))
  }
  promises::then(promises::promise_all(.list = contents), function(contents) {
    proceed(Map(function(output, content) {
      output$content <- content
      output
    }, outputs, contents))
  })
}

call_tool <- function(name, arguments, tools) {
  tool <- if (is_string(name)) tools[[name]]
  if (is.null(tool)) {
    stop(
      "There is no tool ", describe(name), "; the tools are ",
      in_backticks(names(tools)), "."
    )
  }
  given <- read_arguments(arguments)
  check_known_arguments(given, tool)
  values <- fit_value(given, tool$parameters)
  do.call(tool$fn, Filter(Negate(is.null), values), quote = TRUE)
}

# Whether the model sent no arguments, in one of the forms that servers use.
has_no_arguments <- function(arguments) {
  !is_string(arguments) || trimws(arguments) %in% c("", "null", "[]", "{}")
}

# The arguments in a form that servers accept.
sent_arguments <- function(arguments) {
  if (has_no_arguments(arguments)) "{}" else arguments
}

# Parses the arguments of a call. Because a model wrote them, a code block
# around them and literal line breaks and tabs in their strings are accepted.
read_arguments <- function(arguments) {
  if (has_no_arguments(arguments)) {
    return(unwrap(json_read("{}")))
  }
  text <- json_block(arguments) %||% arguments
  outcome <- json_read(text)
  if (!is.null(outcome$error)) {
    escaped <- json_read(with_escapes(text))
    outcome <- if (is.null(escaped$error)) escaped else outcome
  }
  unwrap(outcome)
}

# JSON text with line breaks and tabs in its strings escaped.
with_escapes <- function(text) {
  strings <- gregexpr("(?s)\"(?:[^\"\\\\]|\\\\.)*\"", text, perl = TRUE)
  found <- regmatches(text, strings)[[1]]
  for (escape in list(c("\n", "\\n"), c("\r", "\\r"), c("\t", "\\t"))) {
    found <- gsub(escape[[1]], escape[[2]], found, fixed = TRUE)
  }
  regmatches(text, strings) <- list(found)
  text
}

# Tells a model that misnames an argument which arguments there are.
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
