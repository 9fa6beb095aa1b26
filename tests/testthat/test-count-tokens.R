test_that("the estimate is near the number of tokens", {
  # The bounds are around the count of the encoding o200k_base.
  counts <- count_tokens(c(
    english = paste(
      "Notwithstanding the foregoing, the Licensee shall indemnify and hold",
      "harmless the Licensor against any claims."
    ),
    numbers = "3.14159265358979 2.71828182845905 1.4142135623731"
  ))
  expect_named(counts, c("english", "numbers"))
  expect_gte(counts[["english"]], 18)
  expect_lte(counts[["english"]], 28)
  expect_identical(count_tokens(c("", NA)), c(0, NA))
  expect_identical(count_tokens(list("a b")), count_tokens("a b"))
  expect_identical(count_tokens(character()), numeric())
})

test_that("the estimate does not depend on the encoding of a string", {
  latin1 <- iconv("d\u00e9j\u00e0 vu", "UTF-8", "latin1")
  expect_identical(count_tokens(latin1), count_tokens("d\u00e9j\u00e0 vu"))
})

test_that("values other than strings are rejected", {
  for (value in list(1, NULL, list(1), quote(x))) {
    expect_error(count_tokens(value), class = "openai_argument_error")
  }
})

test_that("strings with an invalid encoding are rejected", {
  expect_error(
    count_tokens(c("a", "caf\xe9")), "encoding",
    class = "openai_argument_error"
  )
})
