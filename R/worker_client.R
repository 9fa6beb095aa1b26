# A client in another process: its settings are sent, its secrets are not. They
# are found there by name, in environment variables, or by calling a function.

# The settings of a client as they are sent, plain R. Signals an error if a
# secret would be sent with them, or with what the engine sends.
settings_to_send <- function(config, sent_along = NULL) {
  settings <- config$settings()
  settings$key <- source_to_send(settings$key, "API key", "api_key")
  settings$headers <- Map(function(source, name) {
    quoted <- paste0("\"", name, "\"")
    source_to_send(
      source, paste("header", quoted), paste0("headers[[", quoted, "]]")
    )
  }, settings$headers, names(settings$headers))
  secrets <- client_secrets(config)
  if (holds_any(settings, secrets)) {
    # A function may capture the secret that it should look up.
    abort_argument(
      "The settings of this client contain its API key, or the secret of a ",
      "header, and would send it to the workers. A function that returns it ",
      "must look it up (Sys.getenv(), keyring::key_get()), not contain it."
    )
  }
  if (holds_any(sent_along, secrets)) {
    abort_argument(
      "The API key, or the secret of a header, is in the script that called ",
      "future::plan(), whose text future sends to the workers with the plan. ",
      "Keep it out of the script, or set options(keep.source = FALSE) before ",
      "the script is read."
    )
  }
  settings
}

# Where a secret is found in another process; `what` and `argument` name it.
source_to_send <- function(source, what, argument) {
  if (!is.null(source$kept) && is.null(source$variable)) {
    abort_argument(
      "The ", what, " of this client was given as a string, which is not sent ",
      "to workers: they look it up by name. Set an environment variable, such ",
      "as OPENAI_API_KEY, here and on the workers (in ~/.Renviron, or before ",
      "they are started), and create the client with its value; or pass a ",
      "function that looks it up as `", argument, "`."
    )
  }
  source$kept <- NULL
  if (is.function(source$call)) {
    # The source references of the script stay here.
    source$call <- utils::removeSource(source$call)
  }
  source
}

# Whether the serialised bytes of a value contain one of these texts.
holds_any <- function(value, texts) {
  bytes <- serialize(value, NULL)
  any(vapply(texts, function(text) {
    length(grepRaw(text, bytes, fixed = TRUE)) > 0L
  }, NA))
}

# The key of a client and the secrets in its headers.
client_secrets <- function(config) {
  fields <- config$request_fields()
  is_secret <- !tolower(names(fields$headers)) %in% plain_headers
  secrets <- c(fields$key, unlist(fields$headers)[is_secret])
  secrets[nzchar(secrets)]
}

# The settings of a client from what another process sent.
settings_from <- function(sent) {
  config <- api_config$new(
    sent$base_url,
    compatibility = new_compatibility(sent$notes)
  )
  sent$notes <- NULL
  list2env(sent, config$.__enclos_env__$private)
  config
}
