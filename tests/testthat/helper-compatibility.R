# Servers that need other requests than OpenAI.

refuse <- function(server, message, status = 400, param = NULL, times = 1) {
  error <- list(message = message, type = "invalid_request_error")
  error$param <- param
  server$reply(
    status = status, times = times,
    body = jsonlite::toJSON(list(error = error), auto_unbox = TRUE)
  )
}

# Error messages of servers for requests that they reject (and their `param`),
# by the setting that the client must detect.
refusals <- list(
  no_n = list(
    list("Unsupported parameter: 'n'.", "n"),
    list("body.n: Extra inputs are not permitted", NULL),
    list("property `n` is unsupported", NULL),
    list("Unrecognized request argument: n", NULL)
  ),
  max_tokens = list(
    list("Unknown field: max_completion_tokens", NULL),
    list("body.max_completion_tokens: Extra inputs are not permitted", NULL)
  ),
  max_completion_tokens = list(list(
    paste(
      "Unsupported parameter: 'max_tokens' is not supported with this model.",
      "Use 'max_completion_tokens' instead."
    ),
    "max_tokens"
  )),
  empty_content = list(
    list("Invalid type for messages[1].content: expected a string, got null"),
    list("messages.1.content: Input should be a valid string", NULL)
  ),
  system_role = list(list("Unexpected message role.")),
  plain_messages = list(
    list("'messages.2' : property 'reasoning' is unsupported"),
    list("body.messages.1.assistant.reasoning: Extra inputs are not permitted")
  ),
  no_stream_options = list(
    list("Bad request: json: unknown field \"stream_options\""),
    list("Extra inputs are not permitted, field: 'stream_options'")
  ),
  no_strict = list(list("Unknown name \"strict\" at 'tools[0].function'.")),
  no_store = list(list("property 'store' is unsupported")),
  no_parallel_tool_calls = list(list(
    "Unsupported parameter: 'parallel_tool_calls' is not supported.",
    "parallel_tool_calls"
  ))
)

# Creates a chat whose body the setting changes.
create_chat <- function(client, setting, ...) {
  call <- list(id = "1", type = "function", `function` = list(
    name = "f", arguments = "{}"
  ))
  messages <- list(
    list(role = "developer", content = "a"),
    list(
      role = "assistant", content = NULL, reasoning = "b",
      tool_calls = list(call)
    ),
    list(role = "tool", tool_call_id = "1", content = "b")
  )
  arguments <- switch(setting,
    max_tokens = list(max_completion_tokens = 5),
    max_completion_tokens = list(max_tokens = 5),
    no_stream_options = list(stream_options = list(include_usage = TRUE)),
    no_strict = list(
      tools = list(tool(function(x) x, "Same.", x = type_number(), name = "f")),
      response_format = list(type = "json_schema", json_schema = list(
        name = "a", strict = TRUE, schema = list(type = "object")
      ))
    ),
    no_store = list(store = FALSE),
    no_parallel_tool_calls = list(parallel_tool_calls = TRUE)
  )
  do.call(client$chat$create, c(list(messages, "m"), arguments, list(...)))
}

expect_adapted <- function(body, setting) {
  switch(setting,
    no_n = expect_null(body$n),
    max_tokens = {
      expect_identical(body$max_tokens, 5L)
      expect_null(body$max_completion_tokens)
    },
    max_completion_tokens = {
      expect_identical(body$max_completion_tokens, 5L)
      expect_null(body$max_tokens)
    },
    empty_content = expect_identical(body$messages[[2]]$content, ""),
    system_role = expect_identical(body$messages[[1]]$role, "system"),
    plain_messages = {
      expect_named(body$messages[[2]], c("role", "content", "tool_calls"))
    },
    no_stream_options = expect_null(body$stream_options),
    no_strict = {
      expect_named(
        body$tools[[1]]$`function`, c("name", "description", "parameters")
      )
      expect_null(body$response_format$json_schema$strict)
    },
    no_store = expect_false("store" %in% names(body)),
    no_parallel_tool_calls = expect_null(body$parallel_tool_calls)
  )
}
