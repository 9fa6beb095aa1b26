# Servers that others wrote, as tools/setup_servers.sh installs them.

servers_folder <- function() {
  folder <- Sys.getenv("OPENAISTREAM_SERVERS")
  skip_if(!nzchar(folder), "OPENAISTREAM_SERVERS names no folder of servers")
  normalizePath(folder, mustWork = FALSE)
}

server_tools <- function() {
  folder <- test_path("..", "..", "tools", "servers")
  skip_if_not(dir.exists(folder), "The servers' scripts are not there")
  normalizePath(folder)
}

# A port on which nothing listens any more.
free_port <- function() listening(environment())$port

# Starts a program, until the test is over, and waits until something answers
# at the path on its port.
start_server <- function(command, args, port, path, env = character(),
                         frame = parent.frame()) {
  log <- withr::local_tempfile(.local_envir = frame)
  process <- processx::process$new(
    command, args,
    stdout = log, stderr = "2>&1", cleanup_tree = TRUE,
    # That of R leads Python to other libraries than its own.
    env = c("current", LD_LIBRARY_PATH = "", env)
  )
  withr::defer(process$kill_tree(), envir = frame)
  url <- sprintf("http://127.0.0.1:%d", port)
  probe <- openai$new("sk-test", base_url = url, max_retries = 0)
  wait_until(function() {
    if (!process$is_alive()) {
      said <- utils::tail(readLines(log), 12)
      stop(command, " ended:\n", paste(said, collapse = "\n"))
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
  skip_if_not(
    any(dir.exists(file.path(packages, module))), paste("PyPI gave no", module)
  )
  file.path(folder, "bin", "python")
}

# The base URL of llama.cpp with a model of random weights; `kind` is "chat" or
# "embeddings".
start_llama_cpp <- function(kind, frame = parent.frame()) {
  python <- python_with("xllamacpp")
  scripts <- server_tools()
  model <- withr::local_tempfile(fileext = ".gguf", .local_envir = frame)
  made <- system2(python, c(file.path(scripts, "tiny_model.py"), model))
  if (made != 0L) stop("The model could not be made.")
  port <- free_port()
  start_server(
    python, c(file.path(scripts, "llama_cpp.py"), model, port, kind), port,
    "models",
    frame = frame
  )
}

# The base URL of LiteLLM, whose models "m" and "e" are those of a local server.
start_litellm <- function(behind, frame = parent.frame()) {
  python <- python_with("litellm")
  model <- function(name) {
    c(
      paste0("  - model_name: ", name),
      "    litellm_params:",
      paste0("      model: openai/", name),
      paste0("      api_base: ", behind$url),
      "      api_key: sk-behind"
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

# What a server that was started has. llama.cpp embeds in a process of its own.
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
