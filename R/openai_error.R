#' Errors
#'
#' What a failed call stops with where `on_error = "stop"` (see [openai]), and
#' what `$next_value` of a [DataStream] returns when a stream fails. By default
#' a failed call of those that version 0.3.0 had returns `list(success = FALSE,
#' message = , type = "general")` with the same fields behind, and warns: the
#' warning has the class `openai_failed_call_warning`, the message and the
#' fields of the error. `options(openaistream.failed_call_warning = FALSE)`
#' turns it off. Where `options(warn = 2)` makes errors of warnings, the call
#' stops with the error. All other calls stop by default. Promises are rejected,
#' and do not warn.
#'
#' All conditions have the classes `openai_error`, `error` and `condition`. More
#' specific ones stand before them:
#'
#' \describe{
#'   \item{`openai_status_error`}{The server answered with a status other than
#'   2xx, or with an error that names one though its status was 200; with it one
#'   of the next nine.}
#'   \item{`openai_bad_request_error`}{400.}
#'   \item{`openai_authentication_error`}{401.}
#'   \item{`openai_permission_error`}{403.}
#'   \item{`openai_not_found_error`}{404.}
#'   \item{`openai_conflict_error`}{409.}
#'   \item{`openai_unprocessable_error`}{422.}
#'   \item{`openai_rate_limit_error`}{429.}
#'   \item{`openai_quota_error`}{The account's quota is used up; nothing is
#'   retried.}
#'   \item{`openai_server_error`}{500 and more.}
#'   \item{`openai_timeout_error`}{A limit was reached; the field `timeout`
#'   names it.}
#'   \item{`openai_connection_error`}{No answer came, or not all of it.}
#'   \item{`openai_response_error`}{The answer does not hold what the call is
#'   for, or is an error that names no status.}
#'   \item{`openai_stream_error`}{A stream had begun and is not complete, or the
#'   server reported an error in it.}
#'   \item{`openai_cancelled_error`}{A stream was closed before its answer was
#'   complete (only promises and `$on_event()` are told), or one of many
#'   requests was not answered before their run ended.}
#'   \item{`openai_journal_error`}{The journal of many requests cannot be read
#'   or written; always stops.}
#'   \item{`openai_budget_error`}{Many requests would cost more than `max_cost`;
#'   what is left of them was not sent.}
#'   \item{`openai_batch_error`}{A batch ended without an answer to a request
#'   (`engine = "batch"`, see [batches]).}
#'   \item{`openai_argument_error`}{An argument was refused; nothing was sent.}
#'   \item{`openai_worker_error`}{The worker of a map (`workers`, see [chat])
#'   died or failed.}
#'   \item{`openai_webhook_error`}{A webhook is not signed as it should be (see
#'   [webhooks]).}
#'   \item{`openai_rounds_error`}{A model still called tools after `max_rounds`
#'   answers of `$run_tools()` (see [chat] and [responses]).}
#' }
#'
#' A call of an operation that OpenAI has shut warns once a session, with the
#' class `openai_shut_warning`: its fields are `operation`, `shut`, the day, and
#' `instead`, what to use.
#'
#' Fields, `NULL` where they do not apply: `message`, `call`, `status` (HTTP),
#' `type`, `code` and `param` (of the API's error object), `request_id`,
#' `retry_after` (seconds to wait before the next call, as the headers of the
#' answer tell), `attempts` (how often the request was sent), `body` (the
#' answer, at most its first 16 KiB, without secrets), `cause` (what lies
#' beneath, such as an error of the operating system), `timeout` (`"connect"`,
#' `"first_byte"`, `"idle"` or `"total"`), and of streams that had begun `text`
#' (of the first choice), `events` and `bytes`, of a response also
#' `response_id`; of `$run_tools()` `rounds`, and `messages` of a chat or `items`
#' of responses. Where many requests stop, `results` holds what was done,
#' `index` tells which of them failed first, and `batches` has the ids of
#' batches that go on.
#'
#' In the list of a failed call `type` is `"general"`, as in 0.3.0; the type of
#' the API's error object is `error_type` there.
#'
#' @name openai_error
#' @seealso <https://platform.openai.com/docs/guides/error-codes>
#' @examples
#' server <- local_server()
#' server$reply(status = 404, body = '{"error":{"message":"No such file."}}')
#' client <- openai$new("sk-demo", base_url = server$url, on_error = "stop")
#' tryCatch(
#'   client$files$retrieve("file-1"),
#'   openai_not_found_error = function(e) conditionMessage(e)
#' )
#' server$stop()
NULL
