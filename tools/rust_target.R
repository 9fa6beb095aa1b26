# Finds Rust and its build target on every system. Sourced by tools/configure.R
# and by a test.

# The folder in which rustup installs cargo and rustc. On Windows, `~` is the
# folder Documents, but rustup uses the user profile.
cargo_bin <- function(is_windows, variables = Sys.getenv()) {
  home <- variables["CARGO_HOME"]
  if (is.na(home) || !nzchar(home)) {
    user <- if (is_windows) variables["USERPROFILE"] else path.expand("~")
    home <- file.path(user, ".cargo")
  }
  gsub("\\", "/", file.path(unname(home), "bin"), fixed = TRUE)
}

# The target that matches R's toolchain on Windows: Rtools uses gcc on x86_64
# and clang on ARM.
windows_target <- function(platform = R.version$platform,
                           compiled_by = Sys.getenv("R_COMPILED_BY")) {
  if (grepl("^aarch64", platform)) {
    "aarch64-pc-windows-gnullvm"
  } else if (grepl("clang", compiled_by, fixed = TRUE)) {
    "x86_64-pc-windows-gnullvm"
  } else {
    "x86_64-pc-windows-gnu"
  }
}

# The linker for cargo, as a shell assignment.
windows_linker <- function(target) {
  program <- if (endsWith(target, "gnullvm")) {
    paste0(sub("-.*", "", target), "-w64-mingw32-clang")
  } else {
    "x86_64-w64-mingw32.static.posix-gcc.exe"
  }
  variable <- toupper(gsub("-", "_", target, fixed = TRUE))
  sprintf("CARGO_TARGET_%s_LINKER=\"%s\"", variable, program)
}
