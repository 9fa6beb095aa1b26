# The value of a map to a file, and how to read that file.

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
    if (is.na(x$left)) ", unknown number left",
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

# The table of the file's contents.
#' @export
as.data.frame.openai_results <- function(x, ...) {
  as.data.frame(read_results(x), ...)
}

#' Read a results file
#'
#' `read_results()` reads the file written by `$map(..., results = )` of [chat]
#' and [responses] into a list. `results_reader()` reads it in chunks.
#'
#' The file consists of JSON lines. The first line describes the job:
#' `openaistream_results`, the version of the format; `path`, the path of the
#' requests; and `job`, the SHA-256 of what all requests have in common. Each
#' following line is the result of one prompt:
#' - `index`: its position, counted from 1;
#' - `digest`: four digits of the SHA-256 of its JSON;
#' - `id`: if the prompts had ids;
#' - `answer`, the body of the response (`null` if the prompt was missing), or
#'   `error`, an object with `kind`, `message`, `status` and so on.
#'
#' Each index occurs once. Answers are written as they arrive. Failures follow
#' at the end of a run; the next run with the same file sends them again.
#'
#' @param results The value of `$map()`, or the path of the file, one string.
#'   The run may still be writing it.
#' @param schema The [json_schema()] of the answers, if `results` is a path and
#'   you want `parsed`.
#' @return `read_results()`: [answers], as returned by `$map()` without
#'   `results`, in the order of the prompts and named by their ids. Requests
#'   that failed or were not sent yet are conditions. `as.data.frame()` turns
#'   them, or `results` itself, into a table. `results_reader()`: a function
#'   that returns the next `n` answers at each call, a list in the order of the
#'   file whose attribute `index` contains the positions of the prompts, and
#'   `NULL` at the end. Both signal an `openai_argument_error` if the file is
#'   not a results file.
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
  indexes <- attr(read, "index")
  known <- if (inherits(results, "openai_results")) {
    results$answered + results$failed + results$left
  }
  count <- max(0, indexes, known, na.rm = TRUE)
  all <- rep(list(unfinished_condition()), count)
  all[indexes] <- read
  if (!is.null(names(read))) {
    names(all) <- character(count)
    names(all)[indexes] <- names(read)
  }
  # The attempts and seconds of requests are not in the file.
  none <- request_effort(all)
  schema <- schema %||% attr(results, "reading")$schema
  warn_parsed_elements(new_answers(all, none, schema))
}

#' @rdname read_results
#' @param n How many results to read at a time.
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

# For the path of each kind of request, the form of its answers, and a function
# that returns the converter from an answer to a result (NULL for a missing
# prompt).
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

# NULL if no prompt had an id.
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
