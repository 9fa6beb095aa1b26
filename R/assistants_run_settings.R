# The settings of a run: fields of the Assistants API, of the assistant and of
# the run, and the request for a response with them.

run_fields <- c(
  "assistant_id", "model", "instructions", "additional_instructions",
  "additional_messages", "tools", "metadata", "temperature", "top_p",
  "max_prompt_tokens", "max_completion_tokens", "truncation_strategy",
  "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort",
  "include", "tool_resources"
)

# The fields that an assistant may set.
set_by_assistants <- c(
  "model", "instructions", "tools", "temperature", "top_p", "response_format",
  "reasoning_effort"
)

# The settings of a run: those of the run and of its assistant.
run_settings <- function(entry, fields, tool_resources) {
  of_assistant <- entry$assistant[
    intersect(unlist(entry$given), set_by_assistants)
  ]
  fields <- Filter(Negate(is.null), fields)
  settings <- with_fields(of_assistant, fields[names(fields) != "assistant_id"])
  if (!is.null(fields$additional_instructions)) {
    settings$instructions <- paste(
      c(settings$instructions, fields$additional_instructions),
      collapse = "\n"
    )
  }
  settings$tool_resources <- joined_resources(
    fields$tool_resources %||% entry$assistant$tool_resources, tool_resources
  )
  settings[setdiff(names(settings), c(
    "additional_instructions", "additional_messages", "metadata", "include"
  ))]
}

# Checks the fields of a run before anything is sent; returns the entry of its
# assistant.
check_run_fields <- function(context, fields) {
  check_known_fields(fields, run_fields)
  check_emulated(fields)
  check_settings(fields)
  check_new_messages(fields$additional_messages, "additional_messages")
  if (is.null(fields$assistant_id)) abort_missing("assistant_id")
  stored_assistant(context, fields$assistant_id)
}

check_emulated <- function(fields) {
  strategy <- fields$truncation_strategy
  if (!is.null(strategy$last_messages) ||
    identical(strategy$type, "last_messages")) {
    abort_not_emulated(
      "A run on only the last messages of a thread (`truncation_strategy`)",
      paste0(
        "send the wanted messages as `input` of ",
        "client$responses$create()"
      )
    )
  }
  if (!is.null(fields$max_prompt_tokens)) {
    abort_not_emulated(
      "A limit on the prompt (`max_prompt_tokens`)",
      paste0(
        "count it with client$responses$input_tokens$count(), or remove the ",
        "limit"
      )
    )
  }
}

# The files of an assistant and of a thread.
joined_resources <- function(one, other) {
  joined <- function(tool, ids) {
    as.list(unique(unlist(c(one[[tool]][[ids]], other[[tool]][[ids]]))))
  }
  list(
    file_ids = joined("code_interpreter", "file_ids"),
    vector_store_ids = joined("file_search", "vector_store_ids")
  )
}

# Minimum value of `max_output_tokens`
# (https://platform.openai.com/docs/api-reference/responses/create).
min_output_tokens <- 16

# The fields of a request for a response: those of its first round, and the
# remaining tokens.
response_request <- function(run, input = NULL) {
  settings <- run$settings
  left <- settings$max_completion_tokens
  if (!is.null(left)) {
    used <- run[["usage"]]$completion_tokens %||% 0
    left <- max(left - used, min_output_tokens)
  }
  tools <- lapply(settings$tools, responses_tool, settings$tool_resources)
  tools <- Filter(Negate(is.null), tools)
  Filter(Negate(is.null), list(
    model = settings$model,
    conversation = as_conversation_id(run$thread_id),
    input = input,
    instructions = settings$instructions,
    tools = if (length(tools)) tools,
    tool_choice = responses_tool_choice(settings$tool_choice),
    parallel_tool_calls = settings$parallel_tool_calls,
    temperature = settings$temperature, top_p = settings$top_p,
    text = responses_text(settings$response_format),
    reasoning = if (!is.null(settings$reasoning_effort)) {
      list(effort = settings$reasoning_effort)
    },
    max_output_tokens = left, truncation = "auto",
    include = shown_of_tools, metadata = run$metadata,
    background = TRUE, store = TRUE
  ))
}

# What responses only contain if it is requested.
shown_of_tools <- list(
  "file_search_call.results", "code_interpreter_call.outputs"
)

# A tool in the shape of responses; NULL for a search without vector stores. The
# old default of functions was not strict; today's is strict.
responses_tool <- function(tool, resources) {
  switch(tool$type,
    "function" = c(
      list(type = "function"),
      with_fields(list(strict = FALSE), tool[["function"]])
    ),
    file_search = if (length(resources$vector_store_ids)) {
      c(
        list(
          type = "file_search", vector_store_ids = resources$vector_store_ids
        ),
        tool$file_search
      )
    },
    code_interpreter = list(
      type = "code_interpreter",
      container = filled_fields(
        type = "auto",
        file_ids = if (length(resources$file_ids)) resources$file_ids
      )
    ),
    tool
  )
}

responses_tool_choice <- function(choice) {
  if (is.list(choice) && !is.null(choice[["function"]])) {
    list(type = "function", name = choice[["function"]]$name)
  } else {
    choice
  }
}

responses_text <- function(format) {
  if (is.null(format) || is_string(format)) {
    return(NULL)
  }
  schema <- format$json_schema
  list(format = if (is.null(schema)) {
    format
  } else {
    c(list(type = format$type), schema)
  })
}
