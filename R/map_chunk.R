# A part of a map as it is sent to a worker and run there.

# What all chunks of a map share: the settings of the client, and the request
# without its prompt, which belongs in `field` after the messages `first`;
# `workers` has these two, and the engine.
chunk_base <- function(config, request, workers, settings) {
  request$body[[workers$field]] <- "..."
  list(
    client = settings_to_send(config, workers$engine$sent_along()),
    request = request, field = workers$field, first = workers$first,
    settings = settings[c("max_active", "max_wait", "stops_at_failure")]
  )
}

# Runs a chunk in a worker and returns `list(texts = , failures = , effort = ,
# debt = , replaced = )`. `texts` are the JSON of the answers, NA if there is
# none; `failures` the conditions of failed requests, NULL for the others;
# `effort` is that of `new_answers()`; `debt` is for how many seconds the
# worker's share of the limits is used up.
#
# `chunk$part` is a file with the answers, from which another worker continues
# if this one dies. It is used if the coordinator's files are visible.
run_chunk <- function(chunk) {
  config <- settings_from(chunk$client)
  requests <- lapply(chunk$values, function(value) {
    chunk$request$body[[chunk$field]] <- c(chunk$first, value)
    chunk$request
  })
  settings <- c(chunk$settings, list(
    rpm = chunk$rpm, tpm = chunk$tpm, debt = chunk$debt,
    occurrences = chunk$occurrences, progress = FALSE, answer = "source",
    journal = if (file.exists(chunk$part)) chunk$part
  ))
  fields <- c(parallel_fields(config, requests, settings$max_wait), settings)
  source <- with_stop(core_source(fields), stop_file(chunk$part))
  run <- suspendInterrupts(ParallelRun$new(
    source, settings, vector("list", length(requests)), seq_along(requests)
  ))
  replaced <- FALSE
  answers <- withCallingHandlers(
    tryCatch(run$wait(), openai_error = function(e) e$results %||% stop(e)),
    openai_text_warning = function(w) {
      replaced <<- TRUE
      tryInvokeRestart("muffleWarning")
    }
  )
  c(
    chunk_answers(answers, client_secrets(config)),
    list(
      effort = request_effort(answers), debt = source$debt(),
      replaced = replaced
    )
  )
}

# An answer that repeats the key stays on the worker.
chunk_answers <- function(answers, secrets) {
  repeats <- function(answer) {
    is_string(answer) &&
      any(vapply(secrets, grepl, NA, answer, fixed = TRUE))
  }
  answers[vapply(answers, repeats, NA)] <- list(openai_condition(list(
    kind = "response",
    message = "The answer repeats the API key and was not sent from the worker."
  )))
  is_text <- vapply(answers, is_string, NA)
  list(
    texts = vapply(answers, function(answer) {
      if (is_string(answer)) answer else NA_character_
    }, ""),
    failures = replace(answers, is_text, list(NULL))
  )
}

# The file with which the coordinator asks the worker of a chunk to stop.
stop_file <- function(part) paste0(part, ".stop")

# A source that checks for that file, a few times per second.
with_stop <- function(source, file) {
  take <- source$take
  source$take <- function(timeout) {
    if (file.exists(file)) source$cancel()
    take(min(timeout, 0.25))
  }
  source
}
