# Random JSON and random R values, from R's own random number generator:
# set.seed() reproduces them.

random_text <- function() {
  pieces <- c(
    "a", "B", "7", " ", "/", "</", "NA", "\"", "\\", "\n", "\t", "\u0001",
    "\u00e9", "\u4e2d", "\U0001f600", "\u007f"
  )
  switch(
    sample(4L, 1L, prob = c(1, 1, 3, 2)),
    "",
    sample(c("NA", "NaN", "Inf", "-Inf", "TRUE", "null", "$date"), 1L),
    paste(sample(letters, sample(12L, 1L)), collapse = ""),
    paste(sample(pieces, sample(8L, 1L), replace = TRUE), collapse = "")
  )
}

random_name <- function() {
  if (runif(1L) < 0.03) {
    return(sample(c("", "a b", "\u00e9", "a.1", "1"), 1L))
  }
  sample(c("id", "role", "content", "index", "a", "b"), 1L)
}

# JSON ------------------------------------------------------------------------

# A JSON text of any shape that a server may send.
random_json <- function() {
  random_json_value(sample(0:4, 1L))
}

random_json_value <- function(depth) {
  if (depth == 0L) {
    return(random_json_scalar())
  }
  inside <- function() random_json_value(sample(0:(depth - 1L), 1L))
  value <- switch(
    sample(9L, 1L),
    random_json_scalar(),
    json_array(replicate(sample(0:4, 1L), inside())),
    random_json_object(inside),
    random_json_object(inside),
    random_json_records(inside),
    random_json_records(inside),
    random_json_vector(),
    random_json_matrix(sample(0:3, sample(2:4, 1L), replace = TRUE)),
    random_json_date(inside)
  )
  paste0(random_space(), value, random_space())
}

random_space <- function() {
  sample(c("", "", "", " ", "\n\t"), 1L)
}

json_array <- function(items) {
  paste0("[", paste(items, collapse = ","), "]")
}

json_object <- function(names, values) {
  names <- vapply(names, json_string, "")
  paste0("{", paste(names, values, sep = ":", collapse = ","), "}")
}

# A JSON string with the required escapes, and some optional ones.
json_string <- function(text) {
  points <- utf8ToInt(text)
  units <- vapply(points, json_character, "", optional = runif(1L) < 0.3)
  paste0("\"", paste(units, collapse = ""), "\"")
}

json_character <- function(point, optional) {
  plain <- point >= 0x20L && !point %in% utf8ToInt("\"\\")
  if (plain && !(optional && runif(1L) < 0.5)) {
    return(intToUtf8(point))
  }
  if (point > 0xffffL) {
    offset <- point - 0x10000L
    high <- 0xd800L + offset %/% 0x400L
    return(sprintf("\\u%04x\\u%04X", high, 0xdc00L + offset %% 0x400L))
  }
  sprintf("\\u%04x", point)
}

random_json_number <- function() {
  switch(
    sample(8L, 1L),
    as.character(sample(-5:5, 1L)),
    sample(c("-0", "0.0", "-0.0", "1.0", "1e5", "1E-7", "12.5e+3"), 1L),
    sample(c(
      "2147483647", "2147483648", "-2147483647", "-2147483648",
      "9007199254740993", "9223372036854775807", "9223372036854775808",
      "123456789012345678901234567890"
    ), 1L),
    sample(c(
      "1e400", "-1e400", "5e-324", "1e-400", "1.7976931348623157e308"
    ), 1L),
    format(rnorm(1L), digits = 17L),
    format(runif(1L, -1e9, 1e9), digits = sample(17L, 1L)),
    paste0(sample(9L, 1L), ".", paste(sample(0:9, 19L, TRUE), collapse = "")),
    sprintf("%.*e", sample(17L, 1L), rnorm(1L) * 10^sample(-30:30, 1L))
  )
}

random_json_scalar <- function() {
  switch(
    sample(5L, 1L),
    "null",
    sample(c("true", "false"), 1L),
    json_string(random_text()),
    random_json_number(),
    as.character(sample(100L, 1L))
  )
}

# An array of scalars, mostly of one type, like the arrays of the API.
random_json_vector <- function() {
  size <- sample(0:5, 1L)
  one <- switch(
    sample(5L, 1L),
    random_json_scalar,
    random_json_number,
    function() as.character(sample(100L, 1L)),
    function() json_string(random_text()),
    function() sample(c("true", "false", "null"), 1L)
  )
  json_array(replicate(size, if (runif(1L) < 0.05) "null" else one()))
}

# Nested arrays, which are sometimes ragged.
random_json_matrix <- function(dim) {
  size <- if (runif(1L) < 0.03) sample(0:3, 1L) else dim[[1L]]
  if (length(dim) == 1L) {
    mixed <- runif(1L) < 0.1
    one <- if (mixed) random_json_scalar else random_json_number
    return(json_array(replicate(size, one())))
  }
  json_array(replicate(size, random_json_matrix(dim[-1L])))
}

random_json_object <- function(inside) {
  # jsonlite keeps all values of a repeated key, the package only the last one.
  names <- unique(as.character(replicate(sample(0:4, 1L), random_name())))
  json_object(names, replicate(length(names), inside()))
}

