# Many requests in parallel.

# Checks the settings of a run.
parallel_settings <- function(max_active, rpm, tpm, on_error, journal,
                              progress, max_wait) {
  check_number(max_active, "max_active", from = 1)
  check_optional(max_active, "max_active", whole = TRUE)
  if (is.null(check_on_error(on_error))) {
    abort_argument("`on_error` must be \"return\" or \"stop\", not NULL.")
  }
  list(
    max_active = as.double(max_active),
    rpm = check_rate(rpm, "rpm"),
    tpm = check_rate(tpm, "tpm"),
    max_wait = check_max_wait(max_wait),
    stops_at_failure = on_error == "stop",
    journal = check_journal(journal),
    progress = check_progress(progress, "`progress`")
  )
}

# How many per minute; NULL or Inf for no limit.
check_rate <- function(rate, name) {
  if (is.null(rate) || identical(rate, Inf)) {
    return(NULL)
  }
  if (!is_number(rate) || rate <= 0) {
    abort_argument(
      "`", name, "` must be one number above 0, or NULL for no limit, not ",
      describe(rate), "."
    )
  }
  as.double(rate)
}

# Maximum number of seconds that a run waits if the server asks it to.
check_max_wait <- function(max_wait) {
  if (!identical(max_wait, Inf) && (!is_number(max_wait) || max_wait < 0)) {
    abort_argument(
      "`max_wait` must be one number of seconds, or Inf, not ",
      describe(max_wait), "."
    )
  }
  # A century; the core needs a finite number.
  min(as.double(max_wait), 3.2e9)
}

check_journal <- function(journal) {
  if (!is.null(journal)) check_file_name(journal, "journal")
}

# Sends requests created by api_request() and waits for all answers, or returns
# a promise of them. `then` converts an answer to the returned value, `finish`
# all results to the value of the call. A request that is NULL is not sent: its
# result is `missing`. Recorded answers for which `ask_again` is TRUE are
# requested again. `call` is the call of conditions, `schema` the json_schema()
# of the answers.
run_parallel <- function(config, requests, settings, then = identity,
                         call = NULL, asynchronous = FALSE, missing = NULL,
                         finish = identity, ask_again = NULL,
                         answer = "json", schema = NULL) {
  chained <- if (asynchronous) promises::then else function(x, f) f(x)
  # Sends the requests at these indexes, and again if an error reveals what the
  # server needs. Each need is detected only once, so this ends.
  spent <- spending(config, settings)
  run <- function(indexes) {
    settings$spent <- spent()
    sent <- requests[indexes]
    as_sent <- config$adapter()
    detects_note <- function(condition, index) {
      inherits(condition, "error") && length(index) == 1L &&
        config$detect_note(condition, as_sent(body_of(sent[[index]])))
    }
    results <- stopping_at(
      run_once(
        config, sent, settings, then, call, asynchronous, missing, ask_again,
        answer, schema
      ), asynchronous,
      on_error = function(e) {
        if (detects_note(e, e$index)) run(indexes) else stop(e)
      }
    )
    chained(results, function(results) {
      is_resent <- vapply(seq_along(results), function(index) {
        detects_note(results[[index]], index)
      }, NA)
      if (!any(is_resent)) {
        return(results)
      }
      chained(run(indexes[is_resent]), function(resent) {
        results[is_resent] <- resent
        results
      })
    })
  }
  chained(run(seq_along(requests)), finish)
}

# The value of `code`, or a promise of it; `on_error` handles its error.
stopping_at <- function(code, asynchronous, on_error) {
  if (asynchronous) {
    promises::catch(code, on_error)
  } else {
    tryCatch(code, openai_error = on_error)
  }
}

# The body of a request as the API wants it.
body_of <- function(request) {
  if (isTRUE(request$is_ready)) {
    request$body
  } else {
    body_as_sent(request$body, request$path)
  }
}

# Sends the requests once.
run_once <- function(config, requests, settings, then, call, asynchronous,
                     missing, ask_again, answer, schema) {
  absorb_parts(settings$journal)
  results <- missing_answers(requests, missing, schema)
  is_sent <- !vapply(requests, is.null, TRUE)
  fields <- c(
    parallel_fields(
      config, requests[is_sent], settings$max_wait,
      if (!is.null(settings$max_cost)) request_prices(requests[is_sent]),
      which(is_sent)
    ),
    settings, list(answer = answer)
  )
  if (!is.null(ask_again)) {
    fields$ask_again <- asked_again(fields, function(answer) {
      ask_again(then(answer))
    })
  }
  # As for resources, an interrupt must not stop the classes from loading.
  run <- suspendInterrupts(ParallelRun$new(
    request_source(config, requests[is_sent], fields, settings$workers),
    settings, results, which(is_sent), then, call,
    run_span(requests[is_sent], config)
  ))
  if (asynchronous) run$promise() else run$wait()
}

# What sends the requests: this process or, for a map, workers.
request_source <- function(config, requests, fields, workers) {
  if (is.null(workers) || length(requests) == 0L) {
    return(core_source(fields))
  }
  first <- seq_along(workers$first)
  values <- lapply(requests, function(request) {
    value <- request$body[[workers$field]]
    if (length(first)) value[-first] else value
  })
  base <- chunk_base(config, requests[[1]], workers, fields)
  WorkersSource$new(fields, base, unname(values), workers$engine)
}

# The numbers of the requests whose recorded answers `unusable` rejects.
asked_again <- function(fields, unusable) {
  if (is.null(fields$journal) || !isTRUE(file.size(fields$journal) > 0)) {
    return(NULL)
  }
  refused <- vapply(unwrap(parallel_stored(fields)), function(answer) {
    !is.null(answer) &&
      tryCatch(unusable(answer$value), error = function(e) FALSE)
  }, TRUE)
  which(refused)
}

# What the bridge needs of the requests. Most differ from the one before only in
# their bodies. `prices` are from `request_prices()`, or NULL; `numbers` are
# those by which errors name the requests.
parallel_fields <- function(config, requests, max_wait, prices = NULL,
                            numbers = seq_along(requests)) {
  requests <- unname(requests)
  heads <- lapply(
    config$adapt_urls(requests), .subset, c("method", "path", "query")
  )
  if (!is.null(prices)) {
    heads <- Map(function(head, price) {
      c(head, list(price = price))
    }, heads, prices)
  }
  is_same <- vapply(seq_along(heads)[-1], function(index) {
    identical(heads[[index]], heads[[index - 1L]])
  }, TRUE)
  is_new <- !c(FALSE, is_same)
  common <- c(config$request_fields(), verbosity = 0, max_wait = max_wait)
  list(
    templates = lapply(heads[is_new], c, common),
    template = cumsum(is_new),
    numbers = unname(numbers),
    bodies = lapply(seq_along(requests), function(index) {
      request <- requests[[index]]
      if (!is.null(request$form)) {
        return(structure(form_fields(request$form), class = "request_form"))
      }
      tryCatch(
        config$adapt(body_of(request)),
        openai_argument_error = function(e) {
          abort_argument(
            "Request ", numbers[[index]], ": ", conditionMessage(e)
          )
        }
      )
    })
  )
}
