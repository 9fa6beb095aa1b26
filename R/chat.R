#' Chat completions
#'
#' @description
#' Sends a conversation to a model and gets its next message, at once or as a
#' stream. Reached as `client$chat` of an [openai] client.
#'
#' An answer holds one or more choices, each with a `message` (`role`,
#' `content`, perhaps `tool_calls`) and a `finish_reason`, and the `usage` in
#' tokens. See <https://platform.openai.com/docs/api-reference/chat>.
#'
#' @param ... Further fields of the request body, named as in the API
#'   reference: `temperature`, `max_completion_tokens`, `tools`,
#'   `response_format` and so on.
#' @template call
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' messages <- list(list(role = "user", content = "Say hello."))
#'
#' answer <- client$chat$create(messages, model = "gpt-6-luna")
#' answer$vres$message$content
#'
#' stream <- client$chat$create(messages, model = "gpt-6-luna", stream = TRUE)
#' repeat {
#'   value <- stream$next_value
#'   if (!is.list(value) || inherits(value, "error")) break
#'   for (delta in value$vres) cat(delta$content)
#' }
#' stream$get_state()
#' server$stop()
chat <- R6::R6Class(
  "chat",
  inherit = base_api,
  public = list(
    #' @description Create a chat completion.
    #' @param messages The conversation so far: a list with one list per
    #'   message, or a data frame with one row per message, with `role` and
    #'   `content`. Messages with images or tool calls need the list.
    #' @param model Name of the model.
    #' @param stream `FALSE` waits for the whole answer; `TRUE` returns a
    #'   stream that gives it piece by piece.
    #' @param n Number of choices to generate.
    #' @param num Largest number of events that one `$next_value` of the
    #'   stream returns; ignored when `stream` is `FALSE`.
    #' @return With `stream = FALSE` a list of `all_resp`, the whole answer,
    #'   and `vres`, its choices as a data frame with one row per choice; or
    #'   the list of a failed call, with `success = FALSE`, `message` and
    #'   `type = "general"`. With `stream = TRUE` a [DataStream].
    create = function(messages, model, stream = FALSE, n = 1, num = 2,
                      verbosity = 0, ...) {
      path <- path_segments("chat", "completions")
      body <- json_object(
        ...,
        messages = messages, model = model, stream = stream, n = n
      )
      if (stream) {
        return(private$stream(path, body, num, "chat", verbosity))
      }
      private$request("POST", path,
        body = body, verbosity = verbosity,
        then = chat_result
      )
    }
  )
)

# What a call returns for a completion.
chat_result <- function(answer) {
  classed(list(all_resp = answer, vres = answer$choices))
}
