# Models that call R functions: the responses that a server returns.

# A message that calls tools; `...` are the JSON arguments, named by the tool.
model_calls <- function(...) {
  calls <- list(...)
  list(role = "assistant", content = NULL, tool_calls = unname(Map(
    function(name, arguments, place) {
      list(
        id = paste0("call_", place), type = "function",
        `function` = list(name = name, arguments = arguments)
      )
    },
    names(calls), calls, seq_along(calls)
  )))
}

# A tool named "slow" that returns a promise; `$finish(value)` resolves it.
slow_tool <- function() {
  finish <- NULL
  list(
    tool = tool(
      function() {
        promises::promise(function(resolve, reject) finish <<- resolve)
      },
      "Takes long.",
      name = "slow"
    ),
    is_called = function() !is.null(finish),
    finish = function(value) finish(value)
  )
}

# A message with a text.
model_says <- function(text) list(role = "assistant", content = text)

# A server whose model answers with these messages, one per request.
scripted_model <- function(..., env = parent.frame()) {
  server <- test_server(env = env)
  for (message in list(...)) {
    finish <- if (is.null(message$tool_calls)) "stop" else "tool_calls"
    choice <- list(index = 0, finish_reason = finish, message = message)
    server$reply(body = as.character(jsonlite::toJSON(
      list(id = "x", choices = list(choice)), auto_unbox = TRUE, null = "null"
    )))
  }
  server
}

# Queues a message as a stream, with its text and arguments in two deltas.
reply_streamed <- function(server, message) {
  event <- function(delta, finish_reason = NULL) {
    paste0("data: ", jsonlite::toJSON(
      list(id = "x", choices = list(list(
        index = 0, delta = delta, finish_reason = finish_reason
      ))),
      auto_unbox = TRUE, null = "null"
    ), "\n\n")
  }
  halves <- function(text) {
    middle <- nchar(text) %/% 2
    c(substr(text, 1, middle), substr(text, middle + 1, nchar(text)))
  }
  call_events <- function(place) {
    call <- message$tool_calls[[place]]
    halves <- halves(call$`function`$arguments)
    call$`function`$arguments <- halves[[1]]
    rest <- list(
      index = place - 1, `function` = list(arguments = halves[[2]])
    )
    c(
      event(list(tool_calls = list(c(list(index = place - 1), call)))),
      event(list(tool_calls = list(rest)))
    )
  }
  calls <- length(message$tool_calls)
  server$reply(chunks = c(
    event(list(role = "assistant", content = if (calls) NULL else "")),
    if (!calls) lapply(halves(message$content), function(text) {
      event(list(content = text))
    }),
    unlist(lapply(seq_len(calls), call_events)),
    event(
      structure(list(), names = character()),
      if (calls) "tool_calls" else "stop"
    ),
    "data: [DONE]\n\n"
  ))
}

# Runs one call of `fn` with these arguments and returns the tool output that
# the model receives.
tool_output_of <- function(fn, json, arguments = list(), strict = TRUE,
                           name = "f") {
  call <- do.call(model_calls, structure(list(json), names = name))
  server <- scripted_model(call, model_says("Done."))
  tools <- list(tool(fn, "A tool.", arguments, name = "f", strict = strict))
  test_client(server)$chat$run_tools(hello, "m", tools)
  sent_messages(server)[[2]][[3]]$content
}

add_tool <- tool(
  function(x, y = 1L) x + y, "Adds.",
  list(x = integer(), y = type_integer(required = FALSE)),
  name = "add"
)
