#' Create embeddings
#'
#' @description
#' Turns texts into numeric vectors, to compare, search or cluster them.
#' Available as `client$embeddings` of an [openai] client. See
#' <https://platform.openai.com/docs/api-reference/embeddings/create>.
#'
#' @template call
#' @section Matrices:
#' With `as = "matrix"`, the vectors are the rows of a numeric matrix, in the
#' order of the inputs. There can be any number of inputs: they are split into
#' requests within the limits of the API (2,048 inputs and 300,000 tokens per
#' request), up to four of which are sent in parallel. Tokens are estimated with
#' [count_tokens()]; a request that the server rejects as too large is sent
#' again in halves. Each request is retried separately (see [openai]). If one
#' finally fails, the others are cancelled and the call fails.
#'
#' If the server is OpenAI, vectors are requested as base64, which needs a third
#' of the bytes; `encoding_format = "base64"` also requests it from other
#' servers. Both encodings are parsed, regardless of which was requested. If a
#' server rejects base64 that was only requested by default, the request is
#' repeated without it.
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' vectors <- client$embeddings$create(
#'   "text-embedding-3-small",
#'   c(cat = "a cat", dog = "a dog", law = "the law"),
#'   as = "matrix"
#' )
#' dim(vectors)
#' # Cosine similarities (the vectors have length 1):
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
    #' @description Create the embeddings of one or more texts.
    #' @param model Name of the model.
    #' @param input One text, a character vector of texts, or a list of vectors
    #'   of token numbers. For a matrix also a list of texts, or a single vector
    #'   of token numbers, and any number of inputs; missing inputs (`NA`) are
    #'   not sent, and their rows are `NA`.
    #' @param ... Additional fields of the request body, named as in the API
    #'   reference, such as `dimensions`.
    #' @param as What to return, `"list"` or `"matrix"`.
    #' @param engine `"direct"` sends the requests and waits for their
    #'   responses. `"batch"` sends them as batches (see [batches]) at half the
    #'   price; they complete within a day, and the call waits for them. The
    #'   value is the same.
    #' @param journal With `engine = "batch"`, path of a file that records the
    #'   requests and results; `NULL` for none. A call with the same journal and
    #'   inputs resumes one that ended, also in another session, and sends
    #'   nothing twice.
    #' @param batch_size Maximum number of inputs in one batch, up to 50,000
    #'   (the API's limit).
    #' @param progress With `engine = "batch"` or a `file`, as for `$parallel()`
    #'   of [openai].
    #' @param file Path of a file to write the rows of the matrix to, so that
    #'   they need not fit into memory; `NULL` for none. The format is NumPy's
    #'   (`.npy`, 32-bit floats); [read_npy()] reads it, as does
    #'   `numpy.load(file, mmap_mode = "r")`. Then `input` can also be a file
    #'   (see [prompts_file()]), a connection, or a function that returns the
    #'   next texts. Rows are appended as they arrive, in the order of the
    #'   inputs; the row of a missing input is `NaN`.
    #'
    #'   If the file exists and has rows of the same inputs, model and fields,
    #'   the run resumes from it. A small file next to it, with `.job` appended
    #'   to its name, describes the job.
    #' @param estimate `TRUE` sends nothing and returns a data frame with one
    #'   row that estimates the call, as `$parallel()` of [openai] does; `kept`
    #'   is the number of inputs whose rows are already in `file`.
    #' @return With `as = "list"` a list with `data`, `model` and `usage`;
    #'   `data` is a data frame with one row per text, whose column `embedding`
    #'   is a list of numeric vectors. A failed call returns a list with
    #'   `success = FALSE`, `message` and `type = "general"`.
    #'
    #'   With `as = "matrix"` a numeric matrix with one row per element of
    #'   `input`, in order and with their names; the attribute `usage` is the
    #'   total token usage, a list, and `model` the name of the model. A failed
    #'   call signals an error unless `on_error = "return"` was set.
    #'
    #'   With a `file` a list of `file`, `rows`, `width`, `model` and `usage` of
    #'   this call. A failed request signals an error; the rows before it are in
    #'   the file, and the condition contains such a list as `results`.
    #'
    #'   A response without exactly one vector for each input, all of the same
    #'   length, is an `openai_response_error`.
    create = function(model, input, ..., verbosity = 0, as = "list",
                      engine = "direct", journal = NULL, batch_size = 50000,
                      progress = NULL, file = NULL, estimate = FALSE) {
      if (!is_string(as) || !as %in% c("list", "matrix")) {
        abort_argument(
          "`as` must be \"list\" or \"matrix\", not ", describe(as), "."
        )
      }
      settings <- embedding_settings(engine, journal, batch_size, progress)
      if (!is.null(file)) file <- check_rows_file(file, as, settings)
      if (check_flag(estimate, "estimate")) {
        return(estimate_embeddings(input, model, as, settings, file))
      }
      if (!is.null(file)) {
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
            "`input` is NA at its element ", which(!is_sent)[[1]], ": remove ",
            "it, or use `as = \"matrix\"`, whose row is then NA."
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
    # Calls `run` with its arguments; a failure is treated like that of any
    # call.
    by_batch = function(run, settings, ..., is_new = FALSE) {
      or_else(
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
