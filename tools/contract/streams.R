# Checks that streams of the example responses are merged to these responses:
#
# Rscript streams.R STREAMS
#
# STREAMS is the output of streams.py.

library(openaistream)

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 1) {
  stop("usage: Rscript streams.R STREAMS")
}
shown <- jsonlite::fromJSON(arguments[[1]], simplifyVector = FALSE)
server <- local_server()
client <- openai$new("sk-contract", base_url = server$url, max_retries = 0)

# The response of a stream, even if it failed or was truncated.
message_of <- function(chunks) {
  server$reply(chunks = unlist(chunks))
  stream <- client$responses$create("Hi", "m", stream = TRUE)
  stream$message(partial = TRUE)
}

whole_of <- function(response) {
  server$reply(body = response)
  client$responses$create("Hi", "m")
}

differs <- function(example) {
  whole <- whole_of(example$response)
  same <- vapply(example$streams, function(stream) {
    # The last event contains the complete response; earlier events contain its
    # output.
    identical(message_of(stream), whole) &&
      identical(message_of(stream[-length(stream)])$output, whole$output)
  }, NA)
  cat(example$name, ": ", sum(same), " of ", length(same), "\n", sep = "")
  !all(same)
}

if (length(shown) == 0L) {
  stop("The description has no example response.")
}
differing <- vapply(shown, differs, NA)
cat(
  sum(!differing), " of ", length(shown), " responses equal their merged ",
  "streams.\n",
  sep = ""
)
quit(status = as.integer(any(differing)))
