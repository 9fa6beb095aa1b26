#' Read prompts from a file
#'
#' `prompts_file()` marks a path as a file of prompts for `$map()` of [chat] and
#' [responses] and `$create(as = "matrix")` of [embeddings], to distinguish it
#' from a prompt. If the results are also written to a file (`results = `),
#' prompts are read while they are sent, and memory use does not depend on their
#' number.
#'
#' Each line is JSON (<https://jsonlines.org>), one of:
#' - a string, which is a prompt;
#' - an array of messages or items;
#' - `null` for a missing prompt;
#' - an object that contains one of these as `prompt`, `messages` or `input`
#'   (the first that exists is used). Its `id`, if any, is kept with the result;
#'   other fields are ignored.
#'
#' Blank lines are skipped. An invalid line ends the run with an error that
#' contains its line number; the prompts before it are sent and their answers
#' kept.
#'
#' Instead of a file, `prompts` can be a connection with such lines, or a
#' function that is called repeatedly and returns the next prompts: a character
#' vector, a list as accepted by `$map()`, or a data frame with a column
#' `prompt`, `messages` or `input` and optionally `id`. `NULL`, or a data frame
#' without rows, marks the end. If the function has arguments, the first is the
#' number of prompts wanted, which it may ignore. The readers of the packages
#' arrow and DBI can therefore be used directly: `function(n)
#' DBI::dbFetch(query, n)`, with a column called `prompt`.
#'
#' @param path Path of the file, one string.
#' @return An object of class `openai_prompts_file`. Signals an
#'   `openai_argument_error` if the file does not exist or cannot be read.
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
