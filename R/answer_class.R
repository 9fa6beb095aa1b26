#' Look at an answer
#'
#' Gives the answer of a call a class, so that `print()` shows it as people read
#' it and `plot()` draws its images. Everything else stays as it is: the same
#' elements, and `unclass()` gives the plain list back.
#'
#' Answers are plain lists, as in version 0.3.0. With
#' `options(openaistream.classes = TRUE)` all answers of [chat] and [images]
#' have their class from the start.
#'
#' @param answer The answer of `$create()` of [chat], or of `$create()`,
#'   `$edit()` or `$variation()` of [images].
#' @return `answer` with the classes `openai_chat` or `openai_images`, and
#'   `openai_answer`.
#'
#'   `print()` shows of a chat the text of each choice, refusals, tool calls,
#'   why it ended where that is not `"stop"`, and the usage; of images the
#'   format and the size of each. It returns the answer, invisibly.
#'
#'   `plot()` draws the images side by side on the current graphics device, PNG
#'   with package png and JPEG with package jpeg, and returns the answer,
#'   invisibly.
#' @section Errors:
#' An [openai_error] of class `openai_argument_error` where `answer` is neither,
#' where the package that draws is not installed, or the format of an image
#' cannot be drawn.
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

# The class that fits what an answer holds, NULL where none does.
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

# The answer of a call, with a class where the user wants that of all.
classed <- function(answer) {
  class <- if (isTRUE(getOption("openaistream.classes"))) answer_class(answer)
  if (is.null(class)) answer else with_class(answer, class)
}
