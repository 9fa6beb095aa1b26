# Embeddings in a NumPy file.

new_npy <- function(env = parent.frame()) {
  withr::local_tempfile(fileext = ".npy", .local_envir = env)
}

texts <- sprintf("text %d", 1:1200)
texts[c(3, 700, 1200)] <- NA

# Numbers rounded to 32 bits.
as_float <- function(matrix) {
  bytes <- writeBin(as.vector(matrix), raw(), size = 4)
  floats <- readBin(bytes, "double", length(matrix), size = 4)
  matrix(floats, nrow(matrix))
}

embed <- function(client, input, ...) {
  client$embeddings$create("m", input, as = "matrix", dimensions = 8, ...)
}

test_that("the rows of a file are those of the matrix", {
  server <- test_server()
  client <- test_client(server)
  expected <- embed(client, texts)
  requests <- length(server$requests())
  file <- new_npy()
  result <- embed(client, texts, file = file)
  expect_identical(c(result$rows, result$width), c(1200, 8))
  expect_identical(result$model, attr(expected, "model"))
  expect_identical(
    result$usage$total_tokens, attr(expected, "usage")$total_tokens
  )
  expect_output(print(result), "1,200 rows of 8 numbers")
  expect_identical(length(server$requests()) - requests, 3L)

  matrix <- read_npy(file)
  expect_identical(which(is.nan(matrix[, 1])), c(3L, 700L, 1200L))
  expected <- as_float(expected)
  expect_identical(matrix[-c(3, 700, 1200), ], expected[-c(3, 700, 1200), ])
  rows <- c(1199, 1:10, 4, 600:640)
  expect_identical(read_npy(result, rows), matrix[rows, ])
  expect_identical(dim(read_npy(file, integer())), c(0L, 8L))
})

test_that("requests are filled by estimated tokens, and halved if too large", {
  server <- test_server()
  client <- test_client(server)
  sizes <- function() {
    vapply(sent_bodies(server), function(body) length(body$input), 1L)
  }
  # 512,000 bytes, about 100,000 tokens.
  prose <- substr(strrep("The quick brown fox jumps over it. ", 40), 1, 1000)
  embed(client, paste(seq_len(512), prose), file = new_npy())
  expect_identical(sizes(), 512L)

  texts <- c(paste("text", seq_len(7)), "a \"quoted\" \u00e9")
  expected <- embed(client, texts)
  before <- length(sizes())
  refusal <- paste0(
    '{"error":{"message":"Requested 300001 tokens, max 300000 tokens per ',
    'request","code":"max_tokens_per_request"}}'
  )
  server$reply(status = 400, body = refusal, times = 2)
  file <- new_npy()
  result <- embed(client, texts, file = file)
  expect_identical(sizes()[-seq_len(before)], c(8L, 4L, 2L, 2L, 4L))
  expect_identical(read_npy(file), as_float(expected))
  expect_identical(result$usage, attr(expected, "usage"))
  expect_identical(result$model, attr(expected, "model"))

  # The practice server, which counts each punctuation mark, has the limit, too.
  many <- paste(seq_len(40), strrep(".a!b", 6000))
  file <- new_npy()
  embed(client, many, file = file)
  rows <- c(1, 20, 40)
  expect_identical(read_npy(file, rows), as_float(embed(client, many[rows])))

  # A single input that is too large fails.
  server$reply(status = 400, body = refusal, times = 2)
  failed <- expect_error(
    embed(client, texts[1:2], file = new_npy()), "tokens per request"
  )
  expect_match(conditionMessage(failed), "the request for inputs 1 to 2")
})

test_that("rows are in the order of the inputs, not of the responses", {
  server <- test_server()
  rows <- sprintf("{\"index\":%d,\"embedding\":[%d,0]}", 511:0, 511:0)
  server$reply(
    body = paste0("{\"data\":[", paste(rows, collapse = ","), "]}"), delay = 1
  )
  file <- new_npy()
  test_client(server)$embeddings$create(
    "m", sprintf("text %d", 1:1024), as = "matrix", dimensions = 2, file = file
  )
  # The first request was answered last.
  first <- sent_bodies(server)[[1]]$input[[1]]
  block <- if (first == "text 1") 1:512 else 513:1024
  matrix <- read_npy(file)
  expect_identical(matrix[block, ], cbind(as.double(0:511), 0))
  expect_true(all(abs(rowSums(matrix[-block, ]^2) - 1) < 1e-6))
})

