#' Client of the OpenAI API
#'
#' @description
#' The door to everything: `openai$new()` makes a client, whose fields are the
#' resources of the API. Any server that speaks the API will do (`base_url`),
#' such as the one that [local_server()] starts on your own machine.
#'
#' Calls wait for their answer, and an interrupt (Ctrl-C, Esc, Stop) ends the
#' waiting at once. Streams ([DataStream]) return at once. Connections are kept
#' and shared by all clients of a session.
#'
#' A client may be saved, sent to workers (`parallel`, `future`, `callr`) and used
#' in forked processes. Its key is never saved or sent with it: a key that equals
#' the value of an environment variable is looked up there, a function is called
#' again, any other key must be given anew.
#'
#' @seealso <https://platform.openai.com/docs/api-reference/introduction>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' client$models$list()$id
#' server$stop()
#' @export
openai <- R6::R6Class(
  "openai",
  public = list(
    #' @description Make a client. Nothing is sent.
    #' @param api_key The key, one string; or a function without arguments that
    #'   returns it, called for each request. By default the environment
    #'   variable `OPENAI_API_KEY`, else `OPENAI_KEY`.
    #' @param base_url Where the API is, one URL. By default the environment
    #'   variable `OPENAI_BASE_URL`, else `"https://api.openai.com/v1"`.
    #' @param organization Id of the organization to bill, one string. By default
    #'   the environment variable `OPENAI_ORG_ID`, else none.
    #' @param project Id of the project to bill, one string. By default the
    #'   environment variable `OPENAI_PROJECT_ID`, else none.
    #' @param headers Further headers of every request, a named character
    #'   vector.
    #' @return A client. Stops where there is no key, where the key is no string,
    #'   or where the base URL is none.
    initialize = function(api_key = NULL, base_url = NULL, organization = NULL,
                          project = NULL, headers = NULL) {
      private$config <- api_config$new(
        base_url, organization, project, headers
      )
      private$config$set_api_key(api_key)
    },

    #' @description Send requests through an HTTP proxy. Without it, the
    #'   environment variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
    #'   `NO_PROXY` count.
    #' @param proxy_ip Its IPv4 address, one string.
    #' @param proxy_port Its port, a whole number from 1 to 65535.
    #' @return The client, invisibly.
    set_proxy = function(proxy_ip, proxy_port) {
      private$config$set_proxy(proxy_ip, proxy_port)
      invisible(self)
    },

    #' @description Show where the client sends its requests, without its key.
    #' @param ... Not used.
    #' @return The client, invisibly.
    print = function(...) {
      cat("<openai>\n")
      print(private$config)
      invisible(self)
    }
  ),
  active = list(
    #' @field models Models, see [models].
    models = function(value) private$resource(models, value),
    #' @field files Files, see [files].
    files = function(value) private$resource(files, value),
    #' @field fine_tuning Fine-tuning jobs, see [fine_tuning].
    fine_tuning = function(value) private$resource(fine_tuning, value),
    #' @field chat Chat completions, see [chat].
    chat = function(value) private$resource(chat, value),
    #' @field audio Speech and transcription, see [audio].
    audio = function(value) private$resource(audio, value),
    #' @field embeddings Embeddings, see [embeddings].
    embeddings = function(value) private$resource(embeddings, value),
    #' @field images Images, see [images].
    images = function(value) private$resource(images, value),
    #' @field moderations Moderations, see [moderations].
    moderations = function(value) private$resource(moderations, value),
    #' @field assistants Assistants, see [assistants].
    assistants = function(value) private$resource(assistants, value),
    #' @field threads Threads of assistants, see [threads].
    threads = function(value) private$resource(threads, value),
    #' @field messages Messages of threads, see [messages].
    messages = function(value) private$resource(messages, value),
    #' @field runs Runs of assistants, see [runs].
    runs = function(value) private$resource(runs, value),
    #' @field batch Batches, see [batch].
    batch = function(value) private$resource(batch, value),
    #' @field vector_stores Vector stores, see [vector_stores].
    vector_stores = function(value) private$resource(vector_stores, value)
  ),
  private = list(
    config = NULL,
    resources = list(),

    # The resource of a class, made when it is first asked for.
    resource = function(class, value) {
      if (!missing(value)) {
        stop("This property is read-only.", call. = FALSE)
      }
      name <- class$classname
      if (is.null(private$resources[[name]])) {
        private$resources[[name]] <- class$new(private$config)
      }
      private$resources[[name]]
    }
  )
)
