# Writes the manual pages of the operations in the table, one for each top-level
# resource.

generated <- "% Generated from inst/operations.tsv by tools/operation_pages.R."

write_operation_pages <- function(namespace, folder) {
  old <- list.files(folder, "_operations[.]Rd$", full.names = TRUE)
  unlink(Filter(function(path) readLines(path, 1L) == generated, old))
  top <- vapply(namespace$operations, function(operation) {
    sub("[.].*", "", operation$name)
  }, "")
  for (resource in unique(top)) {
    page <- page_of(resource, namespace$operations[top == resource], namespace)
    path <- file.path(folder, paste0(resource, "_operations.Rd"))
    writeLines(page, path, useBytes = TRUE)
  }
}

page_of <- function(resource, operations, namespace) {
  has_page <- file.exists(file.path("man", paste0(resource, ".Rd")))
  operations <- operations[order(vapply(operations, `[[`, "", "resource"))]
  c(
    generated,
    paste0("\\name{", resource, "_operations}"),
    paste0("\\alias{", resource, "_operations}"),
    if (!has_page) paste0("\\alias{", resource, "}"),
    paste0("\\title{Operations of \\code{client$", resource, "}}"),
    "\\description{",
    paste0(
      "All operations of \\code{client$", resource, "}, with the names of ",
      "openai-python, in which dots become dollar signs. Each has an ",
      "asynchronous version \\code{<name>_async()}, which returns a promise."
    ),
    if (has_page) paste0("See also \\link{", resource, "}."),
    "}",
    "\\section{Arguments}{",
    "\\itemize{",
    paste0("\\item ", arguments_of_all),
    "}",
    "}",
    "\\section{Errors}{",
    paste0(
      "A missing argument, or a value of \\code{...} without a name, signals an ",
      "\\code{openai_argument_error} before anything is sent. A failed call ",
      "signals an error, see \\link{openai_error}; if the client has ",
      "\\code{on_error = \"return\"}, it warns and returns a list with ",
      "\\code{success = FALSE}."
    ),
    "}",
    unlist(lapply(operations, section_of, namespace)),
    "\\references{",
    "\\url{https://platform.openai.com/docs/api-reference}",
    "}",
    example_of(resource, operations)
  )
}

arguments_of_all <- c(
  paste0(
    "Arguments that end in \\code{_id} are part of the path: one string each. ",
    "Other arguments without a default are fields that the API requires."
  ),
  paste0(
    "\\code{...}: additional fields, named as in the API reference: query ",
    "parameters of GET and DELETE requests, fields of the body otherwise."
  ),
  paste0(
    "\\code{pages}: how many pages of a list to fetch and combine; ",
    "\\code{Inf} for all."
  ),
  paste0(
    "\\code{stream}, \\code{num}: \\code{TRUE} returns a \\link{DataStream}, ",
    "whose \\code{$next_value} returns at most \\code{num} events."
  ),
  paste0(
    "\\code{path}: path of a file to write the content to; \\code{NULL} returns ",
    "it as a raw vector."
  ),
  paste0(
    "\\code{verbosity}: what to print during the call: 0 (nothing), 1 (headers), ",
    "2 (also bodies) or 3 (also connections)."
  )
)

section_of <- function(operation, namespace) {
  class <- get(namespace$class_of(operation$resource), namespace)
  method <- class$public_methods[[operation$verb]]
  if (is.null(method) && operation$name == "audio.speech.create") {
    return(c(
      "\\section{client$audio$speech()}{",
      paste0(operation$title, ", see \\link{audio}."),
      "}"
    ))
  }
  # Handwritten methods of a class are documented on their own page.
  arguments <- names(formals(method))
  defaults <- vapply(formals(method), deparse, "")
  shown <- ifelse(nzchar(defaults), paste(arguments, "=", defaults), arguments)
  call <- sub("[(][)]$", "", namespace$operation_call(operation))
  usage <- strwrap(
    paste0(call, "(", paste(shown, collapse = ", "), ")"),
    width = 78, exdent = 2
  )
  path <- paste(operation$segments, collapse = "/")
  c(
    paste0("\\section{", escaped(call), "()}{"),
    paste0(operation$title, "."),
    "\\preformatted{", escaped(usage), "}",
    paste0("\\code{", operation$method, " /", escaped(path), "}. ", value_of(operation)),
    if (!is.null(operation$beta)) {
      paste0("Sends the header \\code{OpenAI-Beta: ", operation$beta, "}.")
    },
    if (!is.null(operation$shut)) {
      paste0(
        "Shutdown date: ", operation$shut, "; replacement: ",
        operation$instead, "."
      )
    },
    "}"
  )
}

