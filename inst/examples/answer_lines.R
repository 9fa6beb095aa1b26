# Sends rows of JSON lines to a model: reads them from standard input and writes
# them to standard output, in the same order, with the additional fields
# `answer` and `error`.
#
#   Rscript answer_lines.R <model> <field> <instruction> <rpm>
#
# `field` is the field of a row that contains the prompt, `rpm` the maximum
# number of requests per minute of this process. The key and the base URL are
# read from OPENAI_API_KEY and OPENAI_BASE_URL, in the environment or in
# ~/.Renviron.
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

# In chunks, so that a partition of any size fits into memory.
input <- file("stdin", "r")
while (length(lines <- readLines(input, n = 1000, encoding = "UTF-8"))) {
  writeLines(enc2utf8(unlist(answer_rows(lines))), useBytes = TRUE)
}
