# Writes tests/dialects/README.md, with tables of the recordings in that folder.
# Usage: Rscript tools/dialects.R, in the folder of the package.

# The column of a recording, by its call and its result.
subjects <- c(
  answers = "chat", streams = "stream", embeddings = "embeddings",
  models = "models", media = "images|transcription|speech",
  others = "job|delete"
)

recordings_of <- function(path) {
  file <- jsonlite::fromJSON(path, simplifyVector = FALSE)
  rows <- lapply(file$recordings, function(recording) {
    subject <- names(subjects)[vapply(subjects, function(calls) {
      grepl(paste0("^(", calls, ")"), recording$call)
    }, NA)][[1]]
    if (!is.null(recording$gives$error)) subject <- "errors"
    if (!is.null(recording$gives$tool_calls)) subject <- "tools"
    data.frame(
      server = file$server, seen = file$seen, subject = subject,
      name = recording$name
    )
  })
  do.call(rbind, rows)
}

shown <- c(
  "answers", "streams", "tools", "errors", "embeddings", "models", "media"
)

dialect_tables <- function(folder) {
  paths <- dir(folder, pattern = "[.]json$", full.names = TRUE)
  all <- do.call(rbind, lapply(paths, recordings_of))
  servers <- unique(all$server)
  servers <- servers[order(tolower(servers))]
  counts <- table(
    factor(all$server, servers), factor(all$subject, c(shown, "others"))
  )[, shown, drop = FALSE]
  cells <- ifelse(counts == 0, "", as.character(counts))
  links <- vapply(servers, function(server) {
    sprintf("[%s](%s)", server, all$seen[all$server == server][[1]])
  }, "")
  names <- vapply(servers, function(server) {
    paste(unique(all$name[all$server == server]), collapse = "; ")
  }, "")
  c(
    paste0("| server | ", paste(shown, collapse = " | "), " |"),
    paste0("|---|", strrep("---|", length(shown))),
    paste0("| ", links, " | ", apply(cells, 1, paste, collapse = " | "), " |"),
    "",
    "| server | recordings |",
    "|---|---|",
    paste0("| ", servers, " | ", names, " |")
  )
}

introduction <- c(
  "# Recorded responses",
  "",
  "Responses that servers sent, each with the value expected from the package.",
  "The first table counts the recordings, the second one lists them.",
  "tools/dialects.R writes this file.",
  ""
)

if (sys.nframe() == 0L) {
  folder <- file.path("tests", "dialects")
  writeLines(
    c(introduction, dialect_tables(folder)), file.path(folder, "README.md")
  )
}
