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
  process <- processx::process$new(
    command, args,
    stdout = NULL, stderr = NULL, cleanup_tree = TRUE,
    # That of R leads Python to other libraries than its own.
    env = c("current", LD_LIBRARY_PATH = "", env)
  )
  withr::defer(process$kill_tree(), envir = frame)
  url <- sprintf("http://127.0.0.1:%d", port)
  probe <- openai$new("sk-test", base_url = url, max_retries = 0)
  wait_until(function() {
    if (!process$is_alive()) stop(command, " ended.")
    answer <- suppressWarnings(probe$models$list())
    !isFALSE(answer$success) || !is.null(answer$status)
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
