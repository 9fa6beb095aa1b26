# The chat completions under the name that openai-python gives them:
# `client$chat$completions`. The methods of `client$chat` are there, too; those
# of stored completions come from the table of operations.
chat_completions <- R6::R6Class(
  "chat_completions",
  inherit = base_api,
  public = chat$public_methods[c("create", "map", "run_tools")],
  private = chat$private_methods
)
