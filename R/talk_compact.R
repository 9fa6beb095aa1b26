# Shortens a conversation.

# The value of `run(so_far)`, a run of answers (R/run_tools.R). If the context
# window of the model is full, the conversation is shortened and the run
# continues: `history()` returns the history (R/talk_history.R), and `shorten()`
# the shorter one, or a promise of it. `name` is the field of `so_far` with the
# conversation.
answer_with_compaction <- function(run, so_far, name, history, shorten) {
  or_else(function() run(so_far), function(condition) {
    if (!can_shorten(history(), condition)) stop(condition)
    so_far <- condition[c(name, "rounds", "total_usage")]
    shorter <- compacted_state(so_far, name, history(), shorten)
    and_then(shorter, function(so_far) {
      answer_with_compaction(run, so_far, name, history, shorten)
    })
  })
}

# Whether a request with a shorter history may succeed.
can_shorten <- function(history, condition) {
  inherits(condition, "openai_context_error") && length(history$starts) > 0L
}

# The state of a run of answers after `shorten()`, or a promise of it.
compacted_state <- function(so_far, name, history, shorten) {
  message("The model's context window is full: shortening the conversation.")
  new <- so_far[[name]][-seq_along(history$messages)]
  and_then(shorten(), function(history) {
    so_far[[name]] <- c(history$messages, new)
    so_far
  })
}

# list(messages = , starts = , usage = ): the shortened conversation, the
# positions of the remaining questions in it, and the usage; or a promise of it.
# `shorten(messages)` returns the shorter form. If the whole exceeds the
# context, the first half of the questions is shortened, and the rest is
# unchanged.
compacted_talk <- function(messages, starts, shorten) {
  whole <- function() {
    and_then(shorten(messages), function(shorter) {
      c(shorter, list(starts = integer()))
    })
  }
  or_else(whole, function(condition) {
    is_too_much <- inherits(condition, "openai_context_error")
    if (!is_too_much || length(starts) < 2L) stop(condition)
    later <- seq_along(starts) > length(starts) %/% 2L
    before <- seq_len(starts[later][[1]] - 1L)
    first <- compacted_talk(messages[before], starts[!later], shorten)
    and_then(first, function(first) {
      moved <- length(first$messages) - length(before)
      list(
        messages = c(first$messages, messages[-before]), usage = first$usage,
        starts = c(first$starts, starts[later] + moved)
      )
    })
  })
}

# Summarises messages with the model.
summarised_messages <- function(client, messages, model, fields, asynchronous) {
  wish <- paste(
    "Summarise our conversation for yourself, so that you can continue without",
    "it. Keep names, numbers, decisions and open questions."
  )
  question <- list(list(role = "user", content = wish))
  create <- if (asynchronous) client$chat$create_async else client$chat$create
  # Some servers require the tools together with messages that call them.
  tools <- fields[["tools"]]
  answer <- do.call(create, c(
    list(c(messages, question), model, system = fields[["system"]]),
    if (length(tools)) list(tools = tools, tool_choice = "none")
  ))
  and_then(answer, function(answer) {
    summary <- answer$text[[1]]
    if (is.na(summary) || !nzchar(summary)) abort_no_summary()
    list(
      messages = list(
        list(role = "user", content = "What did we talk about so far?"),
        list(role = "assistant", content = summary)
      ),
      usage = answer$all_resp$usage
    )
  })
}

# Shortens items with the API's own operation.
compacted_items <- function(client, messages, model, asynchronous) {
  responses <- client$responses
  compact <- if (asynchronous) responses$compact_async else responses$compact
  and_then(compact(model, input = messages), function(answer) {
    if (!length(answer$output)) abort_no_summary()
    list(messages = answer$output, usage = answer$usage)
  })
}

abort_no_summary <- function() {
  stop(openai_condition(list(
    kind = "response", message = paste(
      "The server returned no shorter form of the conversation, which is",
      "unchanged."
    )
  )))
}
