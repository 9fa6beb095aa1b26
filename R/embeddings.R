#' Embeddings
#'
#' @description
#' Turns texts into vectors of numbers, to compare, search or cluster them.
#' Reached as `client$embeddings` of an [openai] client. See
#' <https://platform.openai.com/docs/api-reference/embeddings/create>.
#'
#' @template call
#' @section Matrices:
#' With `as = "matrix"` the vectors are the rows of a numeric matrix, in the
#' order of the inputs. There may be any number of inputs: they are sent in as
#' many requests as the limits of the API demand (2,048 inputs and 300,000
#' tokens in one), up to four at the same time. How many tokens a text has is
#' estimated ([count_tokens()]); a request that the server refuses as too large
#' is sent again in halves. Each request is tried again by itself (see
#' [openai]); when one fails for good, the others are ended and the call fails.
#'
#' Vectors are asked for as base64, which is a third as long as digits, where
#' OpenAI is the server; `encoding_format = "base64"` asks other servers for
#' it, too. Both forms are understood, whatever was asked for. Where a server
#' refuses base64 that only this default asked for, the call is repeated
#' without it.
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' vectors <- client$embeddings$create(
#'   "text-embedding-3-small",
#'   c(cat = "a cat", dog = "a dog", law = "the law"),
#'   as = "matrix"
#' )
#' dim(vectors)
#' # How similar they are: the cosines, for the vectors have length 1.
#' tcrossprod(vectors)
#' attr(vectors, "usage")$total_tokens
#'
#' answer <- client$embeddings$create("text-embedding-3-small", "a cat")
#' answer$data$embedding[[1]][1:3]
#' server$stop()
embeddings <- R6::R6Class(
  "embeddings",
  inherit = base_api,
  public = list(
    #' @description Compute the embeddings of one or more texts.
    #' @param model Name of the model.
    #' @param input One text, a character vector of texts, or a list of
    #'   vectors of token numbers. A matrix can also be made of a list of texts,
    #'   or of one vector of token numbers, and of any number of them. Nothing
    #'   is sent for a missing one (`NA`) of a matrix, whose row is `NA`.
    #' @param ... Further fields of the request body, named as in the API
    #'   reference, such as `dimensions`.
    #' @param as What is returned, `"list"` or `"matrix"`.
    #' @param engine `"direct"` sends the requests and waits for their answers;
    #'   `"batch"` sends them as batches (see [batches]), at half the price:
    #'   they come within a day, and the call waits for them. The value is the
    #'   same.
    #' @param journal With `engine = "batch"` a file, one path, which keeps what
    #'   was sent and what came: a call with the same journal and the same
    #'   inputs goes on where one that ended was, also in another session, and
    #'   sends nothing twice. `NULL` for none.
    #' @param batch_size The most inputs of one batch, up to 50,000 as the API
    #'   says.
    #' @param progress With `engine = "batch"` or a `file`, as for `$parallel()`
    #'   of [openai].
    #' @param file Path of a file that the rows of a matrix go to, in the format
    #'   of NumPy (`.npy`, 32-bit floats), so that they need not fit into
    #'   memory. Then `input` may also be what [prompts_file()] tells: a file, a
    #'   connection, a function that gives the next texts. Rows are appended as
    #'   they come, in the order of the inputs; where the file is there, the run
    #'   goes on from it, if it has rows of the same inputs, model and fields,
    #'   which a small file beside it tells, with `.job` behind its name. The
    #'   row of a missing input is `NaN`. [read_npy()] reads the file, and so
    #'   does `numpy.load(file, mmap_mode = "r")`. `NULL` for none.
    #' @param estimate With `TRUE` nothing is sent, and a data frame of one row
    #'   tells what the call would take, as that of `$parallel()` of [openai].
    #' @return `"list"`: the answer as a list, with `data`, `model` and `usage`;
    #'   `data` is a data frame with one row per text, whose column `embedding`
    #'   is a list of numeric vectors. `"matrix"`: a numeric matrix with one row
    #'   per element of `input`, in its order, named by its names; the attribute
    #'   `usage` has the tokens of all requests together, as a list, `model` the
    #'   name of the model. A failed call of `"list"` returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`; one of `"matrix"`
    #'   stops, unless `on_error = "return"` was set. With a `file` a list of
    #'   `file`, `rows`, `width`, `model` and `usage`, that of this call; a
    #'   failed request stops, what came before it is in the file, and the
    #'   condition has such a list as `results`. An answer that has not
    #'   just one vector for each input, all of the same length, is an
    #'   `openai_response_error`.
    create = function(model, input, ..., verbosity = 0, as = "list",
                      engine = "direct", journal = NULL, batch_size = 50000,
                      progress = NULL, file = NULL, estimate = FALSE) {
      if (!is_string(as) || !as %in% c("list", "matrix")) {
        abort_argument(
          "`as` must be \"list\" or \"matrix\", not ", describe(as), "."
        )
      }
      settings <- embedding_settings(engine, journal, batch_size, progress)
      if (check_flag(estimate, "estimate")) {
        return(estimate_embeddings(input, model, as, settings))
      }
      if (!is.null(file)) {
        check_rows_file(file, as, settings)
        return(embeddings_to_file(
          input, list(..., model = model), file, progress, private$config,
          private$user_call(), private$asynchronous
        ))
      }
      input <- in_memory(input)
      path <- operations$embeddings.create$segments
      inputs <- as_inputs(input)
      is_sent <- !vapply(inputs, is_missing, NA, USE.NAMES = FALSE)
      if (as == "list") {
        if (!all(is_sent)) {
          abort_argument(
            "`input` is NA at its element ", which(!is_sent)[[1]], ": leave ",
            "it out, or ask for `as = \"matrix\"`, whose row is NA then."
          )
        }
        body <- json_object(..., model = model, input = input)
        if (!is.null(settings)) {
          return(private$by_batch(
            embedding_by_batch, settings, body, length(inputs)
          ))
        }
        return(private$request("POST", path,
          body = body, verbosity = verbosity
        ))
      }
      sent <- embedding_inputs(
        inputs[is_sent], list(..., model = model),
        prefer_base64 = private$config$is_openai(),
        by_batch = !is.null(settings)
      )
      with_all <- function(rows) {
        with_missing_rows(rows, is_sent, names(inputs))
      }
      if (!is.null(settings)) {
        return(private$by_batch(
          embeddings_by_batches, settings, sent,
          is_new = TRUE, finish = with_all
        ))
      }
      private$request("POST", path,
        inputs = sent, verbosity = verbosity, is_new = TRUE, then = with_all
      )
    }
  ),
  private = list(
    # What `run` makes of its arguments; a failure does what that of any call
    # does.
    by_batch = function(run, settings, ..., is_new = FALSE) {
      or_failed(
        function() {
          run(
            private$config, settings, ...,
            call = private$user_call(), asynchronous = private$asynchronous
          )
        },
        function(e) {
          if (inherits(e, "openai_argument_error")) stop(e)
          private$fail_with(e, is_new)
        }
      )
    }
  )
)