value_of <- function(operation) {
  switch(operation$answer,
    bytes = "Returns the content, a raw vector, or \\code{path}.",
    nothing = "Returns \\code{NULL}, or the response body if there is one.",
    text = "Returns one string.",
    stream = "Returns a \\link{DataStream}.",
    items = if (is.null(operation$pages)) {
      paste0(
        "Returns the response as a list whose items are lists, so they can be ",
        "sent back unchanged."
      )
    } else {
      paste0(
        "Returns a list whose \\code{data} contains the items, lists that can ",
        "be sent back unchanged."
      )
    },
    if (is.null(operation$pages)) {
      "Returns the response as a list."
    } else {
      paste0(
        "Returns a list whose \\code{data} is a data frame with one row per ",
        "object."
      )
    }
  )
}

escaped <- function(text) {
  gsub("([{}%])", "\\\\\\1", text)
}

# The example of a page: the one defined below, otherwise the first call without
# required arguments.
example_of <- function(resource, operations) {
  calls <- handwritten_examples[[resource]] %||% simple_example(operations)
  if (is.null(calls)) {
    stop("The page of ", resource, " has no example: write one here.")
  }
  c(
    "\\examples{",
    "server <- local_server()",
    "client <- openai$new(\"sk-demo\", base_url = server$url)",
    escaped(calls),
    "server$stop()",
    "}"
  )
}

simple_example <- function(operations) {
  is_simple <- function(operation) {
    length(setdiff(operation$required, operation$arguments)) == 0L &&
      operation$answer == "json" && operation$body == "" &&
      is.null(operation$kind) && is.null(operation$shut) &&
      length(operation$arguments) == 0L
  }
  simple <- Filter(is_simple, operations)
  if (length(simple)) openaistream:::operation_call(simple[[1]])
}

`%||%` <- function(x, y) if (is.null(x)) y else x

handwritten_examples <- list(
  completions = c(
    "completion <- client$completions$create(",
    "  model = \"gpt-3.5-turbo-instruct\", prompt = \"Hello\"",
    ")",
    "completion$choices$text"
  ),
  content_provenance_checks = c(
    "path <- tempfile(fileext = \".png\")",
    "save_image(client$images$create(\"a bird\"), path)",
    "names(client$content_provenance_checks$create(file = path))"
  ),
  conversations = c(
    "conversation <- client$conversations$create(",
    "  metadata = list(topic = \"demo\")",
    ")",
    "client$conversations$retrieve(conversation$id)$metadata"
  ),
  decisions = c(
    "client$decisions$create(",
    "  input = \"The parcel arrived broken.\", model = \"gpt-6-luna\",",
    "  questions = list(list(id = \"due\", question = \"Is a refund due?\"))",
    ")"
  ),
  embeddings = c(
    "model <- \"text-embedding-3-small\"",
    "answer <- client$embeddings$create(model, \"the sun\")",
    "length(answer$data$embedding[[1]])"
  ),
  evals = "client$evals$list()$has_more",
  images = c(
    "picture <- client$images$generate(prompt = \"a bird\")",
    "nchar(picture$data$b64_json)"
  ),
  live = "client$live$sessions$hangup(\"session_1\")",
  moderations = "client$moderations$create(\"Hello\")$results$flagged",
  realtime = "client$realtime$calls$hangup(\"call_1\")",
  responses = c(
    "response <- client$responses$create(\"Hello\", \"gpt-6-luna\")",
    "client$responses$input_items$list(response$id)$data",
    "client$responses$delete(response$id)"
  ),
  safety = "client$safety$alerts$retrieve(\"alert_1\")$id",
  uploads = c(
    "upload <- client$uploads$create(",
    "  bytes = 3, filename = \"a.jsonl\", mime_type = \"text/jsonl\",",
    "  purpose = \"batch\"",
    ")",
    "client$uploads$cancel(upload$id)$status"
  ),
  videos = "client$videos$list()$has_more"
)
