# Runs by batches, and what a server saw of them.

batch_prompts <- sprintf("prompt %d", 1:12)

# A file for a journal, removed when the test is over.
batch_journal <- function(env = parent.frame()) {
  withr::local_tempfile(fileext = ".jsonl", .local_envir = env)
}

# The texts of answers, NA for those that failed.
texts_of <- function(answers) {
  vapply(answers, function(answer) c(answer$text, NA_character_)[[1]], "")
}

# What a direct run returns for the texts.
practice_texts <- function(prompts) {
  client <- test_client(test_server())
  texts_of(client$chat$map(prompts, "m"))
}

# Methods and targets of the requests, without those that only look.
calls_of <- function(server) {
  calls <- vapply(server$requests(), function(request) {
    paste(request$method, sub("[?].*", "", request$target))
  }, "")
  calls[!grepl("^GET /v1/batches/", calls)]
}

# Each file of lines that was made a batch, as text; an uploaded file that has
# no batch is not among them.
batched_files <- function(client) {
  made <- client$batches$list(pages = Inf)$data
  vapply(made$input_file_id, client$files$retrieve_content, "")
}

# How often each prompt is a line of a batch.
times_batched <- function(client) {
  lines <- unlist(strsplit(batched_files(client), "\n", fixed = TRUE))
  table(factor(
    regmatches(lines, regexpr("prompt \\d+", lines)), batch_prompts
  ))
}

# Runs a map of the prompts by batches of four in an R process of its own, which
# kills itself at the given call of the function of the core with that name,
# before or after it.
killed_map <- function(server, journal, name, call, moment,
                       prompts = batch_prompts) {
  process <- callr::r_bg(
    function(url, prompts, journal, name, call, moment) {
      calls <- 0
      assign("die", envir = globalenv(), function() {
        calls <<- calls + 1
        if (calls == call) tools::pskill(Sys.getpid(), tools::SIGKILL)
      })
      library(openaistream)
      where <- asNamespace("openaistream")
      when <- list(quote(die()))
      names(when) <- c(before = "tracer", after = "exit")[[moment]]
      suppressMessages(do.call(
        trace, c(list(name, where = where, print = FALSE), when),
        quote = TRUE
      ))
      client <- openai$new("sk-test", base_url = url)
      client$chat$map(
        prompts, "m", engine = "batch", batch_size = 4, journal = journal
      )
    },
    list(
      url = server$url, prompts = prompts, journal = journal, name = name,
      call = call, moment = moment
    ),
    supervise = TRUE
  )
  withr::defer(process$kill())
  process$wait(30000)
  testthat::expect_identical(process$get_exit_status(), -9L)
}
