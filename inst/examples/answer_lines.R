# Asks a model about lines of JSON: reads them from standard input, one row
# each, and writes a line for each to standard output, in their order, with the
# fields `answer` and `error` added.
#
#   Rscript answer_lines.R <model> <field> <instruction> <rpm>
#
# `field` names the field of a row that is asked about, `rpm` is how many
# requests this process may send per minute. The key and the server are found
# where openai$new() looks for them: OPENAI_API_KEY and OPENAI_BASE_URL, in the
# environment or in ~/.Renviron.
library(openaistream)

arguments <- commandArgs(trailingOnly = TRUE)
model <- arguments[[1]]
field <- arguments[[2]]
instruction <- arguments[[3]]
rpm <- as.numeric(arguments[[4]])

client <- openai$new(max_retries = 5)

answer_rows <- function(lines) {
  rows <- lapply(lines, jsonlite::fromJSON, simplifyVector = FALSE)
  prompts <- vapply(rows, function(row) {
    if (is.null(row[[field]])) NA_character_ else as.character(row[[field]])
  }, "")
  answers <- client$chat$map(
    prompts, model,
    system = instruction, rpm = rpm, on_error = "return", max_wait = Inf
  )
  Map(function(row, answer) {
    if (inherits(answer, "error")) {
      row$error <- conditionMessage(answer)
    } else if (!is.na(answer$text)) {
      row$answer <- answer$text
    }
    jsonlite::toJSON(row, auto_unbox = TRUE, digits = NA, null = "null")
  }, rows, answers)
}

# Some rows at a time, so that a partition of any size fits into memory.
input <- file("stdin", "r")
while (length(lines <- readLines(input, n = 1000, encoding = "UTF-8"))) {
  writeLines(enc2utf8(unlist(answer_rows(lines))), useBytes = TRUE)
}
