# Runs `f` in a new R process, which must end without an error. The package is
# attached there, and the functions of helper-hazards.R are defined.
in_session <- function(f, args = list(), env = character(), timeout = 180) {
  callr::r(
    function(f, args, helpers) {
      library(openaistream)
      for (file in helpers) sys.source(file, globalenv())
      environment(f) <- globalenv()
      do.call(f, args)
    },
    list(
      f = f, args = args,
      helpers = normalizePath(testthat::test_path("helper-hazards.R"))
    ),
    env = c(callr::rcmd_safe_env(), env), timeout = timeout
  )
}

# A library with these packages and those of R, and no others.
bare_library <- function(packages, env = parent.frame()) {
  library <- withr::local_tempdir(.local_envir = env)
  file.symlink(find.package(packages), file.path(library, packages))
  library
}
