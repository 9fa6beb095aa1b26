# The turns of `responses$run_tools()`.

# Whether each round sends all items again because the server stores none.
sends_all_items <- function(fields) {
  isFALSE(fields[["store"]]) && is.null(fields[["conversation"]])
}

# The fields of the next request, which refer to the previous round.
response_chain <- function(fields, so_far) {
  if (sends_all_items(fields)) {
    # The model needs its reasoning back together with its calls.
    fields[["include"]] <- unique(c(
      unlist(fields[["include"]]), "reasoning.encrypted_content"
    ))
    fields[["include"]] <- I(fields[["include"]])
  } else if (is.null(fields[["conversation"]]) &&
    !is.null(so_far$previous_response_id)) {
    fields[["previous_response_id"]] <- so_far$previous_response_id
  }
  fields
}

# Handles a response: calls the requested functions, or ends the run with a
# value. `so_far$input` is what the next request sends, `so_far$items` the whole
# conversation.
take_response_turn <- function(answer, so_far, tools, max_rounds, show,
                               sends_all) {
  run_fields <- function(so_far) so_far[c("items", "rounds", "total_usage")]
  if (isFALSE(answer$success)) {
    return(list(finished = TRUE, value = c(answer, run_fields(so_far))))
  }
  so_far$items <- c(so_far$items, answer$output)
  so_far$rounds <- so_far$rounds + 1
  usage <- add_usage(so_far$total_usage, answer$usage)
  so_far["total_usage"] <- list(usage)
  so_far$previous_response_id <- answer$id
  calls <- items_of_type(
    answer$output, c("function_call", "custom_tool_call")
  )
  if (length(calls) == 0L) {
    value <- structure(
      c(unclass(answer), run_fields(so_far)),
      class = class(answer)
    )
    return(list(finished = TRUE, value = value))
  }
  awaited(lapply(calls, call_output, tools, show), function(outputs) {
    outputs <- lapply(outputs, output_item)
    so_far$items <- c(so_far$items, outputs)
    so_far$input <- if (sends_all) so_far$items else outputs
    if (so_far$rounds >= max_rounds) {
      abort_rounds(c(run_fields(so_far), list(response = answer)), "items")
    }
    list(finished = FALSE, so_far = so_far)
  })
}

# The output of a call: `content`, as `output_of_call()` returns it, for the
# item that replies to the call.
call_output <- function(call, tools, show) {
  is_custom <- identical(call$type, "custom_tool_call")
  content <- if (is_custom) {
    paste0(
      "Error: This is a call of type \"custom_tool_call\" (",
      describe(call$name), "), which no R function handles; call one of the ",
      "functions ", in_backticks(names(tools)), "."
    )
  } else {
    output_of_call(call, call$call_id, tools, show)
  }
  type <- if (is_custom) "custom_tool_call_output" else "function_call_output"
  list(type = type, call_id = call$call_id, content = content)
}

output_item <- function(output) {
  content <- output$content
  if (!is_string(content)) {
    content <- parts_as_sent(content, is_nested = FALSE)
  }
  list(type = output$type, call_id = output$call_id, output = content)
}