# An array of objects with common names, some of them missing: a data frame.
random_json_records <- function(inside) {
  names <- unique(replicate(sample(4L, 1L), random_name()))
  makers <- lapply(names, function(name) {
    switch(
      sample(6L, 1L),
      inside,
      random_json_number,
      function() json_string(random_text()),
      function() random_json_vector(),
      function() random_json_object(random_json_scalar),
      random_json_scalar
    )
  })
  if (runif(1L) < 0.05) {
    names <- c(names, "_row")
    row_name <- function() json_string(random_text())
    makers <- c(makers, sample(c(row_name, random_json_number), 1L))
  }
  record <- function() {
    if (runif(1L) < 0.05) {
      return("null")
    }
    kept <- which(runif(length(names)) < 0.9)
    values <- vapply(makers[kept], function(make) make(), "")
    json_object(names[kept], values)
  }
  json_array(replicate(sample(4L, 1L), record()))
}

# A date of MongoDB, which jsonlite parses.
random_json_date <- function(inside) {
  if (runif(1L) < 0.7) {
    return(random_json_object(inside))
  }
  value <- switch(
    sample(4L, 1L),
    as.character(sample(2e9, 1L)),
    "\"2024-02-29T12:30:00Z\"",
    "\"2024-02-29T12:30:00\"",
    inside()
  )
  json_object("$date", value)
}

# R values --------------------------------------------------------------------

# An R value of the kinds that users pass as arguments of requests.
random_r_value <- function() {
  random_r_list(sample(0:3, 1L))
}

random_r_list <- function(depth) {
  if (depth == 0L) {
    return(random_r_leaf())
  }
  size <- sample(0:4, 1L)
  values <- replicate(size, random_r_list(depth - 1L), simplify = FALSE)
  switch(
    sample(5L, 1L),
    values,
    stats::setNames(values, vapply(values, function(x) random_name(), "")),
    I(values),
    random_r_leaf(),
    random_r_frame(depth)
  )
}

random_r_leaf <- function() {
  size <- sample(c(0L, 1L, 1L, 1L, 2L, 3L), 1L)
  switch(
    sample(9L, 1L),
    NULL,
    random_r_vector(size),
    random_r_vector(1L),
    random_r_vector(size),
    I(random_r_vector(size)),
    random_r_matrix(),
    stats::setNames(random_r_vector(size), rep("x", size)),
    as.raw(sample(0:255, sample(0:120, 1L), replace = TRUE)),
    random_r_array()
  )
}

random_r_vector <- function(size) {
  missing <- runif(size) < 0.1
  values <- switch(
    sample(9L, 1L),
    sample(c(TRUE, FALSE), size, replace = TRUE),
    sample(-1000:1000, size),
    random_r_doubles(size),
    vapply(seq_len(size), function(i) random_text(), ""),
    factor(vapply(seq_len(size), function(i) random_text(), "")),
    as.Date("2024-01-01") + sample(-9e4:9e4, size),
    as.POSIXct("2024-01-01", tz = "UTC") + sample(1e8, size),
    as.POSIXlt(as.POSIXct("2024-01-01", tz = "UTC") + sample(1e5, size)),
    complex(real = sample(9L, size), imaginary = sample(9L, size))
  )
  values[missing] <- NA
  values
}

random_r_doubles <- function(size) {
  switch(
    sample(4L, 1L),
    rnorm(size),
    as.numeric(sample(-1e6:1e6, size)),
    rnorm(size) * 10^sample(-30:30, size),
    sample(c(0, 1, 0.1, 1e5, 1e15, 123456789.5, 2^31, -1e-7), size)
  )
}

# A vector without a class, for a matrix.
random_r_plain <- function(size) {
  switch(
    sample(4L, 1L),
    sample(c(TRUE, FALSE, NA), size, replace = TRUE),
    sample(c(NA, 1:9), size, replace = TRUE),
    rnorm(size),
    vapply(seq_len(size), function(i) random_text(), "")
  )
}

random_r_matrix <- function() {
  dim <- sample(0:3, 2L, replace = TRUE)
  values <- random_r_plain(prod(dim))
  if (runif(1L) < 0.1) {
    values <- as.list(values)
  }
  array(values, dim)
}

random_r_array <- function() {
  dim <- sample(0:3, sample(c(1L, 3L, 4L), 1L), replace = TRUE)
  array(random_r_plain(prod(dim)), dim)
}

random_r_frame <- function(depth) {
  rows <- sample(0:3, 1L)
  columns <- replicate(
    sample(0:4, 1L),
    random_r_column(rows, depth),
    simplify = FALSE
  )
  names <- vapply(columns, function(x) random_name(), "")
  # If there are row names, jsonlite numbers several columns without a name
  # differently.
  names[!nzchar(names) & duplicated(names)] <- "a"
  row_names <- seq_len(rows)
  if (runif(1L) < 0.2) {
    row_names <- sample(c("x", "y", "z", "1", "2"), rows)
  }
  structure(
    columns,
    names = names,
    row.names = row_names,
    class = "data.frame"
  )
}

random_r_column <- function(rows, depth) {
  switch(
    sample(8L, 1L),
    random_r_vector(rows),
    random_r_vector(rows),
    random_r_vector(rows),
    I(random_r_vector(rows)),
    replicate(rows, random_r_list(depth - 1L), simplify = FALSE),
    array(random_r_plain(rows * 2L), c(rows, 2L)),
    as.raw(sample(0:255, rows)),
    structure(
      list(u = random_r_vector(rows), v = random_r_vector(rows)),
      names = c("u", "v"),
      row.names = seq_len(rows),
      class = "data.frame"
    )
  )
}

# Sets a new random seed for one test and returns it, for failure messages. The
# environment variable OPENAISTREAM_TEST_SEED repeats an earlier one.
local_random_seed <- function(env = parent.frame()) {
  seed <- as.integer((as.numeric(Sys.time()) * 1000) %% 1e9)
  seed <- as.integer(Sys.getenv("OPENAISTREAM_TEST_SEED", seed))
  withr::local_seed(seed, .local_envir = env)
  seed
}
