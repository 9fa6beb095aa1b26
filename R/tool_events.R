# What is told of the calls of tools while they run: list(event = "tool_call",
# call = <id>, tool = <name>, arguments = <JSON text>), and when it is over
# list(event = "tool_result", call = , tool = , output = , failed = ), where
# `output` is what `tool_output()` makes.

# What is told of them, if anything is.
shown_by <- function(echo) {
  if (echo) show_tool_event else function(event) NULL
}

# Shows on one line what a tool was called with, or what it gave.
show_tool_event <- function(event) {
  if (event$event == "tool_call") {
    show_line("> ", event$tool, "(", event$arguments, ")")
  } else {
    show_line("< ", output_in_words(event$output))
  }
}

show_line <- function(...) {
  line <- gsub("[[:space:]]+", " ", paste0(...))
  width <- getOption("width")
  cut <- nchar(line) > width
  cat(if (cut) paste0(substr(line, 1L, width - 3L), "...") else line, "\n",
    sep = ""
  )
}
