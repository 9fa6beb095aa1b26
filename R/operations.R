# The table of operations of the API, read when the package is built. Each line
# of inst/operations.tsv is an operation. Its columns are
#
# name       as in openai-python: resources and a verb, separated by dots
# method     HTTP method
# path       below the base URL, with arguments in braces and perhaps a query
# required   fields that a request must have
# query      fields of a request with a body that are sent in the query
# body       "json", or "form:" and the fields that are files, each with the
#            maximum number of files ("image*16"); "" for none
# answer     "json" (pages of objects are data frames), "items" (to be sent
#            back: lists), "text", "bytes" or "nothing"; after a slash the kind
#            of its stream; "stream" if there is only a stream
# pages      the cursor of the next page of a list (rust/core/src/pages.rs);
#            "single" if there is only one page
# beta       the header OpenAI-Beta
# shut       the date on which OpenAI shuts down the operation
# instead    its replacement
# title      what it does

read_operations <- function(path) {
  table <- utils::read.delim(
    path,
    quote = "", colClasses = "character", na.strings = character(),
    encoding = "UTF-8"
  )
  rows <- lapply(seq_len(nrow(table)), function(row) {
    as_operation(as.list(table[row, ]))
  })
  names(rows) <- table$name
  rows
}

# Parses a line of the table.
as_operation <- function(line) {
  path <- strsplit(line$path, "?", fixed = TRUE)[[1]]
  segments <- strsplit(sub("^/", "", path[[1]]), "/", fixed = TRUE)[[1]]
  is_argument <- grepl("^[{].*[}]$", segments)
  answer <- strsplit(line$answer, "/", fixed = TRUE)[[1]]
  body <- strsplit(line$body, ":", fixed = TRUE)[[1]]
  query <- if (length(path) > 1L) strsplit(path[[2]], "=", fixed = TRUE)[[1]]
  list(
    name = line$name,
    resource = sub("[.][^.]*$", "", line$name),
    verb = sub(".*[.]", "", line$name),
    title = line$title,
    method = line$method,
    segments = segments,
    arguments = gsub("[{}]", "", segments[is_argument]),
    fixed_query = if (length(query)) structure(list(query[[2]]),
      names = query[[1]]
    ),
    required = names_in(line$required),
    query = names_in(line$query),
    body = if (length(body)) body[[1]] else "",
    files = max_file_count(if (length(body) > 1L) body[[2]] else ""),
    answer = answer[[1]],
    kind = if (length(answer) > 1L) answer[[2]],
    pages = if (!line$pages %in% c("", "single")) line$pages,
    has_pages = nzchar(line$pages),
    beta = if (nzchar(line$beta)) line$beta,
    is_of_assistants = grepl("^beta[.](assistants|threads)[.]", line$name),
    shut = if (nzchar(line$shut)) as.Date(line$shut),
    instead = line$instead
  )
}

names_in <- function(text) {
  strsplit(text, ",", fixed = TRUE)[[1]]
}

# How many files each field of a form accepts at most, by name.
max_file_count <- function(text) {
  fields <- names_in(text)
  is_limited <- grepl("*", fields, fixed = TRUE)
  counts <- ifelse(is_limited, sub(".*[*]", "", fields), 1)
  structure(as.numeric(counts), names = sub("[*].*", "", fields))
}

operations <- read_operations(
  system.file("operations.tsv", package = "openaistream")
)

# The R call of an operation: `client$conversations$items$create()`.
operation_call <- function(operation) {
  paste0("client$", gsub(".", "$", operation$name, fixed = TRUE), "()")
}