test_that("functions, files, connections and lists give the same rows", {
  server <- test_server()
  client <- test_client(server)
  lines <- sprintf("{\"input\":\"%s\"}", texts[4:600])
  path <- withr::local_tempfile(lines = c("\"a\"", "null", lines))
  last <- 0
  list <- c(list("a", NA), as.list(texts[4:600]))
  files <- lapply(list(
    list, prompts_file(path), file(path),
    function(n) {
      from <- last
      last <<- min(last + 7, length(list))
      if (last > from) list[(from + 1):last]
    }
  ), function(input) {
    file <- withr::local_tempfile()
    embed(client, input, file = file)
    read_npy(file)
  })
  expect_identical(dim(files[[1]]), c(599L, 8L))
  for (other in files[-1]) expect_identical(other, files[[1]])

  tokens <- list(5, c(1, 2, 3), 7:8)
  for (input in list(
    tokens,
    prompts_file(withr::local_tempfile(lines = c("[5]", "[1,2,3]", "[7,8]")))
  )) {
    embed(client, input, file = new_npy())
    sent <- sent_bodies(server)[[length(server$requests())]]$input
    expect_identical(lapply(sent, unlist), list(5L, 1:3, 7:8))
  }
})

test_that("a run resumes with a file that was truncated anywhere", {
  cat("seed", local_random_seed(), "\n")
  server <- test_server()
  client <- test_client(server)
  file <- new_npy()
  embed(client, texts, file = file)
  whole <- lapply(c(file, paste0(file, ".job")), function(path) {
    readBin(path, "raw", file.size(path))
  })
  for (size in c(1, 127, 128, sample.int(length(whole[[1]]), 5))) {
    writeBin(head(whole[[1]], size), file)
    job_size <- sample(c(length(whole[[2]]), 100, 1000), 1)
    writeBin(head(whole[[2]], job_size), paste0(file, ".job"))
    embed(client, texts, file = file)
    expect_identical(readBin(file, "raw", 1e6), whole[[1]])
  }
  # The rows of further inputs are appended.
  before <- length(server$requests())
  result <- embed(client, c(texts, "more"), file = file)
  expect_identical(result$rows, 1201)
  expect_length(server$requests(), before + 1)
  expect_identical(sent_bodies(server)[[before + 1]]$input, list("more"))
})

test_that("a failure keeps the rows before it", {
  server <- test_server()
  client <- test_client(server)
  file <- new_npy()
  # The third call fails.
  fail <- function(n) {
    calls <<- calls + 1
    if (calls == 3) stop("the database is gone")
    if (calls < 3) texts[1:600]
  }
  calls <- 0
  error <- expect_error(
    embed(client, fail, file = file), class = "openai_argument_error"
  )
  expect_match(conditionMessage(error), "row 1,201: the database is gone")
  expect_identical(error$results$rows, 1200)
  expect_identical(nrow(read_npy(file)), 1200L)

  server$reply(status = 404, body = "{}")
  error <- expect_error(
    embed(client, letters, file = new_npy()), class = "openai_not_found_error"
  )
  expect_match(conditionMessage(error), "inputs 1 to 26", fixed = TRUE)
  expect_identical(error$results$rows, 0)
})

test_that("a file with other content is rejected and not changed", {
  server <- test_server()
  client <- test_client(server)
  file <- new_npy()
  refused <- function(pattern, ...) {
    error <- expect_error(
      client$embeddings$create(...), class = "openai_argument_error"
    )
    expect_match(conditionMessage(error), pattern)
  }
  embed(client, letters, file = file)
  bytes <- readBin(file, "raw", 1e6)
  refused("another job", "m2", letters, as = "matrix", file = file)
  refused("another job", "m", letters, as = "matrix", file = file)
  refused("Input 1 differs", "m", rev(letters),
    as = "matrix", dimensions = 8, file = file
  )
  unlink(paste0(file, ".job"))
  refused("not written by this package", "m", letters,
    as = "matrix", dimensions = 8, file = file
  )
  expect_identical(readBin(file, "raw", 1e6), bytes)
  expect_length(server$requests(), 1)

  refused("`file` requires", "m", "a", file = file)
  refused("batch", "m", "a", as = "matrix", file = file, engine = "batch")
  refused("folder that exists", "m", "a", as = "matrix", file = "/no/such/x")
  refused("at least one text", "m", rep(NA_character_, 2),
    as = "matrix", file = new_npy()
  )
  refused("All inputs are missing", "m", prompts_file(
    withr::local_tempfile(lines = "null")
  ), as = "matrix", file = new_npy())
  refused("element 2 is", "m", function() list("a", TRUE, 1),
    as = "matrix", file = new_npy()
  )
  expect_length(server$requests(), 1)
})

