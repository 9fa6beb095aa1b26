# OpenTelemetry spans, if package otel is installed and a tracer is active.
# Otherwise nothing is recorded.

# The name of this package's tracer, for package otel.
otel_tracer_name <- "openaistream"

spans <- new.env(parent = emptyenv())

# Whether spans are recorded. This runs for each call, so whether otel is
# installed is only checked once per session.
is_tracing <- function() {
  if (is.null(spans$has_otel)) {
    spans$has_otel <- requireNamespace("otel", quietly = TRUE)
  }
  spans$has_otel && otel::is_tracing_enabled(otel_tracer_name)
}

# Starts a span with the parent `parent`, or the active span. Both of its clocks
# start at `started`, so a span can be recorded after the fact.
start_span <- function(name, attributes, kind = "client", parent = NULL,
                       started = Sys.time()) {
  otel::start_span(
    name,
    attributes = Filter(length, attributes),
    options = list(
      kind = kind, parent = parent,
      start_system_time = started, start_steady_time = started
    ),
    tracer = otel_tracer_name
  )
}

# Ends a span at a time, with additional attributes and, for an error, its type
# and message:
# https://opentelemetry.io/docs/specs/semconv/general/recording-errors
end_span <- function(span, attributes = list(), error_type = NULL,
                     message = NULL, at = Sys.time()) {
  attributes <- Filter(length, c(attributes, list(error.type = error_type)))
  for (name in names(attributes)) {
    span$set_attribute(name, attributes[[name]])
  }
  if (!is.null(error_type)) {
    span$set_status("error", message)
  }
  span$end(list(end_steady_time = at))
}

# The value of `code(active)` within a span; if it is a promise, the span ends
# when the promise is settled. `active(code)` evaluates code while the span is
# active, so that it becomes the parent of other spans.
within_span <- function(name, attributes, code) {
  if (!is_tracing()) {
    return(code(identity))
  }
  span <- start_span(name, attributes, kind = "internal")
  failed <- function(e) {
    end_span(span, error_type = class(e)[[1]], message = conditionMessage(e))
    stop(e)
  }
  over <- function(value) {
    end_span(span)
    value
  }
  # An interrupt ends it, too.
  value <- NULL
  on.exit(if (!inherits(value, "promise")) end_span(span))
  value <- tryCatch(
    code(function(code) otel::with_active_span(span, code)),
    error = failed
  )
  if (inherits(value, "promise")) {
    promises::then(value, onFulfilled = over, onRejected = failed)
  } else {
    over(value)
  }
}

# The value of `code`, which runs a tool that the model called, within its span.
within_tool_span <- function(name, id, code) {
  within_span(
    paste(c("execute_tool", if (is_string(name)) name), collapse = " "),
    list(
      gen_ai.operation.name = "execute_tool", gen_ai.tool.type = "function",
      gen_ai.tool.name = if (is_string(name)) name,
      gen_ai.tool.call.id = if (is_string(id)) id
    ),
    function(active) active(code)
  )
}

# The same for a loop of answers and tools, for `code(active)`.
within_loop_span <- function(code) {
  within_span(
    "invoke_agent", list(gen_ai.operation.name = "invoke_agent"), code
  )
}
