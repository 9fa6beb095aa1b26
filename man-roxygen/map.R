#' @param workers R processes that send the requests, possibly on other
#'   machines: `"future"` for those of [future::plan()], `"mirai"` for the
#'   daemons of mirai, or the function of that name in the package; `NULL`
#'   for none. `rpm` and `tpm` apply to all workers together, `max_active`
#'   to each. See `vignette("machines", package = "openaistream")`.
#' @param engine `"direct"` sends each request separately. `"batch"` sends
#'   all of them as batches (see [batches]) at half the price: the answers
#'   arrive within a day, and the call waits for them.
#'
#'   With a `journal`, another session can resume the batches of one that
#'   ended, and nothing is sent twice. A journal works with one engine only.
#'   An interrupt stops waiting, and the batches continue. Requests that an
#'   expired or cancelled batch did not complete fail with an
#'   `openai_batch_error`; a run with the same journal sends them again.
#'   `max_active` and `max_wait` only apply to `"direct"`; `rpm`, `tpm` and
#'   `workers` are rejected with `"batch"`.
#' @param batch_size Maximum number of requests in one batch, up to 50,000
#'   (the API's limit). A batch is also limited to 200 MB.
#' @param results Path of a file to write the answers to, so that they need
#'   not fit into memory (see [read_results()]); `NULL` for none. If the
#'   file exists and belongs to the same prompts, model and fields, the run
#'   resumes from it: answered prompts are not sent again, except as
#'   `ask_again` says, and failed ones are. An answer that is requested
#'   again stays in the file until another one has arrived.
#' @param in_order Whether to sort `results` into the order of the prompts
#'   at the end of the run. `FALSE` keeps the order in which the answers
#'   arrived, which saves the time and disk space needed to sort a large
#'   file.
