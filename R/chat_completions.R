# Chat completions under their name in openai-python, `client$chat$completions`:
# the methods of `client$chat`, and those of stored completions, which are
# generated from the table of operations.
chat_completions <- R6::R6Class(
  "chat_completions",
  inherit = base_api,
  public = chat$public_methods[c("create", "map", "run_tools")],
  private = chat$private_methods
)
