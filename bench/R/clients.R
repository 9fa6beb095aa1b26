# The clients that are measured, each in a separate process.

# The command of each client: its program and first argument.
client_commands <- function(folder) {
  rscript <- file.path(R.home("bin"), "Rscript")
  python <- file.path(folder, "python", "bin", "python")
  list(
    openaistream = c(rscript, "openaistream.R"),
    httr2 = c(rscript, "httr2.R"),
    r_curl = c(rscript, "r_curl.R"),
    openai_python = c(python, "openai_python.py"),
    httpx = c(python, "httpx_json.py"),
    async_openai = file.path(folder, "release", "bench-async-openai"),
    plain = file.path(folder, "release", "bench-plain"),
    curl = c(python, "curl_tool.py")
  )
}

# The paths of R's libraries must not reach Python.
client_environment <- c(
  "current",
  LC_ALL = "C.UTF-8", NO_PROXY = "127.0.0.1", LD_LIBRARY_PATH = ""
)

# Runs a client once. Returns a one-row data frame of its measurements, with the
# reason in `problem` if there are none.
run_client <- function(command, arguments, timeout = 180) {
  ran <- processx::run(
    command[[1]], c(command[-1], arguments),
    wd = file.path("bench", "clients"), timeout = timeout,
    env = client_environment,
    error_on_status = FALSE
  )
  if (ran$timeout) {
    return(no_figures(paste("took more than", timeout, "s")))
  }
  if (ran$status != 0) {
    message(ran$stderr)
    return(no_figures("failed"))
  }
  as_figures(jsonlite::fromJSON(ran$stdout))
}

as_figures <- function(output) {
  if (!is.null(output$not_available)) {
    return(no_figures(paste("not available:", output$not_available)))
  }
  figure <- function(name) as.numeric(output[[name]] %||% NA)
  data.frame(
    seconds = figure("seconds"), events = figure("events"),
    cpu = figure("cpu"), main_cpu = figure("main_cpu"),
    peak_mb = figure("peak_mb"), grown_mb = figure("grown_mb"),
    problem = NA_character_
  )
}

no_figures <- function(problem) {
  data.frame(
    seconds = NA_real_, events = NA_real_, cpu = NA_real_, main_cpu = NA_real_,
    peak_mb = NA_real_, grown_mb = NA_real_, problem = problem
  )
}

`%||%` <- function(x, y) if (is.null(x)) y else x
