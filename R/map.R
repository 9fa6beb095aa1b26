# A map: one request for each of many prompts, the same but for its prompt.

# `fields` are those of a request, among them `field`, where the prompt stands
# behind the messages `first`: `read(prompts)` gives its value for each prompt,
# NULL for one that is missing. `then` makes of an answer what is returned for
# it, `missing` stands for the answer to a missing prompt, `is_unusable` tells
# which kept answers are asked for again, `answer` is the form of the values,
# and `schema` the json_schema() of what is parsed.
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

# A request for each prompt; NULL for one that is missing. What they have in
# common was made ready once.
map_requests <- function(task, prompts) {
  request <- task$request
  lapply(task$read(prompts), function(value) {
    if (!is.null(value)) {
      request$body[[task$field]] <- c(task$first, value)
      request
    }
  })
}

# Sends them; `settings` are from `parallel_settings()`, `workers` is who does.
# With the file `results` answers go there, in the order of the prompts where
# `in_order` says so. With `estimate` nothing is sent, and what it would take is
# told; `max_cost` is the most that it may cost.
run_map <- function(task, prompts, settings, ask_again, config, call,
                    asynchronous, workers = NULL, results = NULL,
                    in_order = TRUE, estimate = FALSE, max_cost = NULL) {
  check_flag(ask_again, "ask_again")
  engine <- worker_engine(workers)
  settings$workers <- if (!is.null(engine)) {
    c(list(engine = engine), task[c("field", "first")])
  }
  settings <- with_max_cost(settings, max_cost)
  if (check_flag(estimate, "estimate")) {
    return(estimate_map(config, task, prompts, settings))
  }
  if (!is.null(results)) {
    if (!is.null(engine) || !is.null(settings$batch_size)) {
      abort_argument(
        "`results` is neither for `workers` nor for `engine = \"batch\"`: leave ",
        "one of them out."
      )
    }
    settings$results <- check_results(results, prompts, settings$journal)
    settings$in_order <- check_flag(in_order, "in_order")
    return(run_to_file(task, prompts, settings, config, call, asynchronous))
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

# The fields of a map, checked.
map_fields <- function(fields) {
  check_fields(fields)
  if ("stream" %in% names(fields)) {
    abort_argument("`stream` is not for `$map()`, which waits for answers.")
  }
  fields
}
