# Estimates of a job, before anything is sent.

# How long an answer takes to begin, in seconds, and how many tokens per second
# follow: typical values of models, only for estimates of time.
seconds_to_answer <- 1
tokens_in_second <- 60

# Estimates a map. Prompts that can be read only once are left alone.
estimate_map <- function(config, task, prompts, settings, ask_again) {
  check_read_again(prompts)
  tier <- if (!is.null(settings$batch_size)) "batch"
  kept <- if (!is.null(settings$results)) {
    found <- results_in(settings$results, task)
    setdiff(found$answered, if (ask_again) found$unusable)
  }
  unusable <- if (ask_again) {
    function(answer) task$is_unusable(task$then(answer))
  }
  count <- 0
  estimate <- function(prompts) {
    is_kept <- (count + seq_along(prompts)) %in% kept
    count <<- count + length(prompts)
    requests <- map_requests(task, prompts)
    estimated <- estimate_run(
      config, requests[!is_kept], settings, tier, unusable
    )
    estimated$kept <- estimated$kept + sum(is_kept & lengths(requests) > 0L)
    estimated
  }
  if (!is_larger_than_memory(prompts)) {
    return(estimate(prompts))
  }
  next_chunk <- prompt_chunks(prompts)
  total <- NULL
  while (!is.null(chunk <- next_chunk())) {
    if (!is.null(chunk$failure)) stop(chunk$failure)
    part <- estimate(chunk$prompts)
    total <- if (is.null(total)) part else total + part
  }
  total
}

# An estimate must not use up prompts that can be read only once.
check_read_again <- function(prompts) {
  is_file <- inherits(prompts, "openai_prompts_file")
  if (is_larger_than_memory(prompts) && !is_file) {
    abort_argument(
      "`estimate` would use up the prompts of a connection or a function: ",
      "estimate a part of them as a vector."
    )
  }
}

# The requests of a run as a data frame of one row; `tier` is that of a run of
# batches. Recorded answers for which `unusable` is TRUE are requested again.
estimate_run <- function(config, requests, settings, tier = NULL,
                         unusable = NULL) {
  indexes <- which(!vapply(requests, is.null, NA))
  requests <- requests[indexes]
  settings$max_cost <- NULL
  forecast <- if (length(requests) == 0L) {
    list(input = numeric(), output = numeric())
  } else {
    fields <- c(
      parallel_fields(config, requests, settings$max_wait, numbers = indexes),
      # Batches have other journals.
      settings[setdiff(names(settings), if (!is.null(tier)) "journal")]
    )
    if (!is.null(unusable)) {
      fields$ask_again <- asked_again(fields, unusable)
    }
    unwrap(parallel_forecast(fields))
  }
  is_sent <- !is.na(forecast$input)
  requests <- requests[is_sent]
  model <- vapply(requests, function(request) {
    as.character(request$body[["model"]] %||% NA)
  }, "")
  tiers <- vapply(requests, function(request) {
    as.character(request$body[["service_tier"]] %||% NA)
  }, "")
  answers <- vapply(requests, function(request) {
    as.double(request$body[["n"]] %||% 1)
  }, 1)
  input <- forecast$input[is_sent]
  output <- forecast$output[is_sent]
  usual <- usual_output(config, model)
  output <- ifelse(is.na(output), usual * answers, output)
  tiers <- tier %||% tiers
  estimate <- data.frame(
    requests = sum(is_sent),
    kept = sum(!is_sent),
    input_tokens = sum(input),
    output_tokens = sum(output),
    input_cost = sum(usage_cost(model, input, 0, 0, tiers)),
    cost = sum(usage_cost(model, input, 0, output, tiers))
  )
  estimate$cost[is.na(estimate$output_tokens)] <- NA
  estimate$seconds <- if (is.null(tier)) {
    seconds_of(estimate, settings)
  } else {
    NA_real_
  }
  estimate
}

# The median number of output tokens of each model so far; NA if there are none.
usual_output <- function(config, model) {
  used <- config$used()
  used <- lapply(
    split(seq_along(used$model), used$model),
    function(rows) {
      reported <- sum(used$requests[rows] - used$unreported[rows])
      if (reported > 0) sum(used$output[rows]) / reported else NA
    }
  )
  means <- unlist(used)
  ceiling(as.double(means[match(model, names(means))]))
}

# How long the requests will approximately take, with the limits of the run.
seconds_of <- function(estimate, settings) {
  if (estimate$requests == 0L) {
    return(0)
  }
  tokens <- estimate$input_tokens + estimate$output_tokens
  each <- seconds_to_answer +
    estimate$output_tokens / estimate$requests / tokens_in_second
  ceiling(max(
    60 * estimate$requests / (settings$rpm %||% Inf),
    60 * tokens / (settings$tpm %||% Inf),
    ceiling(estimate$requests / settings$max_active) * each
  ))
}

# Estimates embeddings of `input`, in one request or those of a matrix; `file`
# is NULL or may have the first rows already.
estimate_embeddings <- function(input, model, as, settings, file) {
  check_read_again(input)
  inputs <- as_inputs(in_memory(input))
  is_kept <- seq_along(inputs) <= rows_in(file)
  is_present <- !vapply(inputs, is_missing, NA, USE.NAMES = FALSE)
  inputs <- inputs[is_present & !is_kept]
  by_batch <- !is.null(settings)
  tokens <- if (is.character(inputs)) {
    count_tokens(inputs, "cl100k_base")
  } else {
    lengths(inputs)
  }
  input <- as.double(sum(tokens))
  requests <- if (as == "list") {
    1L
  } else {
    length(parts_of_inputs(
      tokens_of_inputs(inputs, at_most = by_batch),
      if (is.null(file)) max_request_inputs else max_file_inputs
    ))
  }
  cost <- usage_cost(model, input, 0, 0, if (by_batch) "batch", is_long = FALSE)
  data.frame(
    requests = requests, kept = sum(is_present & is_kept),
    input_tokens = input, output_tokens = 0,
    input_cost = cost, cost = cost,
    seconds = if (by_batch) {
      NA_real_
    } else {
      ceiling(requests / max_embedding_requests) * seconds_to_answer
    }
  )
}
