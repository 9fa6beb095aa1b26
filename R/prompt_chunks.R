# Prompts that arrive in chunks: from a function, a connection, a file, or a
# vector in memory.

# How many prompts to request at a time.
prompts_at_once <- 1000

# Returns a function that returns the next prompts: list(prompts = , ids = ), a
# vector or list, and a list of ids or NULL; NULL when there are no more. Those
# of a file have their JSON as `json`. An error names the row.
prompt_chunks <- function(prompts) {
  if (is.function(prompts)) {
    chunks_of_function(prompts)
  } else if (inherits(prompts, "connection")) {
    chunks_of_lines(prompts)
  } else if (inherits(prompts, "openai_prompts_file")) {
    chunks_of_lines(
      file(prompts$path, encoding = "UTF-8"),
      keeps_json = TRUE
    )
  } else {
    chunks_of_vector(prompts)
  }
}

# Whether prompts are not in memory.
is_larger_than_memory <- function(prompts) {
  is.function(prompts) ||
    inherits(prompts, c("connection", "openai_prompts_file"))
}

chunks_of_function <- function(give) {
  rows <- 0
  takes_size <- length(formals(args(give))) > 0L
  function() {
    chunk <- tryCatch(
      as_chunk(if (takes_size) give(prompts_at_once) else give()),
      error = function(e) {
        abort_argument(
          "The function `prompts` failed at row ", in_digits(rows + 1), ": ",
          conditionMessage(e)
        )
      }
    )
    rows <<- rows + length(chunk$prompts)
    chunk
  }
}

# Checks what a function returned.
as_chunk <- function(value) {
  prompts <- value
  ids <- names(value)
  if (is.data.frame(value)) {
    column <- intersect(c("prompt", "messages", "input"), names(value))
    if (!length(column)) {
      abort_argument(
        "the data frame has no column `prompt`, `messages` or `input`"
      )
    }
    prompts <- value[[column[[1]]]]
    ids <- value[["id"]]
  }
  if (length(prompts)) {
    list(
      prompts = factor_as_text(prompts),
      ids = if (!is.null(ids)) as.list(factor_as_text(ids))
    )
  }
}

# The lines of a connection, which is opened if it is not open, and then closed.
chunks_of_lines <- function(connection, keeps_json = FALSE) {
  number <- 0
  opens <- !isOpen(connection)
  if (opens) open(connection, "rt")
  done <- FALSE
  function() {
    repeat {
      lines <- if (!done) {
        readLines(connection, prompts_at_once, warn = FALSE, encoding = "UTF-8")
      }
      if (!length(lines)) {
        if (opens && !done) close(connection)
        done <<- TRUE
        return(NULL)
      }
      read <- unwrap(prompts_read(lines, number + 1))
      read$prompts <- lapply(read$prompts, `%||%`, NA)
      read$json <- if (keeps_json) structure(read$json, class = "json")
      number <<- number + length(lines)
      if (!is.null(read$wrong)) {
        read$failure <- openai_condition(
          list(kind = "argument", message = read$wrong)
        )
      }
      if (length(read$prompts) || !is.null(read$failure)) {
        return(read)
      }
    }
  }
}

chunks_of_vector <- function(prompts) {
  given <- 0
  function() {
    indexes <- given + seq_len(min(prompts_at_once, length(prompts) - given))
    given <<- given + length(indexes)
    if (length(indexes)) {
      ids <- names(prompts)[indexes]
      list(
        prompts = prompts[indexes],
        ids = if (!is.null(ids)) as.list(ids)
      )
    }
  }
}

# The prompts as `$map()` uses them in memory, named by their ids.
in_memory <- function(prompts) {
  if (!is_larger_than_memory(prompts)) {
    return(prompts)
  }
  next_chunk <- prompt_chunks(prompts)
  chunks <- list()
  while (!is.null(chunk <- next_chunk())) {
    if (!is.null(chunk$failure)) stop(chunk$failure)
    chunks[[length(chunks) + 1L]] <- chunk
  }
  all <- unlist(
    lapply(chunks, function(chunk) as.list(chunk$prompts)),
    recursive = FALSE
  )
  ids <- lapply(chunks, function(chunk) {
    ids <- chunk$ids %||% vector("list", length(chunk$prompts))
    vapply(ids, function(id) if (is.null(id)) "" else as.character(id), "")
  })
  ids <- unlist(ids)
  if (any(nzchar(ids))) names(all) <- ids
  if (is.null(all)) list() else all
}
