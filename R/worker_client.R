# A client in another process: its settings travel, its secrets do not. They
# are found there by name, in environment variables, or by calling a function.

# The settings of a client as they travel, plain R. Stops where a secret would
# have to go with them.
settings_to_send <- function(config) {
  settings <- config$settings()
  settings$key <- source_to_send(settings$key, "API key", "api_key")
  settings$headers <- Map(function(source, name) {
    quoted <- paste0("\"", name, "\"")
    source_to_send(
      source, paste("header", quoted), paste0("headers[[", quoted, "]]")
    )
  }, settings$headers, names(settings$headers))
  check_no_secret(settings, config)
  settings
}

# Where a secret is found in another process; `what` and `argument` name it.
source_to_send <- function(source, what, argument) {
  if (!is.null(source$kept) && is.null(source$variable)) {
    abort_argument(
      "The ", what, " of this client was given as it is, and is not sent to ",
      "workers: they look it up by its name. Set an environment variable, such as ",
      "OPENAI_API_KEY, here and on the workers (in ~/.Renviron, for ",
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

# A function may carry with it what it should look up.
check_no_secret <- function(settings, config) {
  bytes <- serialize(settings, NULL)
  for (secret in client_secrets(config)) {
    if (length(grepRaw(secret, bytes, fixed = TRUE))) {
      abort_argument(
        "The settings of this client hold its API key, or the secret of a ",
        "header, and would take it to the workers. A function that is given ",
        "for it must look it up (Sys.getenv(), keyring::key_get()), not hold ",
        "it."
      )
    }
  }
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
