# Fails if a name is defined twice in R/, because the last definition would
# silently replace the first one.

defined_in <- function(file) {
  assigned <- Filter(
    function(it) is.call(it) && identical(it[[1]], as.name("<-")),
    as.list(parse(file, keep.source = FALSE))
  )
  vapply(assigned, function(it) deparse(it[[2]])[[1]], "")
}

files <- list.files("R", pattern = "[.]R$", full.names = TRUE)
names <- unlist(lapply(files, defined_in))
twice <- unique(names[duplicated(names)])
if (length(twice)) {
  stop("Defined twice in R/: ", paste(twice, collapse = ", "), call. = FALSE)
}
