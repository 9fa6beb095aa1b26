# Servers of other projects, which tools/setup_servers.sh installs.

servers_folder <- function() {
  folder <- Sys.getenv("OPENAISTREAM_SERVERS")
  skip_if(!nzchar(folder), "OPENAISTREAM_SERVERS is not set")
  normalizePath(folder, mustWork = FALSE)
}

server_tools <- function() {
  folder <- test_path("..", "..", "tools", "servers")
  skip_if_not(dir.exists(folder), "tools/servers does not exist")
  normalizePath(folder)
}

# A port on which nothing listens.
free_port <- function() listening_port(environment())$port

# Starts a program, which is stopped when the test ends, and waits until it
# answers on its port. Returns its base URL.
start_server <- function(command, args, port, path, env = character(),
                         frame = parent.frame()) {
  log <- withr::local_tempfile(.local_envir = frame)
  process <- processx::process$new(
    command, args,
    stdout = log, stderr = "2>&1", cleanup_tree = TRUE,
    # With R's library path, Python would load libraries other than its own.
    env = c("current", LD_LIBRARY_PATH = "", env)
  )
  withr::defer(process$kill_tree(), envir = frame)
  url <- sprintf("http://127.0.0.1:%d", port)
  probe <- openai$new("sk-test", base_url = url, max_retries = 0)
  wait_until(function() {
    if (!process$is_alive()) {
      output <- utils::tail(readLines(log), 12)
      stop(command, " ended:\n", paste(output, collapse = "\n"))
    }
    answer <- suppressWarnings(probe$models$list())
    # llama.cpp answers with 503 while it loads the model.
    !isFALSE(answer$success) || isTRUE(answer$status != 503)
  }, 120)
  paste0(url, "/v1")
}

python_with <- function(module) {
  folder <- file.path(servers_folder(), "python")
  packages <- Sys.glob(file.path(folder, "lib", "python*", "site-packages"))
  is_installed <- any(dir.exists(file.path(packages, module)))
  skip_if_not(is_installed, paste(module, "is not installed"))
  file.path(folder, "bin", "python")
}

# The base URL of llama.cpp with a model of random weights; `kind` is "chat" or
# "embeddings".
start_llama_cpp <- function(kind, frame = parent.frame()) {
  python <- python_with("xllamacpp")
  scripts <- server_tools()
  model <- withr::local_tempfile(fileext = ".gguf", .local_envir = frame)
  status <- system2(python, c(file.path(scripts, "tiny_model.py"), model))
  if (status != 0L) stop("The model could not be created.")
  port <- free_port()
  start_server(
    python, c(file.path(scripts, "llama_cpp.py"), model, port, kind), port,
    "models",
    frame = frame
  )
}

# The base URL of LiteLLM, which forwards requests for its models "m" and "e" to
# a local server.
start_litellm <- function(upstream, frame = parent.frame()) {
  python <- python_with("litellm")
  model <- function(name) {
    c(
      paste0("  - model_name: ", name),
      "    litellm_params:",
      paste0("      model: openai/", name),
      paste0("      api_base: ", upstream$url),
      "      api_key: sk-upstream"
    )
  }
  config <- withr::local_tempfile(
    fileext = ".yaml", .local_envir = frame,
    lines = c(
      "model_list:", model("m"), model("e"),
      "litellm_settings:",
      "  num_retries: 0"
    )
  )
  port <- free_port()
  start_server(
    file.path(dirname(python), "litellm"),
    c("--config", config, "--host", "127.0.0.1", "--port", port), port,
    "models",
    env = c(
      LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY = "true",
      LITELLM_LOCAL_MODEL_COST_MAP = "True"
    ),
    frame = frame
  )
}

# The capabilities of a server that was started. llama.cpp needs a second
# process for embeddings.
capabilities_of_real <- function(id, url, frame = parent.frame()) {
  server <- article_servers[[id]]
  client <- function(url) {
    openai$new("sk-test", base_url = url, on_error = "stop", max_retries = 0)
  }
  has <- capabilities_of(client(url), server)
  if (id == "llama_cpp") {
    embedding <- client(start_llama_cpp("embeddings", frame))
    has["embeddings"] <- capabilities_of(embedding, server, "embeddings")
  }
  has
}
