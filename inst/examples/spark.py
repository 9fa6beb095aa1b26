"""Sends each row of a Parquet file to a model, on the machines of a Spark cluster.

    spark-submit spark.py <source> <target> <model> <column> <instruction> <rpm>

Writes the rows of `source` with the columns `answer` and `error` to `target`. `rpm` is the maximum
number of requests per minute of all tasks together. Each machine needs R with openaistream and
jsonlite, and reads the key from the ~/.Renviron of the user who runs the tasks; it is not sent.
"""

import os
import shlex
import sys

from pyspark.sql import SparkSession
from pyspark.sql.types import StringType, StructField, StructType

WORKER = 'source(system.file("examples", "answer_lines.R", package = "openaistream"))'

# A piped command only inherits the variables passed to it. None of these is a secret.
SENT = ("PATH", "HOME", "LANG", "R_LIBS", "R_ENVIRON_USER", "OPENAI_BASE_URL")


def main(source, target, model, column, instruction, rpm):
    spark = SparkSession.builder.appName("openaistream").getOrCreate()
    tasks = spark.sparkContext.defaultParallelism
    share = float(rpm) / tasks
    command = ["Rscript", "-e", WORKER, model, column, instruction, str(share)]
    environment = {name: os.environ[name] for name in SENT if name in os.environ}

    rows = spark.read.parquet(source).repartition(tasks)
    lines = rows.toJSON().pipe(shlex.join(command), env=environment, checkCode=True)
    added = [StructField(name, StringType()) for name in ("answer", "error")]
    # With a schema, nothing is read twice, so each row is sent once.
    answers = spark.read.schema(StructType(rows.schema.fields + added)).json(lines)
    answers.write.parquet(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
