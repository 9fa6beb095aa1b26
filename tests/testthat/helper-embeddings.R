# Requests for embeddings as a matrix, and responses to them.

embed <- function(client, input, ...) {
  client$embeddings$create("text-embedding-3-small", input, ..., as = "matrix")
}

# A client of api.openai.com whose proxy is `server`, which answers itself.
openai_client <- function(server, ...) {
  client <- openai$new(
    "sk-test",
    base_url = "http://api.openai.com/v1", max_retries = 0, ...
  )
  client$set_proxy(sub("/v1$", "", server$url))
  client
}

# A response body with `embeddings`, which are JSON texts, and their indexes.
embeddings_answer <- function(embeddings, index = seq_along(embeddings) - 1) {
  sprintf(
    '{"object":"list","data":[%s],"model":"m","usage":{"total_tokens":3}}',
    paste0('{"index":', index, ',"embedding":', embeddings, "}",
      collapse = ","
    )
  )
}

# The value that a client returns if the server answers with this body.
embedded <- function(body, input = c("a", "b"), ...) {
  server <- test_server()
  server$reply(body = body, ...)
  embed(test_client(server, on_error = "stop"), input)
}
