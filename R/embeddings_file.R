# Embeddings whose rows are written to a NumPy file.

# Maximum number of concurrent requests, as for a matrix in memory: more would
# mostly wait for the server's rate limit.
max_embedding_requests <- 4

# The limit of a request whose rows are written to a file (MAX_INPUTS of the
# core).
max_file_inputs <- 512

# Sends the inputs that have no row in the file yet, each request with `fields`.
embeddings_to_file <- function(input, fields, file, progress, config, call,
                               asynchronous) {
  settings <- parallel_settings(
    max_embedding_requests, NULL, NULL, "stop", NULL, progress, 120
  )
  settings$results <- path.expand(file)
  request <- api_request("POST", "embeddings", fields)
  by_default <- config$is_openai() && !"encoding_format" %in% names(fields)
  sent_fields <- c(fields, if (by_default) list(encoding_format = "base64"))
  fields <- c(settings, list(
    template = c(
      config$head_of(request),
      verbosity = 0, max_wait = settings$max_wait
    ),
    frame = rows_frame(config$adapt(body_as_sent(sent_fields, request$path))),
    # The numbers are the same with base64.
    job = rows_frame(body_as_sent(fields, request$path))[[1]],
    prompts = if (inherits(input, "openai_prompts_file")) input$path,
    rows = settings$results
  ))
  is_in_memory <- !is_larger_than_memory(input)
  if (is_in_memory) input <- as_inputs(input)
  next_chunk <- if (is.null(fields$prompts)) {
    input_chunks(prompt_chunks(input))
  }
  total <- if (is_in_memory) length(input) else NA_real_
  # As for resources, an interrupt must not stop the class from loading.
  run <- suspendInterrupts(RowsRun$new(
    results_source(fields, "input", rows_start), settings, next_chunk,
    total, NULL, call, run_span(list(request), config, total)
  ))
  if (asynchronous) run$promise() else run$wait()
}

# The JSON of a body before and after its inputs.
rows_frame <- function(body) {
  before <- sub("[}]$", "", unwrap(json_write_body(body)))
  c(paste0(before, if (length(body)) ",", "\"input\":["), "]}")
}

# The same chunks with inputs as they are sent.
input_chunks <- function(next_chunk) {
  row <- 0
  function() {
    chunk <- next_chunk()
    if (!is.null(chunk)) {
      inputs <- vector_of_texts(chunk$prompts)
      if (!is.character(inputs)) {
        inputs <- lapply(seq_along(inputs), function(index) {
          as_sent_input(inputs[[index]], row + index)
        })
      }
      row <<- row + length(inputs)
      chunk$prompts <- inputs
      chunk$ids <- NULL
    }
    chunk
  }
}

# A text, or token numbers that stay an array; NULL for a missing one.
as_sent_input <- function(input, row) {
  if (is.list(input) && all(vapply(input, is_number, NA))) {
    input <- unlist(input)
  }
  if (is_missing(input)) {
    NULL
  } else if (is_string(input)) {
    input
  } else if (is_tokens(input)) {
    I(input)
  } else {
    abort_input("but its element ", in_digits(row), " is ", describe(input))
  }
}

check_rows_file <- function(file, as, settings) {
  if (as != "matrix") {
    abort_argument("`file` requires `as = \"matrix\"`.")
  }
  if (!is.null(settings)) {
    abort_argument(
      "`file` cannot be combined with `engine = \"batch\"`: remove one of them."
    )
  }
  check_file_name(file, "file")
}

# A run to a file of rows.
RowsRun <- R6::R6Class(
  "RowsRun",
  inherit = ResultsRun,
  cloneable = FALSE,
  private = list(
    so_far = function() {
      groups <- private$source$summary()
      structure(
        list(
          file = private$settings$results,
          rows = private$done - private$failures,
          width = groups$width, model = groups$model, usage = groups$usage
        ),
        class = "openai_rows_file"
      )
    }
  )
)

