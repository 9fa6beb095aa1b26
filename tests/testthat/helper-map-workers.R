# Workers of the future framework.

# What they look up. A plan takes the text of this file to the workers.
worker_secrets <- c(
  OPENAI_KEY = paste0("sk-of-the-", "environment"),
  TEAM_SECRET = paste0("secret-of-", "the-team")
)

# So many workers of a multisession plan; their process ids.
use_workers <- function(count) {
  skip_on_cran()
  skip_if_not_installed("future")
  # They get these when they start, and stay from test to test.
  withr::local_envvar(worker_secrets, .local_envir = teardown_env())
  withr::defer(future::plan(future::sequential), teardown_env())
  future::plan(future::sequential)
  future::plan(future::multisession, workers = count)
  started <- lapply(seq_len(count), function(i) {
    future::future({
      Sys.sleep(0.2)
      Sys.getpid()
    })
  })
  unlist(lapply(started, future::value))
}

# Two that no test has killed.
use_two_workers <- function() {
  skip_on_cran()
  skip_if_not_installed("future")
  if (future::nbrOfWorkers() != 2) use_workers(2)
}

# A client whose key workers find by its name.
worker_client <- function(server, ...) {
  test_client(server, Sys.getenv("OPENAI_KEY"), ...)
}

# The engine of future with other functions, which get the engine's own and its
# arguments; and the bytes of what it was given.
local_engine <- function(..., env = parent.frame()) {
  engine <- openaistream:::future_engine()
  travelled <- new.env()
  travelled$bytes <- list()
  submit <- engine$submit
  engine$submit <- function(chunk) {
    travelled$bytes <- c(travelled$bytes, list(serialize(chunk, NULL)))
    submit(chunk)
  }
  others <- list(...)
  engine[names(others)] <- Map(function(other, own) {
    function(...) other(own, ...)
  }, others, engine[names(others)])
  use_engine <- function(make) {
    utils::assignInNamespace("future_engine", make, "openaistream")
  }
  own <- openaistream:::future_engine
  withr::defer(use_engine(own), envir = env)
  use_engine(function() engine)
  travelled
}

# Kills a worker once the server has seen so many requests.
local_killer <- function(server, pid, after, env = parent.frame()) {
  is_killed <- FALSE
  local_engine(is_resolved = function(own, handle) {
    if (!is_killed && length(server$requests()) >= after) {
      tools::pskill(pid, tools::SIGKILL)
      is_killed <<- TRUE
    }
    own(handle)
  }, env = env)
}
