# Runs works: contestants in turn (A B C, A B C, ...), so that other load on the
# machine affects all of them.

# A run longer than this, in seconds, is not repeated.
long_run <- 20
# A run up to this is repeated three times in each turn: short runs vary more.
short_run <- 0.2

# Returns a data frame with one row per run: `work`, `label`, and what
# `run_client()` returns.
run_works <- function(works, repeats, commands, server, scratch) {
  do.call(rbind, lapply(works, function(work) {
    message(format(Sys.time(), "%H:%M:%S "), work$title)
    run_work(work, repeats, commands, server, scratch)
  }))
}

# The works with the ids in `chosen`, a string with commas; all without it.
chosen_works <- function(works, chosen) {
  if (!length(chosen)) {
    return(works)
  }
  ids <- strsplit(chosen, ",")[[1]]
  known <- vapply(works, `[[`, "", "id")
  if (!all(ids %in% known)) {
    stop("Works are ", paste(known, collapse = ", "), ", not ", chosen, ".")
  }
  works[known %in% ids]
}

# Runs, with those of the other works that `file` has.
with_earlier_runs <- function(runs, works, file) {
  earlier <- utils::read.csv(file)
  ids <- vapply(works, `[[`, "", "id")
  missing <- setdiff(ids, c(runs$work, earlier$work))
  if (length(missing)) {
    stop(file, " has no runs of ", paste(missing, collapse = ", "), ".")
  }
  rbind(runs, earlier[!earlier$work %in% runs$work, names(runs)])
}

run_work <- function(work, repeats, commands, server, scratch) {
  if (is.null(work$file) || work$file == "prompts") {
    prepare_answer(server, work$workload)
  }
  if (identical(work$file, "prompts")) {
    on.exit(unlink(file.path(scratch, c("prompts", "prompts_of_warm_up"))))
    write_prompts(work$size, file.path(scratch, "prompts"))
    write_prompts(work$warm_size, file.path(scratch, "prompts_of_warm_up"))
  }
  arguments <- work_arguments(work, server$url, scratch)
  run_once <- function(one) {
    run <- run_client(commands[[one$client]], c(one$does, arguments))
    check_file(work, scratch, run)
    check_events(work, one, run)
    cbind(work = work$id, label = one$label, measured = date_and_time(), run)
  }
  runs <- list()
  for (turn in seq_len(repeats)) {
    for (one in work$contestants) {
      if (turn > 1 && !is_repeated(runs, one$label)) next
      run <- run_once(one)
      more <- if (takes_at_most(short_run, run)) 2 else 0
      again <- replicate(more, run_once(one), simplify = FALSE)
      runs <- c(runs, list(run), again)
    }
  }
  do.call(rbind, runs)
}

work_arguments <- function(work, url, scratch) {
  base <- function(workload) paste0(url, "/", workload, "/v1")
  file <- function(name) {
    if (is.null(work$file)) "-" else file.path(scratch, name)
  }
  size <- function(count) if (is.na(count)) "1" else in_digits(count)
  files <- switch(work$file %||% "none",
    upload = c("source", "source_of_1_mb"),
    prompts = c("prompts", "prompts_of_warm_up"),
    c("got", "got")
  )
  c(
    base(work$workload), size(work$size), file(files[[1]]),
    base(work$warm), size(work$warm_size), file(files[[2]])
  )
}

is_repeated <- function(runs, label) {
  takes_at_most(long_run, Find(function(run) run$label == label, runs))
}

takes_at_most <- function(seconds, run) {
  is.na(run$problem) && run$seconds <= seconds
}

# A client that received less than was sent is not fast.
check_events <- function(work, contestant, run) {
  if (is.na(run$problem) && !is.na(work$size) && run$events != work$size) {
    stop(contestant$label, " got ", run$events, " of ", work$size, ".")
  }
}

# The downloaded file must equal the server's.
check_file <- function(work, scratch, run) {
  if (identical(work$file, "download") && is.na(run$problem)) {
    files <- file.path(scratch, c("source", "got"))
    if (processx::run("cmp", files, error_on_status = FALSE)$status != 0) {
      stop("What was downloaded is not what the server sent.")
    }
    unlink(files[[2]])
  }
}

# A file of short prompts, each with its id.
write_prompts <- function(count, path) {
  lines <- sprintf("{\"id\":%.0f,\"prompt\":\"Hello\"}", seq_len(count))
  writeLines(lines, path)
}

# The files to upload, as the server generates them.
make_sources <- function(server, megabytes, scratch) {
  fetch <- function(size, name) {
    url <- paste0(server$url, "/", workload("download", size), "/")
    curl::curl_download(url, file.path(scratch, name))
  }
  fetch(megabytes, "source")
  fetch(1, "source_of_1_mb")
}
