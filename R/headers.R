# Additional headers of the requests of a client. Their values are secrets,
# because gateways and Azure accept keys in custom headers: they are treated
# like keys, so that none is saved, sent to workers or printed.

# Headers that are not secret; rust/core/src/redact.rs has the same list.
plain_headers <- c(
  "accept", "accept-language", "http-referer", "openai-beta",
  "openai-organization", "openai-project", "user-agent", "x-title"
)

# Headers with credentials; a request with one of them needs no key.
credential_headers <- c("api-key", "authorization", "x-api-key")

# The source of the value of each header, by name.
header_sources <- function(headers) {
  check_header_sources(headers)
  headers <- as.list(headers)
  is_plain <- tolower(names(headers)) %in% plain_headers
  is_text <- vapply(headers, is_string, NA)
  headers[is_plain & is_text] <- lapply(
    headers[is_plain & is_text], function(value) list(plain = value)
  )
  headers[!is_plain & is_text] <- lapply(
    headers[!is_plain & is_text], kept_secret
  )
  headers[!is_text] <- lapply(headers[!is_text], function(call) {
    list(call = call)
  })
  headers
}

check_header_sources <- function(headers) {
  fits <- function(value) is.function(value) || is_string(value)
  named <- length(headers) == 0L || (!is.null(names(headers)) &&
    all(nzchar(names(headers))) && (is.character(headers) || is.list(headers)))
  if (!named || !all(vapply(headers, fits, NA))) {
    abort_argument(
      "`headers` must be a named character vector, such as ",
      "c(\"X-Team\" = \"research\"), or a named list of strings and of ",
      "functions that return one."
    )
  }
}

# The headers as they are sent, NULL for none.
header_values <- function(sources) {
  if (length(sources)) {
    mapply(header_value, sources, names(sources))
  }
}

header_value <- function(source, name) {
  if (!is.null(source$plain)) {
    return(source$plain)
  }
  value <- secret_value(source)
  if (is_string(value)) {
    return(value)
  }
  if (is.function(source$call)) {
    abort_argument(
      "The function passed for the header \"", name, "\" must return one ",
      "string; it returned ", describe(value), "."
    )
  }
  abort_argument(
    "The value of the header \"", name, "\" ",
    if (is.null(source$variable)) {
      paste0(
        "was not kept when the client was saved or sent to another R session. ",
        "Create a new client, or pass the header as a function that returns ",
        "its value, or as the value of an environment variable that is set in ",
        "both sessions."
      )
    } else {
      paste0(
        "is read from the environment variable ", source$variable,
        ", which is not set in this R session. Set it, or create a new client."
      )
    }
  )
}

has_credentials <- function(sources) {
  any(tolower(names(sources)) %in% credential_headers)
}
