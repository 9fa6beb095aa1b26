# A map whose answers are written to a results file.

# Sends the prompts that have no answer in the file yet, or with `ask_again` an
# unusable one, and returns what read_results() reads.
run_to_file <- function(task, prompts, settings, ask_again, config, call,
                        asynchronous) {
  frame <- map_frame(task, config)
  job <- map_frame(task)
  is_file <- inherits(prompts, "openai_prompts_file")
  fields <- c(
    settings, frame[c("text", "list")],
    list(
      template = c(
        config$head_of(task$request),
        verbosity = 0, max_wait = settings$max_wait,
        if (!is.null(settings$max_cost)) {
          list(price = request_prices(list(task$request))[[1]])
        }
      ),
      job = c(paste(task$request$path, collapse = "/"), job$body),
      # The core reads the file unless conversations need other messages.
      prompts = if (is_file && !config$changes_messages()) prompts$path
    )
  )
  is_in_memory <- !is_larger_than_memory(prompts)
  if (is_in_memory) {
    # Rejected before anything is sent. A list can be a single prompt.
    count <- length(task$read(prompts))
    if (count != length(prompts)) prompts <- list(prompts)
  }
  total <- if (is_in_memory) length(prompts) else NA_real_
  run <- function() {
    if (ask_again) {
      fields$again <- as.integer(results_in(settings$results, task)$unusable)
    }
    next_chunk <- if (is.null(fields$prompts)) {
      map_chunks(task, prompt_chunks(prompts), config)
    }
    # As for resources, an interrupt must not stop the class from loading.
    run <- suspendInterrupts(ResultsRun$new(
      results_source(fields, task$field), settings, next_chunk,
      total, reading_of(task), call,
      run_span(list(task$request), config, total)
    ))
    if (asynchronous) run$promise() else run$wait()
  }
  # A connection or a function returns its prompts only once.
  as_sent <- config$adapter()
  detects_note <- function(failure) {
    (is_in_memory || is_file) && is_rejection(failure) && config$detect_note(
      failure, as_sent(body_of_row(task, prompts, failure$index))
    )
  }
  spent <- spending(config, settings)
  again <- function() {
    settings$spent <- spent()
    run_to_file(
      task, prompts, settings, ask_again, config, call, asynchronous
    )
  }
  chained <- if (asynchronous) promises::then else function(x, f) f(x)
  done <- stopping_at(run(), asynchronous, on_error = function(e) {
    if (detects_note(e)) again() else stop(e)
  })
  chained(done, function(results) {
    if (detects_note(results$failure)) again() else results
  })
}

# The numbers of the prompts that have an answer in the file at `path`, and of
# those whose answer was truncated or could not be parsed.
results_in <- function(path, task) {
  found <- list(answered = integer(), unusable = integer())
  if (!isTRUE(file.size(path) > 0)) {
    return(found)
  }
  results <- new_results(path, 0, 0, 0, NULL, reading_of(task))
  # The core says what is wrong with other files.
  next_results <- tryCatch(
    results_reader(results),
    openai_argument_error = function(e) function() NULL
  )
  while (length(read <- next_results())) {
    index <- attr(read, "index")
    is_answer <- !vapply(read, inherits, NA, "error")
    answered <- index[is_answer]
    is_unusable <- vapply(read[is_answer], task$is_unusable, NA)
    found$answered <- c(found$answered, answered)
    # The latest answer to a prompt counts.
    found$unusable <- c(
      setdiff(found$unusable, answered), answered[is_unusable]
    )
  }
  found
}

# What read_results() needs to know of a map.
reading_of <- function(task) {
  list(schema = task$schema, n = task$request$body[["n"]])
}

# The JSON of a body around its prompt: `text` is before and after a string,
# `list` before and after the elements of a list; `body` is the same without a
# prompt. Without a client it is that of the job, before any change for a
# particular server. If conversations are adapted to the server, they contain
# the messages before the prompt.
map_frame <- function(task, config = NULL) {
  body <- task$request$body
  body[task$field] <- list(as.list(task$first))
  if (!is.null(config)) {
    body <- config$adapt(body)
  }
  others <- body[names(body) != task$field]
  before <- sub("[}]$", "", unwrap(json_write_body(others)))
  before <- paste0(
    before, if (length(others)) ",", "\"", task$field, "\":"
  )
  first <- vapply(body[[task$field]], function(message) {
    paste0(unwrap(json_write_body(message)), ",")
  }, "")
  opening <- paste0(before, "[", paste(first, collapse = ""))
  is_adapted <- !is.null(config) && config$changes_messages()
  list(
    text = if (task$field == "messages") {
      c(paste0(opening, "{\"role\":\"user\",\"content\":"), "}]}")
    } else {
      c(before, "}")
    },
    list = c(if (is_adapted) paste0(before, "[") else opening, "]}"),
    body = paste0(opening, "]}")
  )
}

# The same chunks with their prompts in the form of the API, and as they are
# `sent` if that differs for the server: strings are unchanged.
map_chunks <- function(task, next_chunk, config) {
  row <- 1
  function() {
    chunk <- next_chunk()
    if (is.null(chunk)) {
      return(NULL)
    }
    chunk$prompts <- vector_of_texts(chunk$prompts)
    if (!is.character(chunk$prompts)) {
      chunk$prompts <- tryCatch(
        unname(task$read(chunk$prompts)),
        openai_argument_error = function(e) {
          abort_argument(
            "The prompts from row ", in_digits(row), " on cannot be sent: ",
            conditionMessage(e)
          )
        }
      )
      if (config$changes_messages()) {
        chunk$sent <- lapply(chunk$prompts, function(value) {
          config$adapt(request_of_prompt(value, task)$body)[[task$field]]
        })
      }
    }
    row <<- row + length(chunk$prompts)
    chunk
  }
}

# The body of the request for the prompt in a row; that without a prompt if the
# row is not known.
body_of_row <- function(task, prompts, row) {
  if (inherits(prompts, "openai_prompts_file")) {
    prompts <- file(prompts$path, "rt", encoding = "UTF-8")
    on.exit(close(prompts))
  }
  next_chunk <- prompt_chunks(prompts)
  while (!is.null(row) && length(found <- next_chunk()$prompts)) {
    if (row <= length(found)) {
      return(map_requests(task, found[row])[[1]]$body)
    }
    row <- row - length(found)
  }
  task$request$body
}

# Converts a list of strings, and of NA for missing ones, to a vector; other
# lists are unchanged.
vector_of_texts <- function(prompts) {
  is_text <- is.list(prompts) && all(vapply(prompts, function(prompt) {
    is_string(prompt) || is_missing(prompt)
  }, NA))
  if (is_text) vapply(prompts, as.character, "", USE.NAMES = FALSE) else prompts
}

# Checks the path of the results file.
check_results <- function(results, prompts, journal) {
  path <- check_file_name(results, "results")
  if (!is.null(journal)) {
    abort_argument(
      "`results` already records the answers: remove `journal`."
    )
  }
  if (inherits(prompts, "openai_prompts_file") &&
    normalizePath(path, mustWork = FALSE) == prompts$path) {
    abort_argument("`results` is the file of the prompts: choose another file.")
  }
  path
}
