#' Print and plot answers
#'
#' `openai_answer()` adds a class to the answer of a call, so that `print()`
#' shows it in a readable form and `plot()` draws its images. Nothing else
#' changes: the elements stay the same, and `unclass()` returns the plain list.
#'
#' Answers are plain lists by default, as in version 0.3.0. With
#' `options(openaistream.classes = TRUE)`, all answers of [chat] and [images]
#' have these classes.
#'
#' @param answer The answer of `$create()` of [chat], or of `$create()`,
#'   `$edit()` or `$variation()` of [images].
#' @return `answer` with the class `openai_chat` or `openai_images`, followed by
#'   `openai_answer`.
#'
#'   `print()` shows the text of each choice of a chat, refusals, tool calls,
#'   the finish reason unless it is `"stop"`, and the usage; of images, the
#'   format and size of each. It returns the answer, invisibly.
#'
#'   `plot()` draws the images side by side on the current graphics device (PNG
#'   requires the package png, JPEG the package jpeg) and returns the answer,
#'   invisibly.
#' @section Errors:
#' An [openai_error] of class `openai_argument_error` if `answer` is not such an
#' answer, if the required package is not installed, or if the format of an
#' image cannot be drawn.
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' messages <- list(list(role = "user", content = "Say hello."))
#' openai_answer(client$chat$create(messages, model = "gpt-6-luna"))
#'
#' if (requireNamespace("png", quietly = TRUE)) {
#'   server$reply(body = paste0(
#'     "{\"data\":[{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1Pe",
#'     "AAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC\"}]}"
#'   ))
#'   plot(openai_answer(client$images$create("a bird")))
#' }
#' server$stop()
#' @export
openai_answer <- function(answer) {
  check_succeeded(answer, "answer")
  class <- answer_class(answer)
  if (is.null(class)) {
    abort_argument(
      "`answer` must be an answer of `client$chat` or `client$images`, not ",
      describe(answer), "."
    )
  }
  with_class(answer, class)
}

# The class that matches the content of an answer, NULL if none does.
answer_class <- function(answer) {
  if (is_images(answer)) {
    "openai_images"
  } else if (is.list(answer) && is.data.frame(answer$vres)) {
    "openai_chat"
  }
}

with_class <- function(answer, class) {
  class(answer) <- c(class, "openai_answer")
  answer
}

# The answer of a call, with a class if the user set the option.
classed <- function(answer) {
  class <- if (isTRUE(getOption("openaistream.classes"))) answer_class(answer)
  if (is.null(class)) answer else with_class(answer, class)
}
