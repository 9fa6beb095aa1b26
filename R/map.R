# A map: one request for each of many prompts, which differ only in the prompt.

# `fields` are the fields of a request. The prompt is in `field`, after the
# messages `first`: `read(prompts)` returns its value for each prompt, NULL for
# a missing one. `then` converts an answer to the returned value; `missing` is
# the value for a missing prompt; `is_unusable` selects the recorded answers to
# request again; `answer` is the form of the values, and `schema` the
# json_schema() that answers are parsed with.
map_task <- function(path, field, fields, read, then, missing, is_unusable,
                     answer = "json", first = NULL, schema = NULL) {
  request <- api_request("POST", path)
  request$body <- body_as_sent(fields, request$path)
  request$is_ready <- TRUE
  list(
    request = request, field = field, read = read, then = then,
    missing = missing, is_unusable = is_unusable, answer = answer,
    first = first, schema = schema
  )
}

# A request for each prompt; NULL for a missing one. The common part was
# prepared once.
map_requests <- function(task, prompts) {
  lapply(task$read(prompts), request_of_prompt, task)
}

# `value` is the prompt as `task$read()` returns it.
request_of_prompt <- function(value, task) {
  if (!is.null(value)) {
    request <- task$request
    request$body[[task$field]] <- c(task$first, value)
    request
  }
}

# Sends them; `settings` are from `parallel_settings()`, `workers` names the
# engine of workers. With `results`, answers are written to that file, sorted
# like the prompts if `in_order`. With `estimate`, nothing is sent and an
# estimate is returned; `max_cost` is the maximum cost.
run_map <- function(task, prompts, settings, ask_again, config, call,
                    asynchronous, workers = NULL, results = NULL,
                    in_order = TRUE, estimate = FALSE, max_cost = NULL) {
  check_flag(ask_again, "ask_again")
  engine <- worker_engine(workers)
  settings$workers <- if (!is.null(engine)) {
    c(list(engine = engine), task[c("field", "first")])
  }
  settings <- with_max_cost(settings, max_cost)
  check_flag(estimate, "estimate")
  if (!is.null(results)) {
    if (!is.null(engine) || !is.null(settings$batch_size)) {
      abort_argument(
        "`results` cannot be combined with `workers` or `engine = \"batch\"`: ",
        "remove one of them."
      )
    }
    settings$results <- check_results(results, prompts, settings$journal)
    settings$in_order <- check_flag(in_order, "in_order")
  }
  if (estimate) {
    return(estimate_map(config, task, prompts, settings, ask_again))
  }
  if (!is.null(results)) {
    return(run_to_file(
      task, prompts, settings, ask_again, config, call, asynchronous
    ))
  }
  run <- if (is.null(settings$batch_size)) run_parallel else run_batches
  run(
    config, map_requests(task, in_memory(prompts)), settings,
    then = task$then, call = call, asynchronous = asynchronous,
    missing = task$missing, finish = warn_parsed_elements,
    ask_again = if (ask_again) task$is_unusable,
    answer = task$answer, schema = task$schema
  )
}

# Checks the fields of a map.
map_fields <- function(fields) {
  check_fields(fields)
  if ("stream" %in% names(fields)) {
    abort_argument("`$map()` cannot stream: remove the argument `stream`.")
  }
  fields
}
