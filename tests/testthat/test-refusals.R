# Messages of servers that refuse the name or the value of a field. The texts
# are those of bug reports, with the server that sent them.

refusal <- function(message, param = NULL) {
  list(message = message, param = param)
}

# The field, the message and the `param` of the error.
refused_names <- list(
  # OpenAI
  list("max_tokens", paste(
    "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "Use 'max_completion_tokens' instead."
  ), "max_tokens"),
  list("parallel_tool_calls", paste(
    "Unsupported parameter: 'parallel_tool_calls' is not supported with this",
    "model."
  ), "parallel_tool_calls"),
  list("max_completion_tokens", paste(
    "Unrecognized request argument supplied: max_completion_tokens"
  )),
  list("n", "Unknown parameter: 'n'.", "n"),
  # Groq
  list("store", "property 'store' is unsupported, did you mean 'stop'?"),
  list("reasoning", paste(
    "'messages.2' : for 'role:assistant' the following must be",
    "satisfied[('messages.2' : property 'reasoning' is unsupported, did you",
    "mean 'role'?)]"
  )),
  # Fireworks
  list(
    "stream_options",
    "Extra inputs are not permitted, field: 'stream_options'"
  ),
  list("refusal", paste(
    "Extra inputs are not permitted, field: 'messages[2].refusal', value: None"
  )),
  # vLLM
  list("stream_options", paste0(
    "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': ",
    "'Extra inputs are not permitted', 'input': {}}]"
  )),
  # Mistral, as first_problem() returns it
  list("refusal", paste(
    "body.messages.1.assistant.refusal: Extra inputs are not permitted"
  )),
  # Databricks
  list(
    "stream_options", "Bad request: json: unknown field \"stream_options\"\n"
  ),
  # DeepSeek, whose parser lists the known fields
  list("max_completion_tokens", paste(
    "Failed to deserialize the JSON body: unknown field",
    "`max_completion_tokens`, expected one of `messages`, `model`, `max_tokens`"
  )),
  # Gemini
  list("n", paste(
    "Invalid JSON payload received. Unknown name \"n\": Cannot find field."
  )),
  list("strict", paste(
    "Invalid JSON payload received. Unknown name \"strict\" at",
    "'tools[0].function': Cannot find field."
  )),
  # Libraries behind servers
  list("n", "create() got an unexpected keyword argument 'n'"),
  list("strict", paste(
    "tools.0.function.strict: Extra inputs are not permitted"
  )),
  list("strict", paste(
    "Additional properties are not allowed ('strict' was unexpected)"
  )),
  list("parallel_tool_calls", "parallel_tool_calls is not supported"),
  # LiteLLM
  list("parallel_tool_calls", paste(
    "litellm.UnsupportedParamsError: openai does not support parameters:",
    "['parallel_tool_calls'], for model=m. To drop these, set",
    "`litellm.drop_params=True`"
  )),
  # Cerebras
  list("store", "body.store: property 'body.store' is unsupported"),
  # Bedrock
  list("strict", paste(
    "Malformed input request: #: extraneous key [strict] is not permitted,",
    "please reformat your input and try again."
  )),
  # OpenAI, for a message that is sent back with its parsed value
  list("parsed", "Unknown parameter: 'messages[1].parsed'.")
)

refused_values <- list(
  # OpenAI
  list("max_completion_tokens", paste(
    "Invalid 'max_completion_tokens': integer below minimum value. Expected a",
    "value >= 16, but got 10 instead."
  ), "max_completion_tokens"),
  list("max_completion_tokens", paste(
    "Could not finish the message because max_tokens or model output limit was",
    "reached. Please try again with higher max_completion_tokens."
  )),
  list("max_tokens", paste(
    "max_tokens is too large: 100000. This model supports at most 16384",
    "completion tokens, whereas you provided 100000."
  ), "max_tokens"),
  list("max_tokens", "1789 is less than the minimum of 1 - 'max_tokens'"),
  list("parallel_tool_calls", paste(
    "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only",
    "allowed when 'tools' are specified."
  ), "parallel_tool_calls"),
  list("stream_options", paste(
    "The 'stream_options' parameter is only allowed when 'stream' is enabled."
  ), "stream_options"),
  list("max_completion_tokens", paste(
    "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not",
    "supported."
  )),
  list("n", paste(
    "Unsupported value: 'n' does not support 2 with this model. Only the",
    "default (1) value is supported."
  ), "n"),
  # Groq
  list("max_completion_tokens", paste(
    "`max_completion_tokens` must be less than or equal to `8192`, the maximum",
    "value for `max_completion_tokens` is less than the `context_window` for",
    "this model"
  )),
  list("n", "'n' : number must be at most 1"),
  # vLLM
  list("max_completion_tokens", paste(
    "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's",
    "maximum context length is 4096 tokens and your request has 12 input",
    "tokens (5000 > 4096 - 12)."
  )),
  list("max_tokens", "max_tokens must be at least 1, got -160."),
  # DeepSeek
  list("max_tokens", paste(
    "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"
  )),
  # Libraries behind servers
  list("n", "Unexpected value for 'n': 0"),
  list("max_completion_tokens", paste(
    "body.max_completion_tokens: Input should be a valid integer, got a number",
    "with a fractional part"
  )),
  # Names that are suggested, or that are elsewhere in the message
  list("n", "property 'm' is unsupported, did you mean 'n'?"),
  list("n", "unknown field `m`, expected one of `n`, `model`"),
  list("n", "Unknown parameter: 'nn'."),
  list("n", "The model doesn't support n-grams that are unknown."),
  list("store", "Unknown model: the store has none of this name."),
  list("strict", "This model is not supported in strict mode."),
  list("max_completion_tokens", paste(
    "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "Use 'max_completion_tokens' instead."
  ), "max_tokens")
)

