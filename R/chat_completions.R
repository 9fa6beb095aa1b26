# The chat completions under their name in openai-python:
# `client$chat$completions`. The methods of `client$chat` are included; those of
# stored completions are from the table of operations.
chat_completions <- R6::R6Class(
  "chat_completions",
  inherit = base_api,
  public = chat$public_methods[c("create", "map", "run_tools")],
  private = chat$private_methods
)
