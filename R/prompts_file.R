#' A file of prompts
#'
#' Marks a path as a file of prompts, for `$map()` of [chat] and [responses] and
#' `$create(as = "matrix")` of [embeddings], so that it is not taken for a
#' prompt itself. Where the results go to a file too (`results = `), the prompts
#' are read while they are sent, and memory stays the same however many there
#' are.
#'
#' Each line is JSON (<https://jsonlines.org>): a string, which is a prompt; an
#' array of messages or items; `null` for a prompt that is missing; or an object
#' that has one of these as `prompt`, `messages` or `input`, the first of them
#' that is there. Its `id`, if it has one, is kept with the result; other fields
#' are ignored. Blank lines are skipped. A line that is nothing of this ends the
#' run with an error that names its number; what came before it is sent and
#' kept.
#'
#' A connection with such lines may stand for `prompts`, too; and a function,
#' which is called again and again and returns the next prompts: a character
#' vector, a list as `$map()` takes it, or a data frame with a column `prompt`,
#' `messages` or `input` and perhaps `id`; `NULL` when there are no more. A
#' function with arguments is called with the number of prompts that are wanted,
#' which it need not heed. So the readers of the packages arrow and DBI fit:
#' `function(n) DBI::dbFetch(query, n)`, with a column called `prompt`. A data
#' frame without rows is the end, too.
#'
#' @param path Path of the file, one string.
#' @return An object of class `openai_prompts_file`. Stops with an
#'   `openai_argument_error` where the file is not there or cannot be read.
#' @seealso [read_results()]
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' path <- tempfile(fileext = ".jsonl")
#' writeLines(c(
#'   "\"Describe the sun.\"",
#'   "{\"id\": \"moon\", \"prompt\": \"Describe the moon.\"}"
#' ), path)
#' done <- client$chat$map(prompts_file(path), "gpt-6-luna",
#'   results = tempfile(fileext = ".jsonl")
#' )
#' done
#' read_results(done)[[2]]$text
#' server$stop()
#' @export
prompts_file <- function(path) {
  check_string(path, "path", optional = FALSE)
  problem <- check_file(path)
  if (!is.null(problem)) {
    abort_argument("The prompts cannot be read: ", file_problem(problem), ".")
  }
  structure(
    list(path = normalizePath(path)),
    class = "openai_prompts_file"
  )
}

#' @export
print.openai_prompts_file <- function(x, ...) {
  cat("<openai_prompts_file> ", x$path, "\n", sep = "")
  invisible(x)
}
