# Sets the prices of models until the test ends, in dollars per million tokens.
local_prices <- function(model = c("m", "priced", "gpt-6-luna"), input = 1,
                         output = 10, env = parent.frame()) {
  withr::local_options(
    openaistream.prices = data.frame(
      model = model, input = input, output = output
    ),
    .local_envir = env
  )
}
