# The machine and the versions of the programs.

machine <- function() {
  cpu <- grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[[1]]
  memory <- grep("^MemTotal", readLines("/proc/meminfo"), value = TRUE)
  c(
    cores = as.character(parallel::detectCores()),
    CPU = sub(".*: ", "", cpu),
    memory = sprintf(
      "%.0f GB", as.numeric(gsub("[^0-9]", "", memory)) / 1024^2
    ),
    system = paste(os_name(), "on Linux", Sys.info()[["release"]]),
    date = date_and_time()
  )
}

date_and_time <- function() {
  format(Sys.time(), "%Y-%m-%d %H:%M UTC", tz = "UTC")
}

os_name <- function() {
  line <- grep("^PRETTY_NAME=", readLines("/etc/os-release"), value = TRUE)
  gsub("PRETTY_NAME=|\"", "", line)
}

versions <- function(folder) {
  packages <- c("openaistream", "httr2", "curl", "jsonlite", "later")
  packages <- c(packages, "RcppSimdJson", "yyjsonr")
  of_package <- function(name) {
    if (requireNamespace(name, quietly = TRUE)) {
      format(utils::packageVersion(name))
    } else {
      "not installed"
    }
  }
  c(
    R = format(getRversion()),
    stats::setNames(
      vapply(packages, of_package, ""), paste("R package", packages)
    ),
    python_versions(file.path(folder, "python", "bin", "python")),
    "async-openai" = locked_version("async-openai"),
    hyper = locked_version("hyper"),
    serde_json = locked_version("serde_json"),
    rustc = program_version("rustc"),
    curl = program_version("curl")
  )
}

# The second word of a program's version line.
program_version <- function(program) {
  output <- system2(program, "--version", stdout = TRUE)
  strsplit(output[[1]], " ")[[1]][[2]]
}

python_versions <- function(python) {
  code <- paste(
    "import sys; from importlib.metadata import version as v;",
    "print(sys.version.split()[0], v('openai'), v('httpx'), v('numpy'))"
  )
  output <- processx::run(
    python, c("-c", code),
    env = client_environment
  )$stdout
  stats::setNames(
    strsplit(trimws(output), " ")[[1]], c("Python", "openai-python", "httpx", "numpy")
  )
}

# The version of a crate in bench/Cargo.lock.
locked_version <- function(crate) {
  lines <- readLines(file.path("bench", "Cargo.lock"))
  at <- match(sprintf("name = \"%s\"", crate), lines)
  gsub("version = |\"", "", lines[[at + 1]])
}
