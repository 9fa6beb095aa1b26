# What the manual, README and the articles must contain.

# The parts of a manual page with a tag.
parts_of <- function(page, tag) {
  Filter(function(part) identical(attr(part, "Rd_tag"), tag), page)
}

text_of <- function(parts) paste(unlist(parts), collapse = "")

# The path of a source file. Tests also run if only the package is installed.
source_file <- function(...) {
  path <- test_path("..", "..", ...)
  skip_if_not(all(file.exists(path)), "The sources do not exist")
  path
}

articles <- function() {
  Sys.glob(file.path(source_file("vignettes"), "*.Rmd"))
}

documents <- function() c(source_file("README.md"), articles())

# The lines of a document that are not code.
text_lines <- function(path) {
  lines <- readLines(path, encoding = "UTF-8")
  is_fence <- grepl("^ *```", lines)
  lines[!is_fence & cumsum(is_fence) %% 2L == 0L]
}

# The text of a document without inline code, whose brackets are not links.
prose_of <- function(path) {
  gsub("`[^`]*`", "", paste(text_lines(path), collapse = "\n"))
}

# The targets of `[text](target)` or, with `images`, of `![text](target)`, named
# by their texts.
links_of <- function(prose, images = FALSE) {
  pattern <- paste0(
    if (images) "!" else "(?<!!)", "\\[([^]]*)\\]\\(([^) ]+)\\)"
  )
  found <- regmatches(prose, gregexpr(pattern, prose, perl = TRUE))[[1]]
  targets <- sub(".*\\]\\((.*)\\)$", "\\1", found)
  names(targets) <- gsub("\\s+", " ", sub("^!?\\[(.*)\\]\\(.*", "\\1", found))
  targets
}

# The anchors of the headings of a document.
anchors_of <- function(path) {
  headings <- sub("^#+ ", "", grep("^#+ ", text_lines(path), value = TRUE))
  gsub(" ", "-", gsub("[^a-z0-9 _-]", "", tolower(headings)))
}

test_that("each manual page has an example that runs", {
  for (page in tools::Rd_db("openaistream")) {
    name <- text_of(parts_of(page, "\\name"))
    is_internal <- "internal" %in% trimws(unlist(parts_of(page, "\\keyword")))
    examples <- parts_of(page, "\\examples")
    if (!is_internal) {
      expect_identical(length(examples), 1L, label = name)
    }
    code <- paste(unlist(lapply(examples, as.character)), collapse = "")
    expect_false(grepl("\\\\dont(run|test)", code), label = name)
  }
})

test_that("each exported object has a manual page", {
  aliases <- unlist(lapply(tools::Rd_db("openaistream"), function(page) {
    trimws(vapply(parts_of(page, "\\alias"), text_of, ""))
  }))
  expect_identical(
    setdiff(getNamespaceExports("openaistream"), aliases), character()
  )
})

test_that("links within README and the articles are not dead", {
  for (path in documents()) {
    targets <- unname(links_of(prose_of(path)))
    targets <- targets[!grepl("^[a-z]+:", targets)]
    for (target in targets) {
      file <- sub("#.*", "", target)
      # The HTML of an article is in the folder of the other articles.
      file <- if (grepl("[.]html$", file) && dirname(file) == ".") {
        sub("html$", "Rmd", file)
      } else {
        file
      }
      file <- if (nzchar(file)) file.path(dirname(path), file) else path
      expect_true(file.exists(file), label = paste(target, "of", path))
      anchor <- sub("^[^#]*#?", "", target)
      if (nzchar(anchor) && file.exists(file)) {
        expect_true(
          anchor %in% anchors_of(file),
          label = paste(target, "of", path)
        )
      }
    }
  }
})

test_that("images exist and have alternative texts", {
  images <- character()
  for (path in documents()) {
    found <- links_of(prose_of(path), images = TRUE)
    expect_true(all(nzchar(names(found))), label = path)
    exists <- file.exists(file.path(dirname(path), found))
    expect_true(all(exists), label = path)
    images <- c(images, found)
  }
  expect_gt(length(images), 1)
})

test_that("each article has a description", {
  for (path in articles()) {
    lines <- readLines(path, encoding = "UTF-8")
    expect_true(any(grepl("^description: .{20}", lines)), label = path)
  }
})

test_that("the site lists each manual page and article", {
  lines <- readLines(source_file("_pkgdown.yml"))
  listed <- trimws(sub("^ *- ", "", grep("^  - ", lines, value = TRUE)))
  articles <- sub("[.]Rmd$", "", basename(articles()))
  expect_identical(setdiff(articles, listed), character())
  pages <- sub("[.]Rd$", "", list.files(source_file("man"), "[.]Rd$"))
  starts <- grep("starts_with", listed, value = TRUE)
  starts <- sub(".*\"(.*)\".*", "\\1", starts)
  is_listed <- pages %in% listed |
    grepl(paste0("^(", paste(starts, collapse = "|"), ")"), pages)
  expect_identical(pages[!is_listed], character())
})
