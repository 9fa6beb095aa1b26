# Sends a minimal valid request for each described operation, using the package,
# to a server that rejects requests that do not match the description:
#
# Rscript requests.R BODIES URL
#
# BODIES is the output of bodies.py.

library(openaistream)

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 2) {
  stop("usage: Rscript requests.R BODIES URL")
}
requests <- jsonlite::fromJSON(arguments[[1]], simplifyVector = FALSE)
described <- Filter(function(request) !is.null(request$described), requests)
client <- openai$new(
  "sk-contract",
  base_url = arguments[[2]], on_error = "stop", max_retries = 0
)

# Writes the files of a request and returns their paths.
as_paths <- function(files) {
  lapply(files, function(file) {
    path <- file.path(tempdir(), file$name)
    writeBin(jsonlite::base64_dec(file$base64), path)
    path
  })
}

# The path in the description differs from openai-python and the documentation:
# the request is sent with `client$request()`.
other_path <- "evals.runs.cancel"

send_to_described_path <- function(request) {
  path <- sub("^/v1/", "", request$described)
  for (name in names(request$arguments)) {
    path <- sub(paste0("{", name, "}"), request$arguments[[name]], path,
      fixed = TRUE
    )
  }
  client$request(request$method, path)
}

send <- function(name, request) {
  if (name == other_path) {
    return(send_to_described_path(request))
  }
  parts <- strsplit(name, ".", fixed = TRUE)[[1]]
  method <- Reduce(function(object, part) object[[part]], parts, client)
  do.call(method, c(
    request$arguments, request$query, request$body, as_paths(request$files)
  ))
}

# The reason why the request for an operation was rejected, or NULL.
rejection <- function(name, request) {
  tryCatch(
    {
      value <- send(name, request)
      # Close streams, which are not read here.
      if (inherits(value, "DataStream")) value$close()
      NULL
    },
    # The request was accepted; the response is an example that may not be a
    # valid response for the call.
    openai_response_error = function(e) NULL,
    error = function(e) {
      paste(conditionMessage(e), substr(paste(e$body), 1, 600))
    }
  )
}

# Verify that the server does not accept everything.
wrong <- requests[["completions.create"]]
wrong$body$n <- "many"
if (is.null(rejection("completions.create", wrong))) {
  stop("The server does not reject an invalid request.")
}

rejections <- Map(rejection, names(described), described)
rejections <- Filter(Negate(is.null), rejections)
for (name in names(rejections)) {
  cat(name, "\n  ", rejections[[name]], "\n", sep = "")
}
# Some operations have two names, or a variant with a query.
operations <- function(requests) {
  length(unique(vapply(requests, function(request) {
    paste(request$method, request$described)
  }, "")))
}
cat(
  operations(described[setdiff(names(described), names(rejections))]), " of ",
  operations(described), " operations are accepted, by ",
  length(described) - length(rejections), " of ", length(described),
  " methods.\n",
  sep = ""
)
quit(status = as.integer(length(rejections) > 0))
