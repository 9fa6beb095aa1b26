# Streams a chat to the terminal, then prints its usage and an embedding. Uses a
# local server, or the real API if OPENAI_API_KEY is set.

library(openaistream)

if (nzchar(Sys.getenv("OPENAI_API_KEY"))) {
  client <- openai$new()
} else {
  cat("(OPENAI_API_KEY is not set: using a practice server on this machine.)\n\n")
  server <- local_server(token_delay = 0.06)
  client <- openai$new("sk-demo", base_url = server$url)
}

question <- "How do tokens of a streamed answer reach R?"
cat("You: ", question, "\nModel: ", sep = "")
stream <- client$chat$create(
  messages = list(list(role = "user", content = question)),
  model = "gpt-6-luna",
  stream = TRUE,
  stream_options = list(include_usage = TRUE)
)

usage <- NULL
while (is.list(batch <- stream$next_value)) {
  if (inherits(batch, "error")) {
    stop(batch)
  }
  for (event in batch$vres) {
    if (identical(event$index, "-2")) {
      usage <- event$content
    } else if (!is.null(event$content)) {
      cat(event$content)
      flush(stdout())
    }
  }
}
cat("\n\nTokens:", usage, "\n")

embedding <- client$embeddings$create(
  model = "text-embedding-3-small", input = question
)$data$embedding[[1]]
cat(
  "Embedding:", length(embedding), "numbers:",
  format(head(embedding, 4), digits = 4), "...\n"
)
