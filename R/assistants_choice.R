# Where the operations of the Assistants API are carried out: on the server, as
# before, or emulated by this package with responses and conversations
# (assistants_emulation.R).

assistants_choices <- c("auto", "api", "responses")

# The settings of a client in an environment, which its copies share: `choice`,
# `file` and `detected_api`, what a server replied.
new_assistants_choice <- function(choice, file) {
  settings <- new.env(parent = emptyenv())
  settings$choice <- check_assistants(choice)
  if (!is.null(file)) {
    settings$file <- normalizePath(
      check_target(check_string(file, "assistants_file")),
      mustWork = FALSE
    )
  }
  settings
}

check_assistants <- function(choice, name = "`assistants`") {
  if (!is.null(choice) && !(is_string(choice) &&
    choice %in% assistants_choices)) {
    abort_argument(
      name, " must be \"auto\", \"api\" or \"responses\", not ",
      describe(choice), "."
    )
  }
  choice
}

# "api" or "responses"; "unknown" before the server was asked.
assistants_performer <- function(config) {
  settings <- config$assistants()
  choice <- settings$choice %||%
    check_assistants(
      getOption("openaistream.assistants"),
      "The option openaistream.assistants"
    ) %||%
    check_assistants(
      environment_value("OPENAISTREAM_ASSISTANTS"),
      "The environment variable OPENAISTREAM_ASSISTANTS"
    ) %||% "auto"
  if (choice != "auto") {
    choice
  } else if (config$is_openai()) {
    announce_emulation("OpenAI shut down the Assistants API on 2026-08-26.")
    "responses"
  } else {
    settings$detected_api %||% "unknown"
  }
}

# Whether an error says that a server does not have the Assistants API, in the
# words in which OpenAI rejects an unknown path. The client remembers it.
detects_shutdown <- function(config, error) {
  is_unknown <- identical(as.integer(error$status), 404L) &&
    grepl("\\bInvalid URL", error$message)
  if (is_unknown) {
    settings <- config$assistants()
    settings$detected_api <- "responses"
    announce_emulation("The server does not have the Assistants API.")
  }
  is_unknown
}

# Once per session.
announce_emulation <- function(why) {
  if (!is.null(emulation_announced$done)) {
    return(invisible())
  }
  emulation_announced$done <- TRUE
  message(
    why, " This package emulates it with responses and conversations. What ",
    "differs: assistants, metadata of messages and lists of runs are only ",
    "known in this session, or in an `assistants_file` (see ?openai); ",
    "objects created before the shutdown are gone; citations have no mark ",
    "in the text. See vignette(\"assistants\", \"openaistream\")."
  )
}

emulation_announced <- new.env(parent = emptyenv())
