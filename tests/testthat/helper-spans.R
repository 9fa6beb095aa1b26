# A tracer for the package otel that keeps its spans in memory. otel finds
# tracers in packages (`OTEL_R_TRACES_EXPORTER=<package>::<provider>`), so tests
# install the tracer as a package.

recorder_code <- quote({
  recorded <- new.env()
  recorded$spans <- list()
  recorded$active <- list()

  new_span <- function(name, attributes, options) {
    parent <- options$parent
    if (is.null(parent) && length(recorded$active)) {
      parent <- recorded$active[[length(recorded$active)]]
    }
    id <- length(recorded$spans) + 1L
    recorded$spans[[id]] <- list(
      name = name, attributes = attributes, kind = options$kind,
      parent = if (is.null(parent)) NA else parent$id,
      started = options$start_steady_time, ended = NULL, status = "unset"
    )
    change <- function(field, value) recorded$spans[[id]][[field]] <- value
    self <- list(
      id = id,
      set_attribute = function(name, value) {
        recorded$spans[[id]]$attributes[[name]] <- value
      },
      set_status = function(status_code, description = NULL) {
        change("status", status_code)
        change("description", description)
      },
      end = function(options = NULL, status_code = NULL) {
        if (is.null(recorded$spans[[id]]$ended)) {
          at <- options$end_steady_time
          change("ended", if (is.null(at)) Sys.time() else at)
        }
      },
      activate = function(activation_scope = parent.frame(),
                          end_on_exit = FALSE) {
        recorded$active <- c(recorded$active, list(self))
        deactivate <- function() {
          recorded$active <- recorded$active[-length(recorded$active)]
        }
        do.call(
          base::on.exit, list(as.call(list(deactivate)), add = TRUE),
          envir = activation_scope
        )
      }
    )
    structure(self, class = "otel_span")
  }

  provider <- list(new = function() {
    tracer <- structure(
      list(
        start_span = function(name = NULL, attributes = NULL, links = NULL,
                              options = NULL, ...) {
          new_span(name, attributes, options)
        },
        is_enabled = function() TRUE
      ),
      class = "otel_tracer"
    )
    structure(
      list(get_tracer = function(...) tracer), class = "otel_tracer_provider"
    )
  })
})

# A library with the package of the tracer.
recorder_library <- function(env = parent.frame()) {
  library <- withr::local_tempdir(.local_envir = env)
  source <- file.path(withr::local_tempdir(), "spanrecorder")
  dir.create(file.path(source, "R"), recursive = TRUE)
  writeLines(
    c("Package: spanrecorder", "Version: 1.0", "Title: Spans", "License: none"),
    file.path(source, "DESCRIPTION")
  )
  writeLines("export(provider, recorded)", file.path(source, "NAMESPACE"))
  writeLines(
    vapply(as.list(recorder_code)[-1], function(part) {
      paste(deparse(part), collapse = "\n")
    }, ""),
    file.path(source, "R", "recorder.R")
  )
  utils::install.packages(
    source, library, repos = NULL, type = "source", quiet = TRUE
  )
  library
}

# Runs `f(client, server)` in a new R process; returns its spans, in the order
# of their starts, and its value.
spans_of <- function(f, max_retries = 0) {
  testthat::skip_if_not_installed("otel")
  library <- recorder_library()
  helpers <- normalizePath(testthat::test_path(
    c("helper-server.R", "helper-promises.R")
  ))
  callr::r(
    function(f, helpers, max_retries) {
      library(openaistream)
      for (file in helpers) sys.source(file, globalenv())
      environment(f) <- globalenv()
      server <- local_server()
      on.exit(server$stop())
      value <- f(test_client(server, max_retries = max_retries), server)
      recorded <- getExportedValue("spanrecorder", "recorded")
      list(spans = recorded$spans, value = value)
    },
    list(f, helpers, max_retries),
    libpath = c(library, .libPaths()),
    env = c(
      callr::rcmd_safe_env(),
      OTEL_R_TRACES_EXPORTER = "spanrecorder::provider"
    )
  )
}
