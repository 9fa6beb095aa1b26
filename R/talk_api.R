# The API of a conversation: chat completions, whose messages it keeps, or
# responses, whose items it keeps.

# `state_field` is the field of `so_far` with the conversation so far (see
# R/run_tools.R); `fields(system, schema)` returns fields of each request;
# `open(client, messages, model, <fields>)` opens the stream of an answer,
# `answer(stream)` returns that answer, and `take_turn` the next step;
# `compact(client, messages, model, fields, asynchronous)` shortens the
# conversation, like `shorten()` of `compacted_talk()`.
talk_apis <- list(
  chat = list(
    state_field = "messages", is_nested = TRUE,
    fields = function(system, schema) {
      # Without it, streams do not report their usage.
      c(
        given_fields(system = system, response_format = schema),
        list(stream_options = list(include_usage = TRUE))
      )
    },
    open = function(client, ...) client$chat$create(..., stream = TRUE),
    answer = function(stream) with_reply(stream$message(), stream$reply()),
    take_turn = function(...) take_chat_turn(...),
    compact = function(...) summarised_messages(...)
  ),
  responses = list(
    state_field = "items", is_nested = FALSE,
    fields = function(system, schema) {
      given_fields(instructions = system, text = schema)
    },
    open = function(client, ...) client$responses$create(..., stream = TRUE),
    answer = function(stream) stream$message(),
    take_turn = function(...) take_response_turn(..., sends_all = TRUE),
    compact = function(client, messages, model, fields, asynchronous) {
      compacted_items(client, messages, model, asynchronous)
    }
  )
)
