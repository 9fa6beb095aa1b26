# A client in another process: its settings travel, its secrets do not. They
# are found there by name, in environment variables, or by calling a function.

# The settings of a client as they travel, plain R. Stops where a secret would
# have to go with them, or goes with what the engine sends along.
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
    # A function may carry with it what it should look up.
    abort_argument(
      "The settings of this client hold its API key, or the secret of a ",
      "header, and would take it to the workers. A function that is given for ",
      "it must look it up (Sys.getenv(), keyring::key_get()), not hold it."
    )
  }
  if (holds_any(sent_along, secrets)) {
    abort_argument(
      "The API key, or the secret of a header, stands in the script that ",
      "called future::plan(), whose text future sends to the workers with the ",
      "plan. Keep it out of the script, or set options(keep.source = FALSE) ",
      "before the script is read."
    )
  }
  settings
}

# Where a secret is found in another process; `what` and `argument` name it.
source_to_send <- function(source, what, argument) {
  if (!is.null(source$kept) && is.null(source$variable)) {
    abort_argument(
      "The ", what, " of this client was given as it is, and is not sent to ",
      "workers: they look it up by its name. Set an environment variable, ",
      "such as OPENAI_API_KEY, here and on the workers (in ~/.Renviron, for ",
      "instance, or before they are started), and make the client with its ",
      "value; or give a function that looks it up as `", argument, "`."
    )
  }
  source$kept <- NULL
  if (is.function(source$call)) {
    # The text of the script from which it comes stays here.
    source$call <- utils::removeSource(source$call)
  }
  source
}

# Whether one of these texts is among the bytes of a value as it travels.
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

# The settings of a client, from what another process sent.
settings_from <- function(sent) {
  config <- api_config$new(
    sent$base_url,
    compatibility = new_compatibility(sent$notes)
  )
  sent$notes <- NULL
  list2env(sent, config$.__enclos_env__$private)
  config
}
