# The recipes of the article "Other servers", and the capabilities of servers.

# The servers of the article's table: name, documentation, and the models that
# are requested. `dialect` is that of the practice server; a server without one
# is started itself. `recordings` is the file of tests/dialects with its
# responses; `recorded` is the capability that only these show.
article_servers <- list(
  azure = list(
    name = "Azure OpenAI",
    docs = "https://learn.microsoft.com/azure/ai-foundry/openai/reference",
    dialect = "azure", model = "my-deployment",
    embedding_model = "text-embedding-3-small", recordings = "azure"
  ),
  databricks = list(
    name = "Databricks",
    docs = paste0(
      "https://docs.databricks.com/machine-learning/foundation-model-apis/",
      "api-reference.html"
    ),
    dialect = "databricks", model = "databricks-meta-llama-3-3-70b-instruct",
    embedding_model = "databricks-gte-large-en"
  ),
  groq = list(
    name = "Groq", docs = "https://console.groq.com/docs/openai",
    dialect = "groq", model = "llama-3.3-70b-versatile",
    embedding_model = "llama-3.3-70b-versatile", recordings = "groq"
  ),
  litellm = list(
    name = "LiteLLM",
    docs = "https://docs.litellm.ai/docs/simple_proxy", model = "m",
    embedding_model = "e", recordings = "litellm"
  ),
  llama_cpp = list(
    name = "llama.cpp",
    docs = "https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
    model = "m", embedding_model = "m", recordings = "llama-cpp",
    # A model of random weights calls no tool.
    recorded = "tools"
  ),
  lmstudio = list(
    name = "LM Studio",
    docs = "https://lmstudio.ai/docs/developer/openai-compat",
    dialect = "lmstudio", model = "openai/gpt-oss-20b",
    embedding_model = "text-embedding-nomic-embed-text-v1.5"
  ),
  ollama = list(
    name = "Ollama",
    docs = "https://docs.ollama.com/api/openai-compatibility",
    dialect = "ollama", model = "llama3.2",
    embedding_model = "nomic-embed-text", recordings = "ollama"
  ),
  openrouter = list(
    name = "OpenRouter",
    docs = "https://openrouter.ai/docs/api-reference/overview",
    dialect = "openrouter", model = "openai/gpt-oss-20b",
    embedding_model = "openai/text-embedding-3-small",
    recordings = "openrouter-errors"
  ),
  vllm = list(
    name = "vLLM",
    docs = paste0(
      "https://docs.vllm.ai/en/stable/serving/openai_compatible_server/"
    ),
    dialect = "vllm", model = "Qwen/Qwen3-8B",
    embedding_model = "intfloat/e5-small", recordings = "vllm"
  )
)

# The capabilities that are tested: functions of a client and an entry of
# `article_servers`. They return TRUE if the server has the capability, and fail
# or return FALSE otherwise.
capabilities <- list(
  chat = function(client, server) {
    nzchar(ask(client, server)$text)
  },
  streams = function(client, server) {
    nzchar(ask(client, server, stream = TRUE)$text())
  },
  "usage in streams" = function(client, server) {
    stream <- ask(
      client, server,
      stream = TRUE, stream_options = list(include_usage = TRUE)
    )
    stream$message()$all_resp$usage$total_tokens > 0
  },
  tools = function(client, server) {
    noted <- NULL
    note <- tool(
      function(letter) noted <<- letter, "Notes a letter.",
      letter = type_enum("a"), name = "note"
    )
    # A model that must call a tool calls it in every round.
    try(
      client$chat$run_tools(
        "Please note a letter.", server$model, note,
        tool_choice = "required", max_tokens = 60, max_rounds = 1,
        temperature = 0
      ),
      silent = TRUE
    )
    identical(as.character(noted), "a")
  },
  "JSON schema" = function(client, server) {
    answer <- client$chat$create(
      "Is it good?", server$model,
      max_tokens = 60, temperature = 0,
      response_format = json_schema(type_object(
        mood = type_enum(c("good", "bad"))
      ))
    )
    answer$parsed$mood %in% c("good", "bad")
  },
  embeddings = function(client, server) {
    vectors <- client$embeddings$create(
      server$embedding_model, c("a", "b"),
      as = "matrix"
    )
    nrow(vectors) == 2L
  },
  responses = function(client, server) {
    answer <- client$responses$create(
      "Hello", server$model,
      max_output_tokens = 16
    )
    nzchar(answer$output_text)
  },
  "list of models" = function(client, server) {
    length(client$models$list()$id) > 0L
  }
)

ask <- function(client, server, ...) {
  client$chat$create(
    "Hello", server$model,
    max_tokens = 16, temperature = 0, ...
  )
}

# Which capabilities a server has. Warnings of truncated answers and messages
# about compatibility settings are ignored.
capabilities_of <- function(client, server, which = names(capabilities)) {
  vapply(capabilities[which], function(works) {
    tryCatch(
      suppressMessages(suppressWarnings(isTRUE(works(client, server)))),
      openai_error = function(e) FALSE
    )
  }, NA)
}

practice_client <- function(server, url) {
  if (identical(server$dialect, "azure")) {
    openai$new("any key", azure = url, on_error = "stop", max_retries = 0)
  } else {
    openai$new("any key", base_url = url, on_error = "stop", max_retries = 0)
  }
}

# The row of a server in the article's table: its link, its capabilities, and
# how they were tested.
table_row <- function(server, has) {
  cells <- ifelse(has, "yes", "")
  cells[server$recorded] <- "recorded"
  how <- if (is.null(server$dialect)) "the server itself" else "practice server"
  paste0("| ", paste(
    c(sprintf("[%s](%s)", server$name, server$docs), cells, how),
    collapse = " | "
  ), " |")
}

# The article's table; `rows` are from `table_row()`.
article_table <- function(rows) {
  names <- c("server", names(capabilities), "tried with")
  c(
    paste0("| ", paste(names, collapse = " | "), " |"),
    paste0("|", strrep("---|", length(names))),
    rows
  )
}

# The row of a server in the article.
article_row <- function(id) {
  start <- sprintf("| [%s](", article_servers[[id]]$name)
  lines <- readLines(article_path())
  lines[startsWith(lines, start)]
}

article_path <- function() {
  path <- test_path("..", "..", "vignettes", "servers.Rmd")
  skip_if_not(file.exists(path), "The article does not exist")
  path
}

# The code of the article's chunk `recipe-<name>`.
recipe <- function(name) {
  lines <- readLines(article_path())
  start <- grep(sprintf("^```\\{r recipe-%s[,}]", name), lines)
  if (length(start) != 1L) stop("There is no recipe ", name)
  end <- start + match("```", lines[-seq_len(start)])
  lines[seq(start + 1L, end - 1L)]
}

recipe_names <- function() {
  lines <- grep("^```\\{r recipe-", readLines(article_path()), value = TRUE)
  sub("^```\\{r recipe-([a-z_]+).*", "\\1", lines)
}

# Runs a recipe and returns its last value. `addresses` is a named character
# vector: each name is replaced by its value in the code.
run_recipe <- function(name, addresses = character()) {
  code <- paste(recipe(name), collapse = "\n")
  for (known in names(addresses)) {
    if (!grepl(known, code, fixed = TRUE)) stop(known, " is not in ", name)
    code <- gsub(known, addresses[[known]], code, fixed = TRUE)
  }
  eval(parse(text = code), new.env(parent = globalenv()))
}
