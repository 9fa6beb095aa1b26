# Prints a stream.

# The state of a StreamReader, and a summary of what it read.
print_stream <- function(reader) {
  cat("<DataStream> ", reader$state, "\n", sep = "")
  known <- tryCatch(reader$summary(), error = function(e) NULL)
  facts <- c(
    model = known$model, events = known$events,
    characters = known$characters, tokens = known$usage$total_tokens,
    "request id" = known$request_id, "response id" = known$response_id,
    error = if (!is.null(reader$failure)) conditionMessage(reader$failure)
  )
  cat(sprintf("%s: %s\n", names(facts), facts), sep = "")
}
