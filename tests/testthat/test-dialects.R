# Every recording of tests/dialects, with each method that makes the call.

skip_if_not_installed("jsonlite")

# A small audio file to upload.
audio_file <- function(env = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".mp3", .local_envir = env)
  writeLines("ID3", path)
  path
}

# The ways to make each call: functions of a client that return the result in
# the format of the recordings.
ways <- list(
  chat = list(
    create = function(client) {
      recorded_chat(client$chat$create(hello, "m"))
    },
    map = function(client) {
      recorded_chat(client$chat$map("Hello", "m")[[1]])
    },
    parallel = function(client) {
      request <- api_request("POST", "chat/completions", list(model = "m"))
      choices <- client$parallel(list(request))[[1]]$choices
      recorded_chat(list(vres = choices))
    },
    promise = function(client) {
      skip_if_not_installed("promises")
      recorded_chat(value_of(client$chat$create_async(hello, "m")))
    }
  ),
  stream = list(
    message = function(client) {
      stream <- client$chat$create(hello, "m", stream = TRUE)
      recorded_chat(stream$message())
    },
    next_value = function(client) {
      stream <- client$chat$create(hello, "m", stream = TRUE)
      repeat {
        value <- stream$next_value
        if (inherits(value, "error")) stop(value)
        if (is.character(value)) break
      }
      recorded_chat(stream$message())
    },
    promise = function(client) {
      skip_if_not_installed("promises")
      stream <- client$chat$create_async(hello, "m", stream = TRUE)
      recorded_chat(value_of(stream))
    }
  ),
  embeddings = list(
    list = function(client) {
      list(vectors = client$embeddings$create("m", "a")$data$embedding)
    }
  ),
  models = list(
    list = function(client) {
      models <- client$models$list()
      expect_false(is.null(models))
      list(ids = as.list(if (is.data.frame(models)) models$id))
    }
  ),
  images = list(
    create = function(client) {
      list(images = nrow(client$images$create("a bird")$data))
    }
  ),
  transcription = list(
    json = function(client) {
      answer <- client$audio$transcription(audio_file(), "m")
      list(transcript = answer$text)
    },
    text = function(client) {
      path <- audio_file()
      answer <- client$audio$transcription(path, "m", response_format = "text")
      list(transcript = answer)
    }
  ),
  speech = list(
    speech = function(client) {
      list(bytes = length(client$audio$speech("m", "Hello.")))
    }
  ),
  speech_stream = list(
    message = function(client) {
      stream <- client$audio$speech("m", "Hello.", stream = TRUE)
      list(bytes = length(stream$message()))
    }
  ),
  job = list(
    retrieve = function(client) {
      list(fields = client$fine_tuning$retrieve("j1"))
    }
  ),
  delete = list(
    delete = function(client) list(fields = client$files$delete("file-1"))
  )
)

test_that("every recording has the expected result in every way to call", {
  problems <- character()
  for (path in dialect_files()) {
    for (recording in recordings(path)) {
      for (way in names(ways[[recording$call]])) {
        # The client sends a second request if it detects a setting.
        server <- recorded_server(recording, times = 2)
        client <- test_client(server, on_error = "stop")
        utils::capture.output(type = "message", {
          outcome <- tryCatch(
            ways[[recording$call]][[way]](client),
            openai_error = identity
          )
        })
        problems <- c(problems, recorded_problems(
          recording$gives, outcome, paste0(recording$place, " (", way, ")")
        ))
        server$stop()
      }
    }
  }
  expect_identical(problems, character())
})

test_that("the tables of the recordings are up to date", {
  root <- test_path("..", "..")
  skip_if_not(file.exists(file.path(root, "tools", "dialects.R")))
  tools <- new.env()
  sys.source(file.path(root, "tools", "dialects.R"), tools)
  folder <- dirname(dialect_files()[[1]])
  expect_identical(
    readLines(file.path(folder, "README.md")),
    c(tools$introduction, tools$dialect_tables(folder))
  )
  expect_gte(sum(lengths(lapply(dialect_files(), recordings))), 150)
})

test_that("embeddings of the recordings are the same as rows of a matrix", {
  problems <- character()
  for (path in dialect_files()) {
    for (recording in recordings(path)) {
      if (recording$call == "embeddings") {
        server <- recorded_server(recording)
        count <- max(length(recording$gives$numbers), 1L)
        outcome <- tryCatch(
          {
            rows <- embed(test_client(server), letters[seq_len(count)])
            list(numbers = unname(split(as.vector(rows), row(rows))))
          },
          openai_error = identity
        )
        problems <- c(problems, recorded_problems(
          recording$gives, outcome, paste(recording$place, "(matrix)")
        ))
        server$stop()
      }
    }
  }
  expect_identical(problems, character())
})
