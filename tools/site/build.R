# Builds the site: `build.R FOLDER`. pkgdown converts README, the manual, the
# articles and NEWS; finish.R changes the pages after that. It downloads
# nothing.

source(file.path("tools", "site", "finish.R"))

build_site <- function(folder) {
  unlink(folder, recursive = TRUE)
  dir.create(folder, recursive = TRUE)
  options(pkgdown.internet = FALSE)
  pkgdown::build_site(
    ".",
    override = list(destination = folder), preview = FALSE,
    install = FALSE, new_process = FALSE
  )
  file.copy(file.path("inst", "cheatsheet.html"), folder)
  # The pages have their own design, without Bootstrap and jQuery.
  unlink(
    file.path(folder, c(
      "deps", "pkgdown.js", "link.svg", "search.json", "sitemap.xml",
      "bootstrap-toc.css", "bootstrap-toc.js", "docsearch.css", "docsearch.js"
    )),
    recursive = TRUE
  )
  finish_site(folder)
}

build_site(normalizePath(commandArgs(TRUE)[[1]], mustWork = FALSE))
