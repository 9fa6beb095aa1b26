# Scripts written for openaistream 0.3.0, run on two servers: one with the
# Assistants API, and one without it.

# What differs between the servers, as the article says: ids, times, and the
# usage of steps, which is reported only for the last step of a round.
differing_ids <-
  "^(asst|thread|msg|run|step|call|file|vs|fc|ci|fs|cfile)[_-].*[0-9]"

# A value without these differences: ids are numbered in order of appearance,
# times are removed, and the tokens of steps are summed.
common_form <- function(value) {
  ids <- new.env(parent = emptyenv())
  ids$known <- character()
  number_of <- function(id) {
    if (!id %in% ids$known) ids$known <- c(ids$known, id)
    paste0(sub("[_-].*", "", id), " ", match(id, ids$known))
  }
  form <- function(x) {
    if (is.list(x)) {
      if ("step_details" %in% names(x)) {
        x$usage <- sum(unlist(x$usage), na.rm = TRUE)
      }
      x[] <- lapply(x, form)
      x
    } else if (is.character(x)) {
      is_id <- !is.na(x) & grepl(differing_ids, x)
      x[is_id] <- vapply(x[is_id], number_of, "", USE.NAMES = FALSE)
      x
    } else {
      x
    }
  }
  form(without_times(value))
}

# Replaces each time in a value by whether it is missing.
without_times <- function(x) {
  if (is.list(x)) {
    is_time <- grepl("_at$", names(x))
    x[is_time] <- lapply(x[is_time], function(it) {
      if (is.null(it)) NULL else is.na(it)
    })
    x[] <- lapply(x, without_times)
  }
  x
}

# Runs `script(client, server)` on both servers and expects the same value;
# `...` are arguments of `local_server()`.
expect_same_on_both_servers <- function(script, ..., assistants = "auto") {
  run <- function(server, assistants) {
    client <- test_client(server, assistants = assistants, max_retries = 2)
    suppressMessages(script(client, server))
  }
  before <- run(local_server(assistants = TRUE, ...), "api")
  after <- run(local_server(...), assistants)
  testthat::expect_identical(common_form(after), common_form(before))
  invisible(after)
}

# Polls a run until it is finished or requires the outputs of functions.
poll_run <- function(client, run) {
  deadline <- Sys.time() + 20
  while (run$status %in% c("queued", "in_progress", "cancelling")) {
    if (Sys.time() > deadline) stop("The run did not finish.")
    Sys.sleep(0.01)
    run <- client$runs$retrieve(run$thread_id, run$id)
  }
  run
}

weather_tool <- list(
  type = "function",
  `function` = list(
    name = "get_weather", description = "The weather of a city.",
    parameters = list(
      type = "object",
      properties = list(city = list(type = "string")),
      required = list("city")
    )
  )
)

# A run that requires the output of a function.
waiting_run <- function(client, server) {
  assistant <- client$assistants$create("gpt-4o", tools = list(weather_tool))
  server$reply_tool("get_weather", list(city = "Rome"))
  run <- client$runs$create_tread(
    assistant$id,
    thread = list(messages = hello)
  )
  poll_run(client, run)
}

# All events of a stream, read by `$next_value` as in 0.3.0.
read_events <- function(stream) {
  events <- list()
  repeat {
    batch <- stream$next_value
    if (!is.list(batch) || inherits(batch, "error")) break
    events <- c(events, batch$vres)
  }
  events
}
