# Runs the contestants of tasks in turn (A B C, A B C, ...), so that other load
# on the machine affects all of them.

# A run longer than this, in seconds, is not repeated.
long_run <- 20
# A run up to this is made three times in each turn, because short runs vary
# more.
short_run <- 0.2

# Returns a data frame with one row per run: `task`, `label`, `measured`, and
# the columns returned by `run_client()`.
run_tasks <- function(tasks, repeats, commands, server, scratch) {
  do.call(rbind, lapply(tasks, function(task) {
    message(format(Sys.time(), "%H:%M:%S "), task$title)
    run_task(task, repeats, commands, server, scratch)
  }))
}

# The tasks with the ids in `chosen`, one string separated by commas, or all
# tasks if it is empty.
chosen_tasks <- function(tasks, chosen) {
  if (!length(chosen)) {
    return(tasks)
  }
  ids <- strsplit(chosen, ",")[[1]]
  known <- vapply(tasks, `[[`, "", "id")
  if (!all(ids %in% known)) {
    stop("Tasks are ", paste(known, collapse = ", "), ", not ", chosen, ".")
  }
  tasks[known %in% ids]
}

# Adds runs of other tasks from `file`.
with_earlier_runs <- function(runs, tasks, file) {
  earlier <- utils::read.csv(file)
  ids <- vapply(tasks, `[[`, "", "id")
  missing <- setdiff(ids, c(runs$task, earlier$task))
  if (length(missing)) {
    stop(file, " has no runs of ", paste(missing, collapse = ", "), ".")
  }
  rbind(runs, earlier[!earlier$task %in% runs$task, names(runs)])
}

run_task <- function(task, repeats, commands, server, scratch) {
  if (is.null(task$file) || task$file == "prompts") {
    prepare_answer(server, task$workload)
  }
  if (identical(task$file, "prompts")) {
    on.exit(unlink(file.path(scratch, c("prompts", "prompts_of_warm_up"))))
    write_prompts(task$size, file.path(scratch, "prompts"))
    write_prompts(task$warm_size, file.path(scratch, "prompts_of_warm_up"))
  }
  arguments <- task_arguments(task, server$url, scratch)
  run_once <- function(one) {
    run <- run_client(commands[[one$client]], c(one$method, arguments))
    check_file(task, scratch, run)
    check_events(task, one, run)
    cbind(task = task$id, label = one$label, measured = date_and_time(), run)
  }
  runs <- list()
  for (turn in seq_len(repeats)) {
    for (one in task$contestants) {
      if (turn > 1 && !is_repeated(runs, one$label)) next
      run <- run_once(one)
      more <- if (takes_at_most(short_run, run)) 2 else 0
      again <- replicate(more, run_once(one), simplify = FALSE)
      runs <- c(runs, list(run), again)
    }
  }
  do.call(rbind, runs)
}

task_arguments <- function(task, url, scratch) {
  base <- function(workload) paste0(url, "/", workload, "/v1")
  file <- function(name) {
    if (is.null(task$file)) "-" else file.path(scratch, name)
  }
  size <- function(count) if (is.na(count)) "1" else in_digits(count)
  files <- switch(task$file %||% "none",
    upload = c("source", "source_of_1_mb"),
    prompts = c("prompts", "prompts_of_warm_up"),
    c("received", "received")
  )
  c(
    base(task$workload), size(task$size), file(files[[1]]),
    base(task$warm), size(task$warm_size), file(files[[2]])
  )
}

is_repeated <- function(runs, label) {
  takes_at_most(long_run, Find(function(run) run$label == label, runs))
}

takes_at_most <- function(seconds, run) {
  is.na(run$problem) && run$seconds <= seconds
}

# Fails if a client did not receive everything.
check_events <- function(task, contestant, run) {
  if (is.na(run$problem) && !is.na(task$size) && run$events != task$size) {
    stop(contestant$label, " received ", run$events, " of ", task$size, ".")
  }
}

# Fails if a downloaded file differs from the server's.
check_file <- function(task, scratch, run) {
  if (identical(task$file, "download") && is.na(run$problem)) {
    files <- file.path(scratch, c("source", "received"))
    if (processx::run("cmp", files, error_on_status = FALSE)$status != 0) {
      stop("The downloaded file differs from the file that the server sent.")
    }
    unlink(files[[2]])
  }
}

# Writes a file of short prompts with ids.
write_prompts <- function(count, path) {
  lines <- sprintf("{\"id\":%.0f,\"prompt\":\"Hello\"}", seq_len(count))
  writeLines(lines, path)
}

# Downloads the files to upload, which the server generates.
download_sources <- function(server, megabytes, scratch) {
  fetch <- function(size, name) {
    url <- paste0(server$url, "/", workload("download", size), "/")
    curl::curl_download(url, file.path(scratch, name))
  }
  fetch(megabytes, "source")
  fetch(1, "source_of_1_mb")
}
