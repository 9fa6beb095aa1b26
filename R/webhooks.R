#' Webhooks
#'
#' @description
#' Checks what OpenAI sends to a server of your own when a response, a batch or
#' a fine-tuning job is over, and manages the endpoints that get it. Reached as
#' `client$webhooks` of an [openai] client. See
#' <https://platform.openai.com/docs/guides/webhooks>.
#'
#' The operations of endpoints are in [webhooks_operations].
#'
#' @examples
#' client <- openai$new("sk-demo", base_url = "http://127.0.0.1:9/v1")
#' secret <- "whsec_c2VjcmV0"
#' # What is not signed with the secret is refused:
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
    #' @description Read a webhook that was received, after its signature was
    #'   checked.
    #' @param payload Its body as it came, one string or a raw vector.
    #' @param headers Its headers, a named character vector or a list, in which
    #'   `webhook-id`, `webhook-timestamp` and `webhook-signature` are, in any
    #'   case.
    #' @param secret The secret of the endpoint, one string. By default the
    #'   environment variable `OPENAI_WEBHOOK_SECRET`.
    #' @param tolerance How old a webhook may be, and how far ahead, in seconds.
    #' @return The event, a list with `id`, `type`, `created_at` and `data`.
    #'   Stops with an error of class `openai_webhook_error` where the signature
    #'   is wrong, too old, or missing.
    unwrap = function(payload, headers, secret = NULL, tolerance = 300) {
      self$verify_signature(payload, headers, secret, tolerance)
      text <- if (is.raw(payload)) as_text(payload) else payload
      unwrap(json_read(text))
    },

    #' @description Check the signature of a webhook alone.
    #' @param payload,headers,secret,tolerance As for `$unwrap()`.
    #' @return `TRUE`, invisibly. Stops as `$unwrap()` does.
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
          "There is no secret: give it as `secret`, or set the environment ",
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

# The value of a header in whatever a web framework gives as headers.
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
