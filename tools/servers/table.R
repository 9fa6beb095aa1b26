# Writes the table of the article "Other servers": starts each server, or the
# practice server in its dialect, and tries what it has.
# Usage: Rscript tools/servers/table.R, in the folder of the package, with the
# package installed and OPENAISTREAM_SERVERS set.

library(openaistream)
library(testthat)

mark <- "<!-- made by tools/servers/table.R -->"
end_mark <- "<!-- end -->"

rows_of_servers <- function() {
  vapply(names(article_servers), function(id) {
    server <- article_servers[[id]]
    behind <- test_server(dialect = if (is.null(server$dialect)) {
      "openai"
    } else {
      server$dialect
    })
    has <- switch(id,
      llama_cpp = capabilities_of_real(id, start_llama_cpp("chat")),
      litellm = capabilities_of_real(id, start_litellm(behind)),
      capabilities_of(practice_client(server, behind$url), server)
    )
    message(server$name, ": ", paste(names(has)[has], collapse = ", "))
    table_row(server, has)
  }, "")
}

with_table <- function(article, table) {
  start <- match(mark, article)
  end <- start + match(end_mark, article[-seq_len(start)])
  c(article[seq_len(start)], "", table, "", article[end:length(article)])
}

# The helpers of the tests look for their files from there.
root <- normalizePath(".")
Sys.setenv(TESTTHAT = "true")
setwd(file.path("tests", "testthat"))
for (name in c("server", "real-servers", "recipes")) {
  source(paste0("helper-", name, ".R"))
}
path <- file.path(root, "vignettes", "servers.Rmd")
writeLines(
  with_table(readLines(path), article_table(unname(rows_of_servers()))), path
)
