# A gateway with TLS that requires client certificates, and the certificates,
# which openssl creates.

openssl <- function(...) {
  output <- suppressWarnings(
    system2("openssl", c(...), stdout = TRUE, stderr = TRUE)
  )
  status <- attr(output, "status")
  if (!is.null(status)) stop(paste(output, collapse = "\n"))
}

# A certificate authority: the paths of its certificate and its key.
authority <- function(folder, name) {
  paths <- file.path(folder, paste0(name, c("-ca.pem", "-ca.key")))
  openssl(
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
    "-nodes", "-days", "2", "-subj", paste0("/CN=", name),
    "-addext", "basicConstraints=critical,CA:TRUE",
    "-out", paths[[1]], "-keyout", paths[[2]]
  )
  list(certificate = paths[[1]], key = paths[[2]])
}

# A certificate of an authority, its key, and one file with both.
issued <- function(authority, folder, name) {
  path <- function(end) file.path(folder, paste0(name, end))
  writeLines(
    c("basicConstraints=critical,CA:FALSE", "subjectAltName=IP:127.0.0.1"),
    path(".ext")
  )
  openssl(
    "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
    "-subj", paste0("/CN=", name), "-out", path(".csr"), "-keyout", path(".key")
  )
  openssl(
    "x509", "-req", "-days", "2", "-in", path(".csr"),
    "-CA", authority$certificate, "-CAkey", authority$key, "-CAcreateserial",
    "-extfile", path(".ext"), "-out", path(".crt")
  )
  writeLines(unlist(lapply(path(c(".crt", ".key")), readLines)), path(".pem"))
  list(certificate = path(".crt"), key = path(".key"), both = path(".pem"))
}

# A gateway in front of a server: its URL and the files for its clients.
mutual_tls_gateway <- function(server, env = parent.frame()) {
  skip_on_cran()
  skip_if_not_installed("processx")
  python <- Sys.which("python3")
  skip_if(!nzchar(python), "Python is not installed")
  skip_if(!nzchar(Sys.which("openssl")), "openssl is not installed")
  folder <- withr::local_tempdir(.local_envir = env)
  servers <- authority(folder, "servers")
  clients <- authority(folder, "clients")
  own <- issued(servers, folder, "gateway")
  port <- sub(".*:([0-9]+)/.*", "\\1", server$url)
  process <- processx::process$new(
    python,
    c(
      test_path("tls_gateway.py"), own$certificate, own$key,
      clients$certificate, port
    ),
    stdout = "|", stderr = NULL, env = c("current", LD_LIBRARY_PATH = "")
  )
  withr::defer(process$kill(), envir = env)
  listening <- ""
  wait_until(function() {
    if (!process$is_alive()) stop("The gateway ended.")
    listening <<- paste0(listening, process$read_output())
    grepl("\n", listening)
  })
  list(
    url = paste0("https://127.0.0.1:", trimws(listening), "/v1"),
    ca_bundle = servers$certificate,
    client_certificate = issued(clients, folder, "client")$both,
    other_certificate = issued(
      authority(folder, "others"), folder, "other"
    )$both
  )
}
