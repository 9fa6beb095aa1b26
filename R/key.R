# How a client remembers its key. What is stored in a client, and therefore
# saved and sent with it, describes where to find the key, never the key itself:
# a function, or a pointer to the key in the memory of this session and, if
# there is one, the environment variable that contains the same key.

key_variables <- c("OPENAI_API_KEY", "OPENAI_KEY")

# The source of a key that the user passes; `is_needed` is whether it must not
# be empty.
key_source <- function(api_key, is_needed) {
  if (is.function(api_key)) {
    return(list(call = api_key, is_needed = is_needed))
  }
  if (!is_string(api_key)) {
    abort_argument(
      "`api_key` must be one string or a function that returns one, not ",
      describe(api_key), "."
    )
  }
  key <- checked_key(api_key)
  if (is_needed && !nzchar(key)) {
    abort_argument(
      "`api_key` is empty. If it is the value of an environment variable, that ",
      "variable is not set."
    )
  }
  kept_secret(key)
}

# Removes white space that was copied with the key. Keys that no server would
# accept are rejected without being shown.
checked_key <- function(key) {
  if (Encoding(key) == "bytes" || !validUTF8(enc2utf8(key))) {
    # The core rejects it.
    return(key)
  }
  key <- trimws(enc2utf8(key), whitespace = "[ \\t\\r\\n]")
  codes <- utf8ToInt(key)
  invisible <- which(codes %in% invisible_characters)
  if (length(invisible)) {
    abort_argument(sprintf(paste(
      "The API key contains an invisible character (U+%04X) at position %d:",
      "type it again, or copy it from another source."
    ), codes[invisible[[1]]], invisible[[1]]))
  }
  if (grepl("^[\"'].*[\"']$", key)) {
    abort_argument("The API key is in quotes: remove them.")
  }
  if (grepl("^bearer\\s", key, ignore.case = TRUE)) {
    abort_argument(
      "The API key begins with \"Bearer\": remove that, calls add it."
    )
  }
  key
}

# No-break and zero-width spaces, directional marks and byte order marks.
invisible_characters <- c(
  0xA0, 0xAD, 0x200B:0x200F, 0x2028:0x202F, 0x2060:0x2064, 0xFEFF
)

kept_secret <- function(text) {
  list(kept = unwrap(key_keep(text)), variable = variable_holding(text))
}

# The value of a source; NULL or NA if it was lost.
secret_value <- function(source) {
  if (is.function(source$call)) {
    return(source$call())
  }
  value <- if (!is.null(source$kept)) key_read(source$kept)
  if (is.null(value) && !is.null(source$variable)) {
    value <- Sys.getenv(source$variable, NA)
  }
  value
}

# The key; "" if the client has none and needs none.
key_value <- function(source) {
  if (isTRUE(source$none)) {
    return("")
  }
  # A stored key was checked when it was set.
  kept <- if (!is.null(source$kept)) key_read(source$kept)
  if (is_string(kept)) {
    return(kept)
  }
  key <- secret_value(source)
  if (is_string(key)) {
    key <- checked_key(key)
    if (nzchar(key)) {
      return(key)
    }
    if (isTRUE(source$is_needed)) {
      abort_argument(
        "The function passed as `api_key` returned an empty string. If it ",
        "reads an environment variable, that variable is not set."
      )
    }
    if (is.null(source$variable)) {
      return(key)
    }
    abort_argument(
        "The environment variable ", source$variable, ", which should contain ",
        "the API key, contains only white space."
    )
  }
  if (is.function(source$call)) {
    abort_argument(
      "The function passed as `api_key` must return one string; it returned ",
      describe(key), "."
    )
  }
  abort_argument(lost_key(source$variable))
}

# Where to find the key of a client that was created without one. A key in the
# environment is for the server that the environment names, or for OpenAI; no
# other server receives it. Other servers need no key, nor do requests with
# credentials in a header.
default_key_source <- function(base_url, has_credentials) {
  if (has_credentials) {
    return(list(none = TRUE))
  }
  set <- nzchar(trimws(Sys.getenv(key_variables)))
  if (any(set) && can_receive_environment_key(base_url)) {
    return(list(variable = key_variables[set][[1]]))
  }
  if (!is_of_openai(base_url)) {
    return(list(none = TRUE))
  }
  abort_argument(
    "There is no API key: pass it as `api_key`, or set the environment ",
    "variable OPENAI_API_KEY (for example in ~/.Renviron)."
  )
}

# Where to find the key of an administrator; NULL if there is none for the
# server at `base_url`.
admin_key_source <- function(base_url) {
  variable <- "OPENAI_ADMIN_KEY"
  is_set <- nzchar(trimws(Sys.getenv(variable)))
  if (is_set && can_receive_environment_key(base_url)) {
    list(variable = variable)
  }
}

# Whether a key in the environment is for the server at `base_url`.
can_receive_environment_key <- function(base_url) {
  named <- environment_value("OPENAI_BASE_URL")
  named <- if (!is.null(named)) base_url_check(named)$ok
  is_named <- !is.null(named) && identical(origin(named), origin(base_url))
  is_named || (is_of_openai(base_url) && startsWith(base_url, "https://"))
}

is_of_openai <- function(base_url) {
  grepl("^https?://([a-z0-9-]+[.])*api[.]openai[.]com$", origin(base_url))
}

# Scheme, host and port of a URL returned by base_url_check().
origin <- function(url) {
  sub("^([a-z]+://)([^/?#@]*@)?([^/?#]*).*", "\\1\\3", url)
}

# How a source is printed.
key_label <- function(source) {
  if (is.null(source) || isTRUE(source$none)) {
    "none"
  } else if (is.function(source$call)) {
    "from a function"
  } else if (!is.null(source$variable)) {
    paste("from", source$variable)
  } else {
    "given"
  }
}

variable_holding <- function(api_key) {
  if (!nzchar(api_key)) {
    return(NULL)
  }
  holding <- key_variables_holding(api_key)
  c(intersect(key_variables, holding), holding, list(NULL))[[1]]
}

lost_key <- function(variable) {
  if (is.null(variable)) {
    return(paste0(
      "The API key of this client was not kept when the client was saved or ",
      "sent to another R session. Create a new client with ",
      "openai$new(api_key), or set the environment variable OPENAI_API_KEY in ",
      "both sessions and create the client with openai$new()."
    ))
  }
  paste0(
    "The API key of this client is read from the environment variable ",
    variable, ", which is not set in this R session. Set it, or create a new ",
    "client with openai$new(api_key)."
  )
}
