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
#' | class | when |
#' |---|---|
#' | `openai_status_error` | the server answered with a status other than 2xx;
#' with it one of the next nine | | `openai_bad_request_error` | 400 | |
#' `openai_authentication_error` | 401 | | `openai_permission_error` | 403 | |
#' `openai_not_found_error` | 404 | | `openai_conflict_error` | 409 | |
#' `openai_unprocessable_error` | 422 | | `openai_rate_limit_error` | 429 | |
#' `openai_quota_error` | the account's quota is used up; nothing is retried | |
#' `openai_server_error` | 500 and more | | `openai_timeout_error` | a limit was
#' reached; the field `timeout` names it | | `openai_connection_error` | no
#' answer came, or not all of it | | `openai_response_error` | the answer is not
#' what it should be | | `openai_stream_error` | a stream had begun and is not
#' complete, or the server reported an error in it | | `openai_cancelled_error`
#' | a stream was closed before its answer was complete (only promises and
#' `$on_event()` are told), or one of many requests was not answered before
#' their run ended | | `openai_journal_error` | the journal of many requests
#' cannot be read or written; always stops | | `openai_argument_error` | an
#' argument was refused; nothing was sent | | `openai_rounds_error` | a model
#' still called tools after `max_rounds` answers of `$run_tools()` (see [chat])
#' |
#'
#' Fields, `NULL` where they do not apply: `message`, `call`, `status` (HTTP),
#' `type`, `code` and `param` (of the API's error object), `request_id`,
#' `retry_after` (seconds to wait before the next call, as the headers of the
#' answer tell), `attempts` (how often the request was sent), `body` (the
#' answer, at most its first 16 KiB, without secrets), `cause` (what lies
#' beneath, such as an error of the operating system), `timeout` (`"connect"`,
#' `"first_byte"`, `"idle"` or `"total"`), and of streams that had begun `text`
#' (of the first choice), `events` and `bytes`; of `$run_tools()` `messages` and
#' `rounds`. Where many requests stop, `results` holds what was done, and
#' `index` tells which of them failed first.
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