test_that("read_npy() rejects files other than NumPy matrices of floats", {
  file <- new_npy()
  for (content in list(
    raw(), charToRaw("\x93NUMPY"), charToRaw("id,name"),
    c(
      as.raw(c(0x93, utf8ToInt("NUMPY"), 1, 0, 60, 0)),
      charToRaw("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }")
    )
  )) {
    writeBin(content, file)
    expect_error(
      read_npy(file), "does not contain a NumPy matrix",
      class = "openai_argument_error"
    )
  }
  expect_error(read_npy("no-such-file"), class = "openai_argument_error")
  server <- test_server()
  unlink(file)
  embed(test_client(server), letters, file = file)
  for (rows in list(0, 27, "a", 1.5)) {
    expect_error(read_npy(file, rows), class = "openai_argument_error")
  }
})

test_that("NumPy maps the file without a copy, and R reads files of NumPy", {
  python <- Sys.getenv("OPENAISTREAM_PYTHON")
  skip_if(!nzchar(python), "OPENAISTREAM_PYTHON is not set")
  run <- function(script, ...) {
    processx::run(python, c("-c", script, ...), error_on_status = FALSE)
  }
  skip_if(run("import numpy")$status != 0, "NumPy is not installed")
  server <- test_server()
  file <- new_npy()
  embed(test_client(server), letters, file = file)
  output <- run(paste(
    "import sys, numpy; x = numpy.load(sys.argv[1], mmap_mode='r');",
    "print(type(x).__name__, x.shape, x.dtype, x.flags['C_CONTIGUOUS'],",
    "repr(float(x[25, 7])))"
  ), file)
  output <- strsplit(trimws(output$stdout), " True ")[[1]]
  expect_identical(output[[1]], "memmap (26, 8) float32")
  expect_identical(as.numeric(output[[2]]), read_npy(file)[26, 8])
  run(paste(
    "import sys, numpy;",
    "numpy.save(sys.argv[1], numpy.arange(6, dtype='<f8').reshape(3, 2))"
  ), file)
  expect_identical(read_npy(file), matrix(as.numeric(0:5), 3, byrow = TRUE))
})

test_that("create_async() writes a file, too", {
  skip_if_not_installed("promises")
  server <- test_server()
  result <- value_of(test_client(server)$embeddings$create_async(
    "m", letters, as = "matrix", file = new_npy()
  ))
  expect_identical(result$rows, 26)
})

test_that("a run continues after its first rows did not fit on the disk", {
  skip_on_os("windows")
  server <- test_server()
  inputs <- sprintf("input %d", 1:512)
  file <- new_npy()
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    "library(openaistream)",
    sprintf("client <- openai$new(\"sk-test\", base_url = \"%s\")", server$url),
    "client$embeddings$create(",
    "  \"m\", sprintf(\"input %d\", 1:512), as = \"matrix\", dimensions = 8,",
    sprintf("  file = \"%s\"", file),
    ")"
  ))
  # A file is limited to eight blocks of 512 bytes.
  limited <- sprintf(
    "trap '' XFSZ; ulimit -f 8; exec %s %s 2>&1",
    shQuote(file.path(R.home("bin"), "Rscript")), shQuote(script)
  )
  output <- suppressWarnings(
    system2("sh", c("-c", shQuote(limited)), stdout = TRUE)
  )
  expect_match(output, "cannot be read or written", all = FALSE)

  client <- test_client(server)
  expect_identical(embed(client, inputs, file = file)$rows, 512)
  expect_identical(read_npy(file), as_float(embed(client, inputs)))
})

test_that("a run that is killed ten times writes every row once", {
  skip_on_cran()
  cat("seed", local_random_seed(), "\n")
  server <- test_server()
  count <- 60 * 512
  inputs <- withr::local_tempfile(
    fileext = ".jsonl", lines = sprintf("\"input %d\"", seq_len(count))
  )
  file <- new_npy()
  run <- function() {
    callr::r_bg(
      function(url, inputs, file) {
        library(openaistream)
        client <- openai$new("sk-test", base_url = url)
        client$embeddings$create("m", prompts_file(inputs),
          as = "matrix", dimensions = 8, file = file
        )$rows
      },
      list(url = server$url, inputs = inputs, file = file)
    )
  }
  sizes <- sort(sample.int(count * 8 * 4, 10))
  rows_written <- result_after_kills(run, file, sizes)
  expect_identical(rows_written, as.numeric(count))

  rows <- sort(sample.int(count, 500))
  expected <- embed(test_client(server), sprintf("input %d", rows))
  expect_identical(read_npy(file, rows), as_float(expected))
  # Only the requests that were active at a kill were sent again.
  sent <- sum(vapply(sent_bodies(server), function(x) length(x$input), 1L))
  expect_gte(sent, count)
  expect_lte(sent, count + 500 + 10 * 8 * 512)
})
