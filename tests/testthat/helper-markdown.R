# Malicious Markdown, and random Markdown. `{host}` is a server that must
# receive no request; scripts that run call canary().
markdown_attacks <- function(host) {
  attacks <- readLines(
    testthat::test_path("fixtures", "markdown-attacks.txt"), encoding = "UTF-8"
  )
  attacks <- attacks[nzchar(attacks) & !startsWith(attacks, "## ")]
  attacks <- gsub("\\n", "\n", attacks, fixed = TRUE)
  gsub("{host}", host, attacks, fixed = TRUE)
}

markdown_pieces <- c(
  "\n", "\n\n", "\n", " ", "word ", "Ein *Wort* ", "**strong** ", "~~gone~~ ",
  "`code` ", "# ", "## ", "#", "- ", "* ", "1. ", "2) ", "  ", "    ", "\t",
  "> ", "```", "```r\n", "~~~\n", "---\n", "===\n", "|", "| a | b |\n",
  "|---|:-:|\n", "[", "]", "(", ")", "[a][b] ", "[b]: https://a.test/b \"t\"\n",
  "[link](https://a.test) ", "![alt](https://a.test/p.png) ", "<b>", "</b>",
  "<!--", "-->", "<a href='", "&lt;", "&#x3c;", "&", "\\", "\\(", "\\)", "\\[",
  "\\]", "$$", "$", "$5 ", "$x$ ", "x^2 ", "\\frac{1}{2} ", "{", "}",
  "https://a.test/x ", "\u00e4", "\u6f22\u5b57 ", "\U0001f600", "\u200b",
  "\u202e", "\r", "\r\n", "\"", "'", "*", "_", "`", "!"
)

random_markdown <- function(attacks) {
  pieces <- sample(markdown_pieces, sample(60L, 1L), replace = TRUE)
  at <- sample(length(pieces), sample(0:3, 1L), replace = TRUE)
  pieces[at] <- sample(attacks, length(at), replace = TRUE)
  paste(pieces, collapse = "")
}

# The texts as JSON strings without the quotes.
json_strings <- function(texts) {
  vapply(texts, function(text) {
    json <- jsonlite::toJSON(text, auto_unbox = TRUE)
    substr(json, 2L, nchar(json) - 1L)
  }, "", USE.NAMES = FALSE)
}
