# Events of tool calls: list(event = "tool_call", call = <id>, tool = <name>,
# arguments = <JSON text>) at the beginning, and list(event = "tool_result",
# call = , tool = , output = , failed = ) at the end, where `output` is the
# value of `tool_output()`.

# Returns the function that receives the events, if there is one.
shown_by <- function(echo) {
  if (echo) show_tool_event else function(event) NULL
}

# Prints the arguments or the result of a tool call on one line.
show_tool_event <- function(event) {
  if (event$event == "tool_call") {
    show_line("> ", event$tool, "(", event$arguments, ")")
  } else {
    show_line("< ", output_as_text(event$output))
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
