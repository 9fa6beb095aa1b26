#' @param requests The requests, a list of objects created by
#'   [api_request()].
#' @param max_active Maximum number of concurrent requests. Each may use its
#'   own connection; several hundred are possible.
#' @param journal Path of a file to which each response is appended as a
#'   line of JSON as soon as it arrives; `NULL` for none. A later run with
#'   the same journal, even after the process was killed, sends only the
#'   requests that are not in it and returns all results. Requests are
#'   matched by method, path and body; identical requests are counted.
#'   Failures are not recorded, nor is the key. Only one run at a time can
#'   use a journal.
#' @param progress Whether to show a progress bar (package cli): `TRUE`,
#'   `FALSE`, or `NULL` for the option `openaistream.progress`, which
#'   defaults to interactive terminals only. The bar appears after one
#'   second; where it is not on a terminal, it is a line every ten seconds.
#' @param max_wait Maximum wait in seconds that the server may ask for;
#'   `Inf` for no maximum. If it asks for a longer wait, for example the
#'   rest of the day, the remaining requests fail with the same condition,
#'   whose `retry_after` is the wait in seconds; you can resume later with a
#'   `journal`. A message reports waits longer than 120 seconds.
#' @param estimate `TRUE` sends nothing and returns a data frame with one
#'   row that estimates the run:
#'   * `requests`, and `kept`, the number of answers already in the journal
#'     or the results file;
#'   * `input_tokens`, as estimated by [count_tokens()];
#'   * `output_tokens`: the maximum that the fields of the requests allow,
#'     or else the median of that model's answers in this session, or `NA`;
#'   * `input_cost` and `cost` in dollars by [model_prices()]; `NA` if a
#'     price or `output_tokens` is unknown;
#'   * `seconds`: the approximate duration with these limits, assuming one
#'     second per answer plus one second per 60 tokens.
#' @param max_cost Maximum cost of the run in dollars, by [model_prices()];
#'   `NULL` for no limit. Results that are already in the journal cost
#'   nothing. A request is sent only if the cost of the answers so far, of
#'   the active requests and of the request itself stays within the limit.
#'   The cost of a request is its input as estimated by [count_tokens()]
#'   plus the longest answer that its fields allow (`max_completion_tokens`,
#'   `max_output_tokens`), or else the longest answer received in this run;
#'   only with such a field is the limit never exceeded. The prices used are
#'   those of text and of requests that are not long.
#'
#'   When the budget is exhausted, the run ends with an
#'   `openai_budget_error`, whose `results` are the completed results. With
#'   `on_error = "return"`, that error is the element of each request that
#'   was not sent, and a warning (`openai_budget_warning`) reports their
#'   number. A model whose price is unknown is rejected before anything is
#'   sent.
