# Starts the server of the benchmark in a separate process.

# Returns the process and its `url`; it ends with this session.
start_server <- function(program) {
  process <- processx::process$new(program, stdin = "|", stdout = "|")
  process$poll_io(10000)
  port <- process$read_output_lines()
  stopifnot(length(port) == 1)
  list(process = process, url = paste0("http://127.0.0.1:", port))
}

# Fetches a response once, so that it is generated before the measurement.
prepare_answer <- function(server, workload) {
  answer <- curl::curl_fetch_stream(
    paste0(server$url, "/", workload, "/"), function(bytes) NULL
  )
  stopifnot(answer$status_code == 200)
}
