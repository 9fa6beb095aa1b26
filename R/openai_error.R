#' Handle errors
#'
#' Failed calls with `on_error = "stop"` (see [openai]) signal one of these
#' conditions, and `$next_value` of a [DataStream] returns it if a stream fails.
#' By default, calls that version 0.3.0 had return `list(success = FALSE,
#' message = , type = "general")`, followed by the fields below, and warn. The
#' warning has the class `openai_failed_call_warning` and the message and fields
#' of the error; `options(openaistream.failed_call_warning = FALSE)` turns it
#' off. With `options(warn = 2)`, the call signals the error. All other calls
#' signal an error by default. Promises are rejected and do not warn.
#'
#' All conditions have the classes `openai_error`, `error` and `condition`,
#' preceded by one or more specific classes:
#'
#' \describe{
#'   \item{`openai_status_error`}{The server responded with a status code other
#'   than 2xx, or with status 200 and an error that contains a status code. The
#'   condition also has one of the next nine classes.}
#'   \item{`openai_bad_request_error`}{Status code 400.}
#'   \item{`openai_context_error`}{The input does not fit into the context
#'   window of the model. Precedes the class of the status code.}
#'   \item{`openai_image_input_error`}{The model does not accept images. Comes
#'   before the class of the status code.}
#'   \item{`openai_authentication_error`}{401.}
#'   \item{`openai_permission_error`}{403.}
#'   \item{`openai_not_found_error`}{404.}
#'   \item{`openai_conflict_error`}{409.}
#'   \item{`openai_unprocessable_error`}{422.}
#'   \item{`openai_rate_limit_error`}{429.}
#'   \item{`openai_quota_error`}{The quota of the account is exhausted; the
#'   request is not retried.}
#'   \item{`openai_server_error`}{500 and above.}
#'   \item{`openai_timeout_error`}{The request timed out; the field `timeout`
#'   names the limit.}
#'   \item{`openai_connection_error`}{The connection failed before the response
#'   was complete.}
#'   \item{`openai_response_error`}{The response does not contain what the call
#'   should return, or is an error without a status code.}
#'   \item{`openai_stream_error`}{A stream failed after it had begun, or the
#'   server reported an error in it.}
#'   \item{`openai_cancelled_error`}{A stream was closed before its answer was
#'   complete (only reported to promises and `$on_event()`), or a run of many
#'   requests ended before this request was answered.}
#'   \item{`openai_journal_error`}{The journal of many requests cannot be read
#'   or written. Always signals an error.}
#'   \item{`openai_budget_error`}{Many requests would exceed `max_cost`; the
#'   remaining requests were not sent.}
#'   \item{`openai_batch_error`}{A batch ended without a result for a request
#'   (`engine = "batch"`, see [batches]).}
#'   \item{`openai_argument_error`}{An argument is invalid; nothing was sent.}
#'   \item{`openai_worker_error`}{A worker (`workers`, see [chat]) died or
#'   failed.}
#'   \item{`openai_webhook_error`}{The signature of a webhook is invalid (see
#'   [webhooks]).}
#'   \item{`openai_rounds_error`}{A model still called tools after `max_rounds`
#'   answers of `$run_tools()` (see [chat] and [responses]).}
#' }
#'
#' The first call of an operation that OpenAI has shut down warns, once per
#' session, with the class `openai_shut_warning`. Its fields are `operation`,
#' `shut`, the date, and `instead`, the replacement.
#'
#' Conditions have these fields; those that do not apply are `NULL`:
#' - `message`, `call`;
#' - `status`: the HTTP status code;
#' - `type`, `code`, `param`: fields of the API's error object;
#' - `reason`: `"context"` or `"image_input"` for the two classes of that name;
#' - `request_id`: the server's id of the request;
#' - `retry_after`: seconds to wait before the next call, from the response
#'   headers;
#' - `attempts`: how often the request was sent;
#' - `body`: the first 16 KiB of the response body, with secrets redacted;
#' - `cause`: the underlying error, such as an error of the operating system;
#' - `timeout`: `"connect"`, `"first_byte"`, `"idle"` or `"total"`;
#' - `text`, `events`, `bytes`: for streams that had begun, the text of the
#'   first choice and the number of events and bytes received; for a response
#'   also `response_id`;
#' - `rounds`, and `messages` or `items`: for `$run_tools()` of a chat or of
#'   responses;
#' - `results`, `index`: for runs of many requests, the completed results and
#'   the position of the request that failed first;
#' - `batches`: the ids of batches that continue.
#'
#' In the list returned by a failed call, `type` is `"general"`, as in 0.3.0,
#' and `error_type` is the type of the API's error object.
#'
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
