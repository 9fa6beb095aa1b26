# Fails if a crate needs a newer Rust than Cargo.toml and DESCRIPTION declare.

metadata <- jsonlite::fromJSON(
  paste(system2("cargo", c("metadata", "--locked", "--format-version", "1"),
    stdout = TRUE
  ), collapse = "\n")
)
packages <- metadata$packages
declared <- unique(packages$rust_version[packages$name == "openaistream"])
requirements <- read.dcf("DESCRIPTION", fields = "SystemRequirements")[[1]]
required <- sub(".*>= *([0-9.]+).*", "\\1", requirements)
needed <- packages[!is.na(packages$rust_version), c("name", "rust_version")]
newer <- numeric_version(needed$rust_version) > declared

if (any(newer)) {
  print(needed[newer, ], row.names = FALSE)
  stop("These crates need a newer Rust than the declared ", declared, ".")
}
if (required != declared) {
  stop("DESCRIPTION requires Rust ", required, ", Cargo.toml ", declared, ".")
}
cat("All", nrow(packages), "crates build with Rust", declared, "\n")
