# The script of the article about many machines, run by PySpark.

spark_python <- Sys.getenv("OPENAISTREAM_SPARK")

run_python <- function(arguments, ...) {
  # Python must not load R's libraries.
  withr::local_envvar(LD_LIBRARY_PATH = NA, ...)
  run <- processx::run(spark_python, arguments, error_on_status = FALSE)
  expect_identical(run$status, 0L, info = run$stderr)
  run$stdout
}

# The output of a Python script.
in_python <- function(lines, ...) {
  file <- withr::local_tempfile(fileext = ".py", lines = lines)
  run_python(c(file, ...))
}

test_that("10,000 rows of a Parquet file are answered, each once", {
  skip_if(spark_python == "", "OPENAISTREAM_SPARK, a Python with pyspark")
  folder <- withr::local_tempdir()
  source <- file.path(folder, "rows.parquet")
  target <- file.path(folder, "answers.parquet")
  in_python(c(
    "import sys, pyarrow as pa, pyarrow.parquet as pq",
    "texts = [f'row {i} \\u00fc \"x\"\\n' for i in range(10000)]",
    "texts[77] = None",
    "columns = {'id': list(range(10000)), 'text': texts}",
    "pq.write_table(pa.table(columns), sys.argv[1])"
  ), source)

  server <- test_server()
  # The first request fails, whatever its row.
  server$reply(status = 404, body = '{"error":{"message":"Not this one."}}')
  environ <- withr::local_tempfile(lines = "OPENAI_API_KEY=sk-of-the-worker")
  run_python(
    c(
      system.file("examples", "spark.py", package = "openaistream"),
      source, target, "gpt-6-luna", "text", "Be short.", "1e6"
    ),
    OPENAI_API_KEY = "sk-of-the-driver", OPENAI_BASE_URL = server$url,
    R_ENVIRON_USER = environ, R_LIBS = paste(.libPaths(), collapse = ":"),
    PYSPARK_SUBMIT_ARGS = "--master local[2] pyspark-shell",
    PYSPARK_PYTHON = spark_python
  )

  output <- in_python(c(
    "import json, sys, pyarrow.parquet as pq",
    "rows = pq.read_table(sys.argv[1]).to_pylist()",
    "print(json.dumps(rows))"
  ), target)
  rows <- jsonlite::fromJSON(output)
  rows <- rows[order(rows$id), ]
  expect_identical(rows$id, 0:9999)
  expect_identical(rows$text[[2]], "row 1 \u00fc \"x\"\n")
  is_asked <- rows$id != 77
  is_failed <- !is.na(rows$error)
  expect_identical(sum(is_failed), 1L)
  expect_match(rows$error[is_failed], "Not this one")
  is_answered <- is_asked & !is_failed
  expect_identical(is.na(rows$answer), !is_answered)
  own <- paste0("row ", rows$id[is_answered], " ")
  expect_true(all(mapply(
    grepl, own, rows$answer[is_answered],
    MoreArgs = list(fixed = TRUE)
  )))

  requests <- server$requests()
  expect_length(requests, 9999)
  keys <- vapply(requests, function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(unique(keys), "Bearer sk-of-the-worker")
})