#' @export
print.openai_rows_file <- function(x, ...) {
  cat(
    "<openai_rows_file> ", x$file, "\n  ", in_digits(x$rows), " rows of ",
    x$width %||% "no", " numbers\n",
    sep = ""
  )
  invisible(x)
}

#' Read a matrix from a NumPy file
#'
#' Reads all or some rows of a file in NumPy's format (`.npy`), such as the
#' files written by `$create(as = "matrix", file = )` of [embeddings].
#'
#' @param file Path of the file, one string; or the value of `$create()`.
#' @param rows Numbers of the rows to read; `NULL` for all.
#' @return A numeric matrix with the rows in the requested order. Signals an
#'   `openai_argument_error` if the file does not contain a row-major matrix of
#'   little-endian 32-bit or 64-bit floats, or does not have such rows.
#' @source
#' <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' file <- tempfile(fileext = ".npy")
#' client$embeddings$create(
#'   "text-embedding-3-small", c("a cat", "a dog", "the law"),
#'   as = "matrix", file = file
#' )
#' dim(read_npy(file))
#' read_npy(file, rows = 2)[, 1:5]
#' server$stop()
#' @export
read_npy <- function(file, rows = NULL) {
  if (inherits(file, "openai_rows_file")) {
    file <- file$file
  }
  problem <- check_file(file)
  if (!is.null(problem)) {
    abort_argument("The matrix cannot be read: ", file_problem(problem), ".")
  }
  connection <- file(file, "rb")
  on.exit(close(connection))
  head <- read_npy_head(connection, file)
  if (is.null(rows)) {
    rows <- seq_len(head$rows)
  } else if (!is.numeric(rows) || !all(rows %in% seq_len(head$rows))) {
    abort_argument(
      "`rows` must be among 1 to ", in_digits(head$rows), ", the rows of the ",
      "file."
    )
  }
  matrix <- matrix(NA_real_, length(rows), head$width)
  # Consecutive rows are read at once, but in limited chunks, so that they are
  # not held in memory twice.
  block <- cumsum(c(TRUE, diff(rows) != 1)) * 1e6 + seq_along(rows) %/% 1e4
  for (indexes in split(seq_along(rows), block)) {
    seek(connection, head$bytes + (rows[[indexes[[1]]]] - 1) * head$row_bytes)
    numbers <- readBin(
      connection, "double", length(indexes) * head$width,
      size = head$row_bytes / head$width, endian = "little"
    )
    matrix[indexes, ] <- matrix(numbers, length(indexes), byrow = TRUE)
  }
  matrix
}

# How many rows a file has; 0 if there is none.
rows_in <- function(file) {
  if (is.null(file) || !isTRUE(file.size(file) > 0)) {
    return(0)
  }
  connection <- file(file, "rb")
  on.exit(close(connection))
  read_npy_head(connection, file)$rows
}

# Parses the header: `rows` and `width` of the matrix, the number of bytes of a
# row, and that of the header.
read_npy_head <- function(connection, file) {
  refuse <- function() {
    abort_argument(
      "\"", file, "\" does not contain a NumPy matrix of little-endian floats ",
      "in row-major order."
    )
  }
  magic <- readBin(connection, "raw", 8)
  if (length(magic) < 8L ||
    !identical(magic[1:6], as.raw(c(0x93, utf8ToInt("NUMPY"))))) {
    refuse()
  }
  size <- if (magic[[7]] == 1) 2L else 4L
  length <- readBin(
    connection, "integer", 1,
    size = size, signed = size == 4L, endian = "little"
  )
  text <- rawToChar(readBin(connection, "raw", max(0L, length)))
  pattern <- paste0(
    "'descr': '<f([48])'.*'fortran_order': False.*",
    "'shape': \\((\\d+), (\\d+)\\)"
  )
  groups <- regmatches(text, regexec(pattern, text))[[1]]
  if (length(groups) != 4L) refuse()
  width <- as.numeric(groups[[4]])
  list(
    rows = as.numeric(groups[[3]]), width = width,
    row_bytes = as.numeric(groups[[2]]) * width, bytes = 8 + size + length
  )
}
