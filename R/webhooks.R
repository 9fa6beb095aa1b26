#' Verify webhooks
#'
#' @description
#' Verifies the webhooks that OpenAI sends to your own server when a response, a
#' batch or a fine-tuning job has finished, and manages their endpoints.
#' Available as `client$webhooks` of an [openai] client. See
#' <https://platform.openai.com/docs/guides/webhooks>.
#'
#' The operations of endpoints are in [webhooks_operations].
#'
#' @examples
#' client <- openai$new("sk-demo", base_url = "http://127.0.0.1:9/v1")
#' secret <- "whsec_c2VjcmV0"
#' # A webhook with an invalid signature is rejected:
#' tryCatch(
#'   client$webhooks$unwrap(
#'     "{}",
#'     c(
#'       "webhook-id" = "wh_1", "webhook-signature" = "v1,AAAA",
#'       "webhook-timestamp" = format(as.numeric(Sys.time()), digits = 10)
#'     ), secret
#'   ),
#'   openai_webhook_error = function(e) conditionMessage(e)
#' )
webhooks <- R6::R6Class(
  "webhooks",
  inherit = base_api,
  public = list(
    #' @description Verify the signature of a webhook and parse it.
    #' @param payload Its unchanged body, one string or a raw vector.
    #' @param headers Its headers, a named character vector or a list that
    #'   contains `webhook-id`, `webhook-timestamp` and `webhook-signature`, in
    #'   any case.
    #' @param secret The secret of the endpoint, one string. Defaults to the
    #'   environment variable `OPENAI_WEBHOOK_SECRET`.
    #' @param tolerance Maximum difference between the timestamp of the webhook
    #'   and the current time, in seconds.
    #' @return The event, a list with `id`, `type`, `created_at` and `data`.
    #'   Signals an error of class `openai_webhook_error` if the signature is
    #'   invalid, too old or missing.
    unwrap = function(payload, headers, secret = NULL, tolerance = 300) {
      self$verify_signature(payload, headers, secret, tolerance)
      text <- if (is.raw(payload)) as_text(payload) else payload
      unwrap(json_read(text))
    },

    #' @description Verify the signature of a webhook without parsing it.
    #' @param payload,headers,secret,tolerance As for `$unwrap()`.
    #' @return `TRUE`, invisibly. Signals the same errors as `$unwrap()`.
    verify_signature = function(payload, headers, secret = NULL,
                                tolerance = 300) {
      if (!is.raw(payload) && !is_string(payload)) {
        abort_argument(
          "`payload` must be one string or a raw vector, not ",
          describe(payload), "."
        )
      }
      variable <- "OPENAI_WEBHOOK_SECRET"
      secret <- secret %||% environment_value(variable)
      if (is.null(secret)) {
        abort_argument(
          "There is no secret: pass it as `secret`, or set the environment ",
          "variable ", variable, "."
        )
      }
      check_string(secret, "secret", optional = FALSE)
      check_number(tolerance, "tolerance")
      bytes <- if (is.raw(payload)) payload else charToRaw(enc2utf8(payload))
      problem <- unwrap(webhook_problem(list(
        payload = bytes,
        id = webhook_header(headers, "webhook-id"),
        timestamp = webhook_header(headers, "webhook-timestamp"),
        signatures = webhook_header(headers, "webhook-signature"),
        secret = secret, now = as.numeric(Sys.time()), tolerance = tolerance
      )))
      if (!is.null(problem)) {
        abort_webhook(problem)
      }
      invisible(TRUE)
    }
  )
)

# The value of a header, for the header formats of various web frameworks.
webhook_header <- function(headers, name) {
  if (!is.list(headers) && !is.character(headers) &&
    !is.environment(headers)) {
    abort_argument(
      "`headers` must be a named character vector or a list, not ",
      describe(headers), "."
    )
  }
  # Rook environments name them HTTP_WEBHOOK_ID.
  plain <- function(names) gsub("_", "-", sub("^http_", "", tolower(names)))
  headers <- as.list(headers)
  value <- headers[plain(names(headers)) == name]
  if (length(value) == 0L || !is_string(value[[1]])) {
    abort_webhook(paste0("The header `", name, "` is missing."))
  }
  value[[1]]
}

abort_webhook <- function(message) {
  stop(openai_condition(list(kind = "webhook", message = message)))
}
