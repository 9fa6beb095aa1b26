library(testthat)
library(openaistream)

test_check("openaistream")
