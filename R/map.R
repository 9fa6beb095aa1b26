# A map: one request for each of many prompts, the same but for its prompt.

# `fields` are those of a request, among them `field`, where the prompt stands:
# `read(prompts)` gives its value for each prompt, NULL for one that is missing.
# `then` makes of an answer what is returned for it, `missing` stands for the
# answer to a missing prompt, `is_unusable` tells which kept answers are asked
# for again, and `answer` is the form of the values.
map_task <- function(path, field, fields, read, then, missing, is_unusable,
                     answer = "json") {
  request <- api_request("POST", path)
  request$body <- body_as_sent(fields, request$path)
  request$is_ready <- TRUE
  list(
    request = request, field = field, read = read, then = then,
    missing = missing, is_unusable = is_unusable, answer = answer
  )
}

# A request for each prompt; NULL for one that is missing. What they have in
# common was made ready once.
map_requests <- function(task, prompts) {
  request <- task$request
  lapply(task$read(prompts), function(value) {
    if (!is.null(value)) {
      request$body[[task$field]] <- value
      request
    }
  })
}

# Sends them; `settings` are from `parallel_settings()`, `workers` is who does.
run_map <- function(task, prompts, settings, ask_again, config, call,
                    asynchronous, workers = NULL) {
  check_flag(ask_again, "ask_again")
  engine <- worker_engine(workers)
  if (!is.null(engine)) {
    settings$workers <- list(engine = engine, field = task$field)
  }
  run <- if (is.null(settings$batch_size)) run_parallel else run_batches
  run(
    config, map_requests(task, prompts), settings,
    then = task$then, call = call, asynchronous = asynchronous,
    missing = task$missing, finish = warn_parsed_elements,
    ask_again = if (ask_again) task$is_unusable,
    answer = task$answer
  )
}

# The fields of a map, checked.
map_fields <- function(fields) {
  check_fields(fields)
  if ("stream" %in% names(fields)) {
    abort_argument("`stream` is not for `$map()`, which waits for answers.")
  }
  fields
}
