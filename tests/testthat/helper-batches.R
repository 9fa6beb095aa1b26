# Runs with `engine = "batch"`, and the requests that a server received.

batch_prompts <- sprintf("prompt %d", 1:12)

# The path of a journal, which is removed when the test ends.
batch_journal <- function(env = parent.frame()) {
  withr::local_tempfile(fileext = ".jsonl", .local_envir = env)
}

# The texts of answers, NA for those that failed.
texts_of <- function(answers) {
  vapply(answers, function(answer) c(answer$text, NA_character_)[[1]], "")
}

# The texts that a run without batches returns for the prompts.
practice_texts <- function(prompts) {
  client <- test_client(test_server())
  texts_of(client$chat$map(prompts, "m"))
}

# The methods and targets of the requests, without those that poll a batch.
calls_of <- function(server) {
  calls <- vapply(server$requests(), function(request) {
    paste(request$method, sub("[?].*", "", request$target))
  }, "")
  calls[!grepl("^GET /v1/batches/", calls)]
}

# The input files of all batches, as text. Uploaded files without a batch are
# not among them.
batched_files <- function(client) {
  batches <- client$batches$list(pages = Inf)$data
  vapply(batches$input_file_id, client$files$retrieve_content, "")
}

# How often each prompt occurs in the input files of batches.
times_batched <- function(client) {
  lines <- unlist(strsplit(batched_files(client), "\n", fixed = TRUE))
  table(factor(
    regmatches(lines, regexpr("prompt \\d+", lines)), batch_prompts
  ))
}

# Runs `map()` with batches of four prompts in a new R process. The process
# kills itself `moment` ("before" or "after") call number `call` of the
# package's function `name`.
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
