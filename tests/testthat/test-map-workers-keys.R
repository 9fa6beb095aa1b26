# Keys stay out of what a map sends to its workers.

prompts <- sprintf("prompt %d", 1:120)

test_that("chunks for workers are small and contain no key", {
  use_two_workers()
  submitted <- local_engine()
  server <- test_server()
  client <- worker_client(
    server,
    headers = c("X-Team" = Sys.getenv("TEAM_SECRET"), "X-Title" = "plain")
  )
  look_up <- function() Sys.getenv("OPENAI_KEY")
  environment(look_up) <- globalenv()
  by_function <- test_client(server, look_up)
  # Fields that all prompts share are sent once with each chunk.
  client$chat$map(prompts, "m", workers = "future", system = strrep("s", 8000))
  by_function$chat$map(prompts, "m", workers = "future")

  keys <- vapply(server$requests(), function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(unique(keys), paste("Bearer", worker_secrets[[1]]))
  expect_gte(length(submitted$bytes), 8)
  for (bytes in submitted$bytes) {
    expect_length(grepRaw("prompt", bytes, fixed = TRUE), 1)
    for (secret in worker_secrets) {
      expect_length(grepRaw(secret, bytes, fixed = TRUE), 0)
    }
    expect_lt(length(bytes), 30000)
  }
})

# Forwards connections from the first port to the second, and stores the bytes
# of both directions.
relay <- c(
  "import socket, sys, threading",
  "listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))",
  "kept = open(sys.argv[3], 'ab', buffering=0)",
  "def copy(source, target):",
  "    while data := source.recv(65536):",
  "        kept.write(data)",
  "        target.sendall(data)",
  "    target.shutdown(socket.SHUT_WR)",
  "while True:",
  "    worker, _ = listener.accept()",
  "    master = socket.create_connection(('127.0.0.1', int(sys.argv[2])))",
  "    for ends in ((worker, master), (master, worker)):",
  "        threading.Thread(target=copy, args=ends, daemon=True).start()"
)

# A worker that connects through a relay, and the file with its bytes.
relayed_worker <- function(env = parent.frame()) {
  ports <- c(free_port(), free_port())
  script <- withr::local_tempfile(lines = relay, .local_envir = env)
  bytes <- withr::local_tempfile(.local_envir = env)
  process <- processx::process$new(
    Sys.which("python3"), c(script, ports, bytes),
    env = c("current", LD_LIBRARY_PATH = "")
  )
  withr::defer(process$kill(), envir = env)
  wait_until(function() file.exists(bytes))
  # The script that starts the worker passes it the port of the relay.
  starter <- withr::local_tempfile(.local_envir = env, lines = c(
    "#!/bin/sh",
    "for argument; do",
    "  shift",
    sprintf("  case $argument in PORT=*) argument=PORT=%d ;; esac", ports[[1]]),
    "  set -- \"$@\" \"$argument\"",
    "done",
    paste0("exec ", file.path(R.home("bin"), "Rscript"), " \"$@\"")
  ))
  Sys.chmod(starter, "755")
  list(
    cluster = parallel::makePSOCKcluster(
      1, master = "127.0.0.1", port = ports[[2]], rscript = starter
    ),
    bytes = bytes
  )
}

test_that("a key is not sent over a worker's connection", {
  skip_on_os("windows")
  skip_if(Sys.which("python3") == "", "python3")
  use_two_workers()
  worker <- relayed_worker()
  withr::defer(parallel::stopCluster(worker$cluster))
  server <- test_server()
  client <- worker_client(
    server,
    headers = c("X-Team" = Sys.getenv("TEAM_SECRET"))
  )
  before <- future::plan(future::cluster, workers = worker$cluster)
  withr::defer(future::plan(before), priority = "first")
  client$chat$map(prompts, "m", workers = "future")

  request <- server$requests()[[1]]
  expect_identical(
    unname(request$headers[c("authorization", "x-team")]),
    unname(paste0(c("Bearer ", ""), worker_secrets))
  )
  bytes <- readBin(worker$bytes, "raw", file.size(worker$bytes))
  has <- function(text) length(grepRaw(text, bytes, fixed = TRUE)) > 0
  # The bytes contain prompts and answers.
  expect_true(has("prompt 120"))
  expect_true(has("practice server"))
  expect_false(has(worker_secrets[[1]]))
  expect_false(has(worker_secrets[[2]]))
})

test_that("an answer that repeats the key is not sent back by a worker", {
  use_two_workers()
  server <- test_server()
  server$reply(body = sub("Hi", worker_secrets[[1]], any_answer))
  answers <- worker_client(server)$chat$map(
    prompts[1], "m", workers = "future", on_error = "return"
  )
  expect_s3_class(answers[[1]], "openai_response_error")
  expect_match(conditionMessage(answers[[1]]), "repeats the API key")
})

test_that("a key that workers cannot find themselves is refused", {
  use_two_workers()
  server <- test_server()
  refused <- function(client, message) {
    expect_error(
      client$chat$map(prompts, "m", workers = "future"), message,
      class = "openai_argument_error"
    )
  }
  refused(test_client(server, "sk-literal"), "OPENAI_API_KEY, here and on the")
  key <- "sk-in-a-closure"
  refused(test_client(server, function() key), "must look it up")
  refused(
    worker_client(server, headers = c("X-Team" = "mine")), "header \"X-Team\""
  )
  expect_length(server$requests(), 0)
})

test_that("a key in the script that set the plan is refused", {
  use_two_workers()
  withr::defer(use_workers(2))
  server <- test_server()
  script <- sprintf(
    "function() {\n# %s\nfuture::plan(future::multisession, workers = 2)\n}",
    worker_secrets[["OPENAI_KEY"]]
  )
  eval(parse(text = script, keep.source = TRUE))()
  expect_error(
    worker_client(server)$chat$map(prompts, "m", workers = "future"),
    "in the script that called future::plan()",
    class = "openai_argument_error"
  )
  expect_length(server$requests(), 0)
})

test_that("an error names the variable that a worker lacks", {
  use_two_workers()
  # Running workers do not receive these variables.
  withr::local_envvar(OPENAI_KEY = "sk-new", OPENAI_NEW = "sk-new-one")
  server <- test_server()
  client <- test_client(server, "sk-new-one")
  expect_error(
    client$chat$map(prompts, "m", workers = "future"),
    "A worker failed:.*OPENAI_NEW, which is not set",
    class = "openai_worker_error"
  )
  expect_length(server$requests(), 0)
})
