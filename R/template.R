# Prompts from a template and the columns of a data frame: "Classify:
# {text}". A name in braces is replaced by the values of that column, doubled
# braces by braces, as in the package glue; but no code is run.

# A prompt for each row of `data`, NA if a value that it needs is missing.
fill_template <- function(template, data, name = "prompt") {
  parts <- template_parts(check_string(template, name, optional = FALSE))
  is_open <- parts$braces == "{"
  if (any(is_open)) {
    abort_argument(
      "`", name, "` has a `{` that is never closed, after ",
      describe(parts$texts[[which(is_open)[[1]]]]),
      ": double a brace that is text, `{{`."
    )
  }
  is_column <- !parts$braces %in% c("{{", "}}")
  if (!any(is_column)) {
    abort_argument(
      "`", name, "` contains no column of `data`, so all prompts would be the ",
      "same: write one in braces, such as {", names(data)[1], "}."
    )
  }
  prompts <- parts$texts[[1]]
  is_lacking <- logical(nrow(data))
  for (index in seq_along(parts$braces)) {
    value <- substr(parts$braces[[index]], 1L, 1L)
    if (is_column[[index]]) {
      column <- template_column(parts$braces[[index]], data, name)
      value <- column_texts(data[[column]], column)
      is_lacking <- is_lacking | is.na(data[[column]])
    }
    prompts <- paste0(prompts, value, parts$texts[[index + 1L]])
  }
  replace(prompts[seq_len(nrow(data))], is_lacking, NA_character_)
}

# The parts in braces, with the braces, and the texts before, between and after.
template_parts <- function(template) {
  template <- enc2utf8(template)
  found <- gregexpr("\\{\\{|\\}\\}|\\{[^{}]*\\}|\\{", template)
  list(
    braces = regmatches(template, found)[[1]],
    texts = regmatches(template, found, invert = TRUE)[[1]]
  )
}

# The column that is named in braces.
template_column <- function(braced, data, name) {
  inner <- substr(braced, 2L, nchar(braced) - 1L)
  column <- trimws(inner)
  candidates <- c(inner, column, sub("^`(.*)`$", "\\1", column))
  known <- candidates[candidates %in% names(data)]
  if (length(known) == 0L) {
    abort_argument(
      "`", name, "` contains ", braced, ", which is not a column of `data`; ",
      "its columns are ", in_backticks(names(data)), ". Double braces that ",
      "are text: `{{` and `}}`."
    )
  }
  known[[1]]
}

# The values of a column as text.
column_texts <- function(values, column) {
  if (!is.atomic(values) || is.null(values) || !is.null(dim(values))) {
    abort_argument(
      "The column `", column, "` must be a vector to be used in a prompt, not ",
      describe(values), "."
    )
  }
  if (is.object(values)) {
    as.character(values)
  } else if (is.double(values)) {
    sprintf("%.15g", values)
  } else if (is.integer(values)) {
    sprintf("%d", values)
  } else {
    as.character(values)
  }
}
