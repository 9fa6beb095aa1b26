# What a map to a file returns, and how that file is read.

new_results <- function(file, answered, failed, left, failure, reading) {
  structure(
    list(
      file = file, answered = answered, failed = failed, left = left,
      failure = failure
    ),
    reading = reading, class = "openai_results"
  )
}

#' @export
print.openai_results <- function(x, ...) {
  cat(
    "<openai_results> ", x$file, "\n  ", in_digits(x$answered), " answered, ",
    in_digits(x$failed), " failed",
    if (is.na(x$left)) ", others left",
    if (isTRUE(x$left > 0)) paste0(", ", in_digits(x$left), " left"),
    "\n",
    sep = ""
  )
  if (!is.null(x$failure)) {
    cat(
      "  first failure, of prompt ", in_digits(x$failure$index), ": ",
      conditionMessage(x$failure), "\n",
      sep = ""
    )
  }
  invisible(x)
}

# The table of what is in the file.
#' @export
as.data.frame.openai_results <- function(x, ...) {
  as.data.frame(read_results(x), ...)
}

#' Read a file of results
#'
#' Reads what `$map(..., results = )` of [chat] and [responses] put into a file.
#'
#' The file has lines of JSON. The first tells the job: `openaistream_results`,
#' the version of the format; `path`, that of the requests; `job`, the SHA-256
#' of what all of them have in common. Each of the others is about one prompt:
#' `index`, its place, from 1; `digest`, four digits of the SHA-256 of its JSON;
#' `id`, where the prompts had ids; and `answer`, what the server sent (`null`
#' where the prompt was missing), or `error`, an object with `kind`, `message`,
#' `status` and so on. Each index stands there once. Answers are written when
#' they come; failures stand behind them at the end of a run, and the next run
#' with the same file sends them again.
#'
#' @param results What `$map()` returned, or the path of the file, one string.
#'   A run may still be writing it.
#' @param schema The [json_schema()] of the answers, if a path is given and
#'   `parsed` is wanted.
#' @return `read_results()`: [answers] as `$map()` without `results` returns
#'   them: in the order of the prompts and named by their ids, with conditions
#'   where requests failed or were not sent yet; `as.data.frame()` makes a table
#'   of them, and of `results`. `results_reader()`: a function that returns the
#'   next `n` of them at each call, a list in the order of the file, and `NULL`
#'   at the end; the attribute `index` tells the places of the prompts. Both
#'   stop with an `openai_argument_error` where the file is none of results.
#' @seealso [prompts_file()]
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' file <- tempfile(fileext = ".jsonl")
#' client$chat$map(letters, "gpt-6-luna", results = file)
#' length(read_results(file))
#'
#' next_results <- results_reader(file, n = 10)
#' while (!is.null(answers <- next_results())) {
#'   print(attr(answers, "index"))
#' }
#' server$stop()
#' @export
read_results <- function(results, schema = NULL) {
  next_results <- results_reader(results, Inf, schema)
  read <- next_results()
  places <- attr(read, "index")
  known <- if (inherits(results, "openai_results")) {
    results$answered + results$failed + results$left
  }
  count <- max(0, places, known, na.rm = TRUE)
  all <- rep(list(unfinished_condition()), count)
  all[places] <- read
  if (!is.null(names(read))) {
    names(all) <- character(count)
    names(all)[places] <- names(read)
  }
  # What requests took is not in the file.
  none <- effort_of(all)
  schema <- schema %||% attr(results, "reading")$schema
  warn_parsed_elements(new_answers(all, none, schema))
}

#' @rdname read_results
#' @param n How many are read at a time.
#' @export
results_reader <- function(results, n = 1000, schema = NULL) {
  if (!identical(n, Inf)) check_number(n, "n", from = 1)
  file <- results
  reading <- list(schema = schema)
  if (inherits(results, "openai_results")) {
    file <- results$file
    reading <- attr(results, "reading")
    reading$schema <- schema %||% reading$schema
  }
  check_string(file, "results", optional = FALSE)
  file <- path.expand(file)
  path <- unwrap(results_read(file, 0, 0, "json"))$path
  kind <- result_kinds[[path]] %||% result_kinds[["chat/completions"]]
  make <- kind$make(reading)
  position <- 0
  function() {
    read <- unwrap(results_read(file, position, n, kind$answer))
    position <<- read$position
    if (length(read$index)) {
      structure(
        lapply(read$outcomes, result_of_line, make = make),
        names = names_of_ids(read$ids), index = read$index
      )
    }
  }
}

# For the path of each kind of requests the form of its answers, and a function
# that gives what makes a result of an answer, NULL for a missing prompt.
result_kinds <- list(
  "chat/completions" = list(
    answer = "json",
    make = function(reading) {
      n <- reading$n %||% 1
      parse <- choices_parser(reading$schema, n)
      missing <- missing_answer(n, parsed = !is.null(parse))
      function(answer) {
        if (is.null(answer)) missing else chat_result(answer, parse)
      }
    }
  ),
  "responses" = list(
    answer = "items",
    make = function(reading) {
      parse <- text_parser(reading$schema)
      function(answer) {
        if (is.null(answer)) {
          missing_response
        } else {
          response_result(answer, parse)
        }
      }
    }
  )
)

result_of_line <- function(outcome, make) {
  if (!is.null(outcome$error)) {
    openai_condition(outcome$error)
  } else {
    tryCatch(make(outcome$ok$value), error = identity)
  }
}

# NULL where no prompt had an id.
names_of_ids <- function(ids) {
  has_id <- !vapply(ids, is.null, NA)
  if (any(has_id)) {
    names <- character(length(ids))
    names[has_id] <- vapply(ids[has_id], function(id) {
      if (length(id) == 1L) as.character(id) else ""
    }, "")
    names
  }
}
