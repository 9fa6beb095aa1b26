# Runs `f` in an R process of its own, which must end by itself and in order.
# It has `helper-server.R`, and finds the package attached.
in_session <- function(f, args = list(), env = character(), timeout = 60) {
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

# A library that holds these packages and R's own, and no others.
bare_library <- function(packages, env = parent.frame()) {
  library <- withr::local_tempdir(.local_envir = env)
  file.symlink(find.package(packages), file.path(library, packages))
  library
}
