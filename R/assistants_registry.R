# Stores what the API no longer does: assistants, and the data about threads,
# messages and runs that conversations and responses lack. It is stored in the
# session, for all clients with the same base URL and key, or in a file. An
# entry is a plain list with an `id`; entries are ordered by creation.

assistants_registry <- function(config) {
  file <- config$assistants()$file
  if (is.null(file)) session_registry(config) else file_registry(file)
}

# list(get = , all = , save = , remove = ).
session_registry <- function(config) {
  entries <- session_entries(config)
  list(
    get = function(kind, id) entries[[kind]][[id]],
    all = function(kind) unname(entries[[kind]]),
    save = function(kind, entry) {
      entries[[kind]][[entry$id]] <- entry
      invisible(entry)
    },
    remove = function(kind, id) {
      entries[[kind]][[id]] <- NULL
    }
  )
}

# The environment for a base URL and a key.
session_entries <- function(config) {
  owner <- config$owner()
  known <- Find(
    function(one) identical(key_and_address(one$owner), key_and_address(owner)),
    session_registries$all
  )
  if (is.null(known)) {
    known <- list(owner = owner, entries = new.env(parent = emptyenv()))
    session_registries$all <- c(session_registries$all, list(known))
  }
  known$entries
}

# An owner contains the source of its key, not the key.
key_and_address <- function(owner) {
  list(owner$address, tryCatch(key_value(owner$key), error = function(e) NULL))
}

session_registries <- new.env(parent = emptyenv())

file_registry <- function(file) {
  read <- function(kind, id) {
    lapply(unwrap(registry_read(file, kind, id)), function(text) {
      unwrap(json_read(text))
    })
  }
  list(
    get = function(kind, id) {
      found <- read(kind, id)
      if (length(found)) found[[1]]
    },
    all = function(kind) read(kind, NULL),
    save = function(kind, entry) {
      text <- unwrap(json_write(entry))
      unwrap(registry_write(file, kind, entry$id, text))
      invisible(entry)
    },
    remove = function(kind, id) {
      unwrap(registry_write(file, kind, id, NULL))
    }
  )
}