rejects_name <- function(case) {
  rejects_field(
    refusal(case[[2]], if (length(case) > 2) case[[3]]), case[[1]]
  )
}

test_that("a refused name is distinguished from a refused value", {
  for (case in refused_names) {
    expect_true(rejects_name(case), label = case[[2]])
  }
  for (case in refused_values) {
    expect_false(rejects_name(case), label = case[[2]])
  }
})

test_that("an unknown role is distinguished from other errors of roles", {
  unknown <- c(
    "messages[0].role: unknown variant `developer`, expected one of `system`",
    "developer is not one of ['system', 'user'] - 'messages.[6].role'",
    "Input tag 'developer' found using 'role' does not match any of the tags",
    "chat template rejected the request: Unexpected message role.",
    "invalid role 'developer', must be one of: system, user, assistant, tool",
    "[1214] Incorrect role information",
    "Input should be 'system', 'user', 'assistant', or 'tool'"
  )
  other <- c(
    "Conversation roles must alternate user/assistant/user/assistant/...",
    "System role not supported",
    "The developer of this app has no credit left."
  )
  for (message in unknown) expect_true(rejects_developer_role(refusal(message)))
  for (message in other) expect_false(rejects_developer_role(refusal(message)))
})

test_that("an error of a template that refuses roles is recognised", {
  no_system <- c(
    # vLLM, SGLang and llama.cpp, from the template of Gemma 2
    "System role not supported",
    "Error: Jinja Exception: System role not supported",
    # OpenAI
    paste(
      "Unsupported value: 'messages[0].role' does not support 'system' with",
      "this model."
    ),
    # Gemini
    "Developer instruction is not enabled for models/gemma-3-27b-it"
  )
  turns <- c(
    # llama.cpp, from the templates of Gemma 3, Devstral and Qwen 3.5
    paste0(
      "\n------------\nWhile executing CallExpression at line 19, column 27:\n",
      "Error: Jinja Exception: Conversation roles must alternate ",
      "user/assistant/user/assistant/..."
    ),
    paste(
      "After the optional system message, conversation roles must alternate",
      "user and assistant roles except for tool calls and results."
    ),
    "System message must be at the beginning."
  )
  other <- c(
    "The system is not supported on weekends.", "Unexpected message role.",
    "The server had an error while processing your request."
  )
  for (message in no_system) {
    expect_true(rejects_system_role(refusal(message)), label = message)
  }
  for (message in turns) {
    expect_true(requires_alternating_roles(refusal(message)))
  }
  for (message in c(turns, other)) {
    expect_false(rejects_system_role(refusal(message)), label = message)
  }
  for (message in c(no_system, other)) {
    expect_false(requires_alternating_roles(refusal(message)), label = message)
  }
})

test_that("an unknown response format is distinguished from a wrong schema", {
  unknown <- c(
    "This response_format type is unavailable now",
    "This model does not support response format `json_schema`.",
    "Invalid value: 'json_schema'. Supported for response_format is 'text'"
  )
  other <- c(
    "Invalid schema for response_format 'a': 'required' is missing",
    "The model is unavailable"
  )
  for (message in unknown) {
    expect_true(rejects_json_schema(refusal(message)), label = message)
  }
  for (message in other) {
    expect_false(rejects_json_schema(refusal(message)), label = message)
  }
})
