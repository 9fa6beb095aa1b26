# Changes the pages that pkgdown wrote: fixes links, adds tables of contents and
# alternative texts, makes tables scrollable, and writes the search index.

finish_site <- function(folder) {
  pages <- list.files(folder, "[.]html$", recursive = TRUE)
  pages <- setdiff(pages, "cheatsheet.html")
  index <- lapply(pages, function(page) {
    path <- file.path(folder, page)
    html <- xml2::read_html(path, encoding = "UTF-8")
    fix_links(html)
    add_contents(html)
    mark_current(html, page)
    make_scrollable(html)
    describe_pictures(html)
    xml2::write_html(html, path, format = FALSE)
    sections_of(html, page)
  })
  write_index(do.call(c, index), file.path(folder, "search.js"))
}

# README links to files of the repository, and pkgdown shortens the ids of
# inherited methods.
fix_links <- function(html) {
  inherited <- "^([A-Za-z_]+)[.]html#method-([a-z_]+)$"
  for (link in xml2::xml_find_all(html, ".//a[@href]")) {
    href <- xml2::xml_attr(link, "href")
    href <- sub("#method-initialize$", "#method-new", href)
    href <- sub(inherited, "\\1.html#method-\\1-\\2", href)
    href <- sub("^vignettes/(.*)[.]Rmd", "articles/\\1.html", href)
    href <- sub("^inst/cheatsheet.html", "cheatsheet.html", href)
    xml2::xml_set_attr(link, "href", href)
  }
}

# The headings of a page that have an id.
headings_of <- function(html) {
  nodes <- xml2::xml_find_all(html, ".//main//*[self::h2 or self::h3]")
  id <- vapply(nodes, anchor_of, "")
  keep <- nzchar(id)
  list(
    node = nodes[keep], id = id[keep],
    level = as.integer(substring(xml2::xml_name(nodes[keep]), 2)),
    title = vapply(nodes[keep], title_of, "")
  )
}

# The id of a heading; pkgdown sets it on the heading or on its section.
anchor_of <- function(heading) {
  id <- xml2::xml_attr(heading, "id")
  if (is.na(id)) {
    section <- xml2::xml_find_first(
      heading, "parent::div[contains(@class, 'section') and @id]"
    )
    id <- xml2::xml_attr(section, "id")
  }
  if (is.na(id)) "" else id
}

title_of <- function(heading) {
  text <- xml2::xml_text(xml2::xml_find_all(
    heading, ".//text()[not(ancestor::a[contains(@class, 'anchor')])]"
  ))
  trimws(gsub("\\s+", " ", paste(text, collapse = "")))
}

# Adds the table of contents, if the page has more than one section.
add_contents <- function(html) {
  toc <- xml2::xml_find_first(html, ".//nav[@id='toc']")
  if (inherits(toc, "xml_missing")) {
    return(invisible())
  }
  headings <- headings_of(html)
  if (length(headings$id) < 2L) {
    return(xml2::xml_remove(xml2::xml_parent(toc)))
  }
  xml2::xml_set_attr(toc, "aria-label", "On this page")
  items <- xml2::xml_add_child(toc, "ul")
  for (place in seq_along(headings$id)) {
    if (headings$level[[place]] == 2L || place == 1L) {
      item <- entry <- xml2::xml_add_child(items, "li")
      inner <- NULL
    } else {
      inner <- inner %||% xml2::xml_add_child(item, "ul")
      entry <- xml2::xml_add_child(inner, "li")
    }
    link <- xml2::xml_add_child(entry, "a", headings$title[[place]])
    xml2::xml_set_attr(link, "href", paste0("#", headings$id[[place]]))
  }
}

`%||%` <- function(x, y) if (is.null(x)) y else x

# Marks the navigation link to the current part of the site.
mark_current <- function(html, page) {
  part <- paste0(dirname(page), "/index.html")
  for (link in xml2::xml_find_all(html, ".//header//nav//a")) {
    if (endsWith(xml2::xml_attr(link, "href"), part)) {
      is_page <- identical(page, part)
      xml2::xml_set_attr(link, "aria-current", if (is_page) "page" else "true")
    }
  }
}

# Makes wide tables and code scrollable, also with the keyboard.
make_scrollable <- function(html) {
  for (block in xml2::xml_find_all(html, ".//pre")) {
    xml2::xml_set_attr(block, "tabindex", "0")
  }
  # An empty cell is not a heading.
  empty <- xml2::xml_find_all(html, ".//th[not(normalize-space())]")
  xml2::xml_set_name(empty, "td")
  for (table in xml2::xml_find_all(html, ".//main//table")) {
    box <- xml2::xml_replace(table, "div")
    xml2::xml_set_attrs(box, c(
      class = "scrolls", tabindex = "0", role = "group", `aria-label` = "Table"
    ))
    xml2::xml_add_child(box, table)
  }
}

# Pandoc turns alternative texts into captions and leaves the alternative text
# empty, as pkgdown does for plots of examples. pkgdown also adds an image for a
# missing logo.
describe_pictures <- function(html) {
  logos <- xml2::xml_find_all(html, ".//img[@class='logo' and @src='']")
  xml2::xml_remove(logos)
  for (caption in xml2::xml_find_all(html, ".//p[@class='caption']")) {
    image <- xml2::xml_find_first(caption, "preceding-sibling::img[@alt='']")
    xml2::xml_set_attr(image, "alt", xml2::xml_text(caption))
    xml2::xml_set_attr(caption, "aria-hidden", "true")
  }
  xml2::xml_set_attr(
    xml2::xml_find_all(html, ".//span[contains(@class, 'r-plt')]/img"),
    "alt", "Plot drawn by the example"
  )
}

# The entries of a page in the search index: the page itself, then its sections.
sections_of <- function(html, page) {
  main <- xml2::xml_find_first(html, ".//main")
  heading <- xml2::xml_find_first(main, ".//h1")
  if (inherits(main, "xml_missing") || inherits(heading, "xml_missing")) {
    return(list())
  }
  title <- title_of(heading)
  headings <- headings_of(html)
  top <- list(
    title = title, page = part_of(page), path = page, top = TRUE,
    text = substr(text_of(main), 1, 400)
  )
  c(list(top), lapply(seq_along(headings$id), function(place) {
    section <- xml2::xml_parent(headings$node[[place]])
    list(
      title = headings$title[[place]], page = title,
      path = paste0(page, "#", headings$id[[place]]), top = FALSE,
      text = substr(text_of(section), 1, 1000)
    )
  }))
}

part_of <- function(page) {
  parts <- c(articles = "Article", reference = "Reference", news = "News")
  part <- parts[dirname(page)]
  if (is.na(part)) "openaistream" else part[[1]]
}

text_of <- function(node) {
  trimws(gsub("\\s+", " ", xml2::xml_text(node)))
}

# Written as a script, because browsers cannot fetch JSON from local folders.
write_index <- function(sections, path) {
  json <- jsonlite::toJSON(sections, auto_unbox = TRUE)
  writeLines(
    paste0("window.searchIndex = ", json, ";"), path,
    useBytes = TRUE
  )
}
