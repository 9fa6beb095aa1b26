# Workers of the future framework.

# The secrets that workers read from their environment. They are pasted together
# because a plan sends the source of this file to the workers.
worker_secrets <- c(
  OPENAI_KEY = paste0("sk-of-the-", "environment"),
  TEAM_SECRET = paste0("secret-of-", "the-team")
)

# Starts workers of a multisession plan and returns their process ids.
use_workers <- function(count) {
  skip_on_cran()
  skip_if_not_installed("future")
  # Workers inherit these variables when they start, and are used by all tests.
  withr::local_envvar(worker_secrets, .local_envir = teardown_env())
  withr::defer(future::plan(future::sequential), teardown_env())
  # Without it, future warns on machines with few processors.
  withr::local_options(parallelly.maxWorkers.localhost = c(Inf, Inf))
  future::plan(future::sequential)
  future::plan(future::multisession, workers = count)
  # Each future waits until all have started, so that no worker runs two.
  all_started <- withr::local_tempfile()
  futures <- lapply(seq_len(count), function(i) {
    future::future({
      while (!file.exists(all_started)) Sys.sleep(0.01)
      Sys.getpid()
    })
  })
  file.create(all_started)
  unlist(lapply(futures, future::value))
}

# Two workers that no test has killed.
use_two_workers <- function() {
  skip_on_cran()
  skip_if_not_installed("future")
  if (future::nbrOfWorkers() != 2) use_workers(2)
}

# A client whose key workers read from the environment variable.
worker_client <- function(server, ...) {
  test_client(server, Sys.getenv("OPENAI_KEY"), ...)
}

# Replaces functions of the future engine until the test ends. Each replacement
# gets the original function and its arguments. Returns an environment whose
# `bytes` are the serialised chunks that were submitted.
local_engine <- function(..., env = parent.frame()) {
  engine <- openaistream:::future_engine()
  submitted <- new.env()
  submitted$bytes <- list()
  submit <- engine$submit
  engine$submit <- function(chunk) {
    submitted$bytes <- c(submitted$bytes, list(serialize(chunk, NULL)))
    submit(chunk)
  }
  replacements <- list(...)
  engine[names(replacements)] <- Map(function(replacement, original) {
    function(...) replacement(original, ...)
  }, replacements, engine[names(replacements)])
  use_engine <- function(create) {
    utils::assignInNamespace("future_engine", create, "openaistream")
  }
  original <- openaistream:::future_engine
  withr::defer(use_engine(original), envir = env)
  use_engine(function() engine)
  submitted
}

# Kills a worker once the server has received `after` requests.
local_killer <- function(server, pid, after, env = parent.frame()) {
  is_killed <- FALSE
  local_engine(is_resolved = function(original, handle) {
    if (!is_killed && length(server$requests()) >= after) {
      tools::pskill(pid, tools::SIGKILL)
      is_killed <<- TRUE
    }
    original(handle)
  }, env = env)
}
