# Checks the built site: `check.R FOLDER`. Every internal link must lead to an
# existing file and heading, and every picture must exist and have an
# alternative text. External links are not followed, but written to
# external-links.txt next to the folder.

# The values of an attribute in a page.
values_of <- function(html, xpath) {
  values <- xml2::xml_text(xml2::xml_find_all(html, xpath))
  values[nzchar(values)]
}

is_external <- function(link) {
  grepl("^([a-z]+:|//)", link)
}

# The target of a link in a page, relative to the folder of the site.
target_of <- function(link, page) {
  path <- utils::URLdecode(sub("[?#].*$", "", link))
  if (!nzchar(path)) {
    return(page)
  }
  parts <- strsplit(file.path(dirname(page), path), "/", fixed = TRUE)[[1]]
  kept <- character()
  for (part in parts[!parts %in% c(".", "")]) {
    kept <- if (part == "..") head(kept, -1) else c(kept, part)
  }
  target <- paste(kept, collapse = "/")
  if (endsWith(path, "/")) file.path(target, "index.html") else target
}

check_site <- function(folder) {
  pages <- list.files(folder, "[.]html$", recursive = TRUE)
  read <- lapply(file.path(folder, pages), xml2::read_html)
  names(read) <- pages
  anchors <- lapply(read, values_of, "//@id | //a/@name")
  problems <- character()
  external <- character()
  for (page in pages) {
    links <- unique(values_of(read[[page]], "//@href | //@src"))
    external <- c(external, links[is_external(links)])
    # 404.html is shown at any URL, so its links are not relative to the page.
    for (link in if (page != "404.html") links[!is_external(links)]) {
      target <- target_of(link, page)
      anchor <- utils::URLdecode(sub("^[^#]*#?", "", link))
      if (!file.exists(file.path(folder, target))) {
        problems <- c(problems, paste0(page, ": no file for ", link))
      } else if (nzchar(anchor) && !anchor %in% anchors[[target]]) {
        problems <- c(problems, paste0(page, ": no heading for ", link))
      }
    }
    without <- xml2::xml_find_all(
      read[[page]], "//img[not(normalize-space(@alt))]"
    )
    problems <- c(problems, sprintf(
      "%s: no alternative text for %s", page, xml2::xml_attr(without, "src")
    ))
  }
  writeLines(
    sort(unique(grep("^http", external, value = TRUE))),
    file.path(dirname(folder), "external-links.txt")
  )
  if (length(problems)) {
    writeLines(problems, stderr())
    stop("The site has ", length(problems), " errors.", call. = FALSE)
  }
  cat(length(pages), "pages: no broken links, no pictures without a text.\n")
}

check_site(commandArgs(TRUE)[[1]])
