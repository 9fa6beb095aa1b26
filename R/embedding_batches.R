# Embeddings by batches: the same values at half the price.

# The settings of `$create()` of embeddings, NULL if requests are sent directly.
embedding_settings <- function(engine, journal, batch_size, progress) {
  settings <- parallel_settings(10, NULL, NULL, "stop", journal, progress, 120)
  settings <- with_engine(settings, engine, batch_size)
  if (!is.null(settings$batch_size)) {
    return(settings)
  }
  if (!is.null(settings$journal)) {
    abort_argument("`journal` requires `engine = \"batch\"`.")
  }
}

# The response to one request with that many inputs.
embedding_by_batch <- function(config, settings, body, inputs, ...) {
  request <- api_request("POST", "embeddings", body = body)
  run_batches(
    config, list(request), settings, ...,
    finish = function(results) {
      answer <- results[[1]]
      if (inherits(answer, "error")) stop(answer) else answer
    },
    weights = inputs
  )
}

# The matrix of many requests, as returned by `embedding_inputs()`.
embeddings_by_batches <- function(config, settings, inputs, ...) {
  requests <- lapply(inputs$bodies, function(body) {
    request <- api_request("POST", "embeddings", body = body)
    request$is_ready <- TRUE
    request
  })
  run_batches(
    config, requests, settings, ...,
    weights = as.double(inputs$sizes),
    collect = function(run) {
      unwrap(batch_matrix(run, inputs[c("sizes", "names")])) %||%
        stop(unfinished_condition())
    }
  )
}
