# How a client remembers its key. What is stored with a client, and so what is
# saved and sent with it, tells where to find the key, never the key itself: a
# function, or a pointer to the key in the memory of this session, with the
# environment variable that holds the same key, if there is one.

key_variables <- c("OPENAI_API_KEY", "OPENAI_KEY")

key_source <- function(api_key) {
  if (is.null(api_key)) {
    return(list(variable = default_key_variable()))
  }
  if (is.function(api_key)) {
    return(list(call = api_key))
  }
  if (!is_string(api_key)) {
    abort_argument(
      "`api_key` must be one string or a function that returns one, not ",
      describe(api_key), "."
    )
  }
  list(kept = unwrap(key_keep(api_key)), variable = variable_holding(api_key))
}

key_value <- function(source) {
  if (is.function(source$call)) {
    key <- source$call()
    if (!is_string(key)) {
      abort_argument(
        "The function given as `api_key` must return one string; it returned ",
        describe(key), "."
      )
    }
    return(key)
  }
  key <- if (!is.null(source$kept)) key_read(source$kept)
  if (is.null(key) && !is.null(source$variable)) {
    key <- Sys.getenv(source$variable, NA)
  }
  if (is.null(key) || is.na(key)) {
    abort_argument(lost_key(source$variable))
  }
  key
}

# How a source is shown to people.
key_label <- function(source) {
  if (is.null(source)) {
    "none"
  } else if (is.function(source$call)) {
    "from a function"
  } else if (!is.null(source$variable)) {
    paste("from", source$variable)
  } else {
    "given"
  }
}

default_key_variable <- function() {
  set <- nzchar(Sys.getenv(key_variables))
  if (!any(set)) {
    abort_argument(
      "There is no API key: give it as `api_key`, or set the environment ",
      "variable OPENAI_API_KEY (in ~/.Renviron, for instance)."
    )
  }
  key_variables[set][[1]]
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
      "sent to another R session. Make a new client with openai$new(api_key), ",
      "or keep the key in the environment variable OPENAI_API_KEY of both ",
      "sessions and make the client with openai$new()."
    ))
  }
  paste0(
    "The API key of this client is read from the environment variable ",
    variable, ", which is not set in this R session. Set it, or make a new ",
    "client with openai$new(api_key)."
  )
}
