# Functions of configure. Their file is only in the package's sources.

sourced <- function() {
  path <- test_path("..", "..", "tools", "rust_target.R")
  skip_if_not(file.exists(path), "the sources of the package are not here")
  functions <- new.env()
  sys.source(path, functions)
  functions
}

test_that("Rust is found where rustup installs it", {
  cargo_bin <- sourced()$cargo_bin
  profile <- c(USERPROFILE = "C:\\Users\\J\u00fcrgen", HOME = "C:/Documents")
  expect_identical(cargo_bin(TRUE, profile), "C:/Users/J\u00fcrgen/.cargo/bin")
  own <- c(profile, CARGO_HOME = "D:\\rust")
  expect_identical(cargo_bin(TRUE, own), "D:/rust/bin")
  expect_identical(
    cargo_bin(FALSE, c(CARGO_HOME = "")), paste0(path.expand("~"), "/.cargo/bin")
  )
  expect_identical(cargo_bin(FALSE, c(CARGO_HOME = "/opt/c")), "/opt/c/bin")
})

test_that("each toolchain of R on Windows has its target and linker", {
  functions <- sourced()
  cases <- list(
    list("x86_64-w64-mingw32", "gcc 14.2.0", "x86_64-pc-windows-gnu",
      "X86_64_PC_WINDOWS_GNU", "x86_64-w64-mingw32.static.posix-gcc.exe"),
    list("x86_64-w64-mingw32", "", "x86_64-pc-windows-gnu",
      "X86_64_PC_WINDOWS_GNU", "x86_64-w64-mingw32.static.posix-gcc.exe"),
    list("x86_64-w64-mingw32", "clang 19", "x86_64-pc-windows-gnullvm",
      "X86_64_PC_WINDOWS_GNULLVM", "x86_64-w64-mingw32-clang"),
    list("aarch64-w64-mingw32", "clang 19", "aarch64-pc-windows-gnullvm",
      "AARCH64_PC_WINDOWS_GNULLVM", "aarch64-w64-mingw32-clang")
  )
  for (case in cases) {
    target <- functions$windows_target(case[[1]], case[[2]])
    expect_identical(target, case[[3]])
    expect_identical(
      functions$windows_linker(target),
      sprintf("CARGO_TARGET_%s_LINKER=\"%s\"", case[[4]], case[[5]])
    )
  }
})
