#' Convert many answers to a table
#'
#' @description
#' `$map()` of [chat] and [responses] and `$parallel()` of [openai] return a
#' list with an answer for each prompt or request, in their order and with their
#' names. The element of a failed request is its condition. You can use it like
#' any list; it also records the attempts and time of each request for
#' `as.data.frame()`.
#'
#' `as.data.frame()` returns a table that always has one row per element. If the
#' answers were requested with a [json_schema()], the table has a column for
#' each field, otherwise the column `text`:
#'
#' \describe{
#'   \item{`.id`}{name of the element, or its position if there are no names}
#'   \item{`text`}{text of the answer; a list of character vectors if there are
#'   several choices (`n`)}
#'   \item{fields of the schema}{integer (double beyond 2^31), double, logical
#'   and character; an enum is a factor with all its values as levels; an array
#'   is a list of the values in `parsed` ([types]); field `b` of an object `a`
#'   is the column `a.b`}
#'   \item{`error`}{why there is no answer, or why it could not be parsed; `NA`
#'   if there was no problem}
#'   \item{`model`}{name of the model as reported by the server}
#'   \item{`input_tokens`, `output_tokens`}{usage reported by the server,
#'   double}
#'   \item{`cost`}{cost of these tokens in US dollars; `NA` if the price is
#'   unknown}
#'   \item{`seconds`}{time from first sending the request to its response,
#'   including pauses before retries; `NA` if nothing was sent, and for requests
#'   of a batch}
#'   \item{`attempts`}{how often the request was sent; 0 for a missing prompt
#'   and for an answer from the `journal`; `NA` in a batch}
#' }
#'
#' Missing prompts, failed requests and missing fields are `NA`, in list columns
#' `NULL`. If a field has the name of another column, that column is prefixed
#' with a dot: `.model`.
#'
#' @param x The value of `$map()` or `$parallel()`.
#' @param row.names Names for the rows; `NULL` for numbers.
#' @param optional,... Not used.
#' @return A data frame with `length(x)` rows.
#' @seealso `$extract()` of [openai], which adds such columns to a data frame.
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' answers <- client$chat$map(
#'   c(sun = "What is the sun?", moon = "What is the moon?"), "gpt-6-luna"
#' )
#' as.data.frame(answers)
#'
#' rivers <- client$responses$map(
#'   c("Rhine", "Elbe"), "gpt-6-luna",
#'   text = json_schema(list(name = "", km = integer(), states = list("")))
#' )
#' str(as.data.frame(rivers)[1:4])
#' server$stop()
#' @name answers
#' @aliases openai_answers
NULL

# `effort` is list(attempts = , seconds = , is_batch = ): how often the request
# of each element was sent, how long that took, and whether it was in a batch;
# `schema` is the json_schema() of the answers, if they have one.
new_answers <- function(results, effort, schema = NULL) {
  structure(
    results,
    effort = effort, schema = schema, class = c("openai_answers", "list")
  )
}

# As many as `requests`, none of which has been sent yet.
missing_answers <- function(requests, missing, schema) {
  results <- rep(list(missing), length(requests))
  names(results) <- names(requests)
  new_answers(results, unsent_effort(length(results)), schema)
}

# For requests that were not sent.
unsent_effort <- function(count) {
  list(
    attempts = integer(count), seconds = rep(NA_real_, count),
    is_batch = logical(count)
  )
}

# For requests in batches, which the server sends.
batch_effort <- function(count) {
  list(
    attempts = rep(NA_integer_, count), seconds = rep(NA_real_, count),
    is_batch = rep(TRUE, count)
  )
}

# Unknown values of elements from elsewhere are NA.
request_effort <- function(answers) {
  effort <- attr(answers, "effort")
  if (!is.null(effort) && length(effort$attempts) == length(answers)) {
    effort
  } else {
    lapply(unsent_effort(length(answers)), `is.na<-`, seq_along(answers))
  }
}

#' @export
as.list.openai_answers <- function(x, ...) {
  attr(x, "effort") <- attr(x, "schema") <- NULL
  unclass(x)
}

#' @export
`[.openai_answers` <- function(x, i) {
  indexes <- indexes_of(x)[i]
  new_answers(
    as.list(x)[i], lapply(request_effort(x), `[`, unname(indexes)),
    attr(x, "schema")
  )
}

# Answers that replace others bring their own effort.
#' @export
`[<-.openai_answers` <- function(x, i, value) {
  results <- as.list(x)
  indexes <- as.list(indexes_of(x))
  if (is.null(value)) {
    results[i] <- indexes[i] <- NULL
  } else {
    results[i] <- as.list(value)
    indexes[i] <- as.list(length(x) + seq_along(value))
  }
  effort <- Map(c, request_effort(x), request_effort(value))
  # Assigning beyond the end creates elements that are in neither list.
  indexes <- vapply(indexes, function(index) index %||% NA_integer_, 1L)
  new_answers(results, lapply(effort, `[`, unname(indexes)), attr(x, "schema"))
}

#' @export
`[[<-.openai_answers` <- function(x, i, value) {
  if (is.null(value) && length(i) == 1L) {
    x[i] <- NULL
    x
  } else {
    NextMethod()
  }
}

#' @export
`$<-.openai_answers` <- function(x, name, value) {
  x[[name]] <- value
  x
}

#' @export
c.openai_answers <- function(...) {
  parts <- list(...)
  new_answers(
    do.call(c, lapply(parts, as.list)),
    do.call(Map, c(list(c), lapply(unname(parts), request_effort))),
    attr(parts[[1]], "schema")
  )
}

# The positions of elements, by name.
indexes_of <- function(x) {
  structure(seq_along(x), names = names(x))
}

#' @export
print.openai_answers <- function(x, ...) {
  cat("<openai_answers> ", length(x), " elements\n", sep = "")
  for (index in seq_len(min(length(x), max_shown))) {
    name <- names(x)[[index]] %||% index
    cat(name, ": ", answer_line(x[[index]]), "\n", sep = "")
  }
  if (length(x) > max_shown) {
    cat("and ", length(x) - max_shown, " more\n", sep = "")
  }
  cat("as.data.frame() converts them to a table.\n")
  invisible(x)
}

# How many elements are printed.
max_shown <- 10L

# The beginning of an answer, or why there is none, on one line.
answer_line <- function(answer) {
  answer <- read_answer(answer)
  problem <- answer_problem(answer)
  texts <- answer_texts(answer)
  line <- if (!is.na(problem)) {
    bracketed("error", problem)
  } else if (all(is.na(texts))) {
    "NA"
  } else {
    paste(present(texts), collapse = " | ")
  }
  if (nzchar(line)) shortened(gsub("[[:space:]]+", " ", line)) else line
}
