#' Create a client for the OpenAI API
#'
#' @description
#' `openai$new()` creates a client. Its fields are the resources of the API,
#' such as `client$chat` and `client$files`. The client works with any server
#' that implements the API (`base_url`), including the practice server that
#' [local_server()] starts on your own machine.
#'
#' Every operation has the name it has in OpenAI's Python package, with `$`
#' instead of `.`: [responses], [conversations_operations], [uploads],
#' [webhooks], [batches_operations], [containers_operations],
#' [skills_operations], [realtime_operations], [admin_operations] and so on. The
#' fields below already existed in version 0.3.0. Print a client or a resource
#' to list its members; `vignette("python", package = "openaistream")` lists all
#' operations.
#'
#' Calls block until the response has arrived. An interrupt (Ctrl-C, Esc, Stop)
#' cancels the call at once. Streams ([DataStream]) return immediately. All
#' clients of a session share one pool of connections.
#'
#' You can save a client, send it to workers (`parallel`, `future`, `callr`) and
#' use it in forked processes. Its API key is never saved or sent along. If the
#' key equals the value of an environment variable, the copy reads that variable
#' again; if it is a function, the copy calls the function again; any other key
#' must be supplied again.
#'
#' Accessing a member that does not exist, such as `client$chats`, signals an
#' error of class `openai_argument_error` that lists the members that do. Use
#' `"chats" %in% names(client)` to test without an error.
#'
#' @template client
#' @template other-servers
#' @template parallel
#' @seealso <https://platform.openai.com/docs/api-reference/introduction>
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' client$models$list()$id
#'
#' client$parallel(list(
#'   model = api_request("GET", "models/gpt-6-luna"),
#'   none = api_request("GET", "models/none")
#' ), on_error = "return")
#'
#' texts <- data.frame(text = c("I love it", "Never again"))
#' client$extract(
#'   texts, "Classify: {text}",
#'   list(mood = type_enum(c("good", "bad"))), "gpt-6-luna"
#' )$mood
#' server$stop()
#' @export
openai <- R6::R6Class(
  "openai",
  public = list(
    #' @description Create a client. Sends nothing.
    #' @return A client. Signals an error if there is no key or an empty one for
    #'   OpenAI, if the key is not a string, or if the base URL is not a URL.
    initialize = function(api_key = NULL, base_url = NULL, organization = NULL,
                          project = NULL, headers = NULL, timeouts = NULL,
                          max_retries = NULL, on_error = NULL, max_bytes = NULL,
                          ca_bundle = NULL, client_certificate = NULL,
                          compatibility = NULL, assistants = NULL,
                          assistants_file = NULL, azure = NULL) {
      if (!is.null(azure)) {
        if (!is.null(base_url)) {
          abort_argument(
            "`azure` sets the address of the server: remove `base_url`."
          )
        }
        azure <- azure_settings(azure)
        base_url <- azure$base_url
        headers <- c(as.list(azure_headers(api_key)), as.list(headers))
        if (!is.function(api_key)) api_key <- NULL
      }
      private$config <- api_config$new(
        base_url, organization, project, headers,
        options = call_options(timeouts, max_retries, max_bytes, on_error),
        network = network_settings(ca_bundle, client_certificate),
        compatibility = new_compatibility(compatibility),
        assistants = new_assistants_choice(assistants, assistants_file),
        azure = azure
      )
      private$config$set_api_key(api_key)
    },

    #' @description Copy the client with different limits, for example for a
    #'   single call: `client$with_options(timeouts = c(idle =
    #'   10))$chat$create(...)`.
    #' @param timeouts,max_retries,on_error,max_bytes As for `$new()`; `NULL`
    #'   keeps the client's value.
    #' @return Another client that shares the key, the base URL and the
    #'   connections.
    with_options = function(timeouts = NULL, max_retries = NULL,
                            on_error = NULL, max_bytes = NULL) {
      private$copy(call_options(timeouts, max_retries, max_bytes, on_error))
    },

    #' @description Send requests through a proxy. If you do not call this, the
    #'   client uses the environment variables as they are when a request is
    #'   sent: `HTTPS_PROXY` or `HTTP_PROXY` (depending on the scheme of the
    #'   base URL), then `ALL_PROXY`. `NO_PROXY` lists the hosts to reach
    #'   directly, separated by commas: names (which include their subdomains),
    #'   IP addresses, and networks such as `10.0.0.0/8`. Proxies from the
    #'   environment are never used for the local machine.
    #' @param proxy_ip IPv4 address of the proxy, one string; or, with
    #'   `proxy_port` omitted, its URL. The scheme is `http://`, `https://`,
    #'   `socks5://` or `socks5h://` (the proxy resolves host names). The URL
    #'   can contain a user name and password (Basic authentication):
    #'   `"http://user:password@host:8080"`. Percent-encode characters such as
    #'   `/`, `#` and `@` in a password, see [utils::URLencode()]. A password
    #'   set here is saved with the client but never printed; one in
    #'   `HTTPS_PROXY` is not saved either.
    #' @param proxy_port Port of the proxy, a whole number from 1 to 65535.
    #' @return The client, invisibly.
    set_proxy = function(proxy_ip, proxy_port) {
      private$config$set_proxy(proxy_ip, proxy_port)
      invisible(self)
    },

    #' @description Send many requests in parallel and wait for all responses.
    #'   Each request is retried like any other call; a key that is a function
    #'   is called once for the whole run. An interrupt stops the run and
    #'   returns the completed results: the elements of unanswered requests are
    #'   conditions of class `openai_cancelled_error`, and a warning reports how
    #'   many there are.
    #' @param rpm,tpm Maximum number of requests and tokens per minute, spread
    #'   evenly over the minute; `NULL` or `Inf` for no limit. The tokens of a
    #'   request are estimated from its body (its text as by [count_tokens()],
    #'   plus the longest answer that its fields allow) and corrected by the
    #'   `usage` in the response. Independently of these limits, if the server
    #'   asks one request to wait, all requests wait: after a status code of
    #'   429, for as long as `Retry-After` says, or until the limit reported in
    #'   `x-ratelimit-remaining-*` allows another request
    #'   (<https://platform.openai.com/docs/guides/rate-limits>). The progress
    #'   bar shows waits longer than 2 seconds.
    #' @param on_error What to do when a request fails, regardless of the
    #'   client's setting. `"stop"` cancels the other requests and signals the
    #'   error ([openai_error]) of the first that failed; its `index` is the
    #'   position of that request and its `results` are the completed results.
    #'   `"return"` stores the condition as the element of the failed request
    #'   and continues with the others.
    #' @return A list as long as `requests`, in their order and with their
    #'   names, which `as.data.frame()` turns into a table ([answers]). Its
    #'   elements are the parsed responses, in the shapes of
    #'   [jsonlite::fromJSON()]; with `on_error = "return"`, those of failed
    #'   requests are conditions. Signals an error if an argument is invalid,
    #'   before anything is sent, and if the journal cannot be written
    #'   (`openai_journal_error`, with `results`).
    parallel = function(requests, max_active = 10, rpm = NULL, tpm = NULL,
                        on_error = "stop", journal = NULL, progress = NULL,
                        max_wait = 120, estimate = FALSE, max_cost = NULL) {
      check_requests(requests)
      settings <- parallel_settings(
        max_active, rpm, tpm, on_error, journal, progress, max_wait
      )
      settings <- with_max_cost(settings, max_cost)
      if (check_flag(estimate, "estimate")) {
        return(estimate_run(private$config, requests, settings))
      }
      run_parallel(
        private$config, requests, settings,
        call = sys.call(), schema = common_schema(requests)
      )
    },

    #' @description Send a prompt for each row of a data frame and add the
    #'   answers as columns.
    #' @param data A data frame, tibble or data.table.
    #' @param prompt Template of the prompt, one string. Names in braces are
    #'   replaced by the values of columns: `"Classify: {text}"`. Values are
    #'   inserted as they are, numbers with up to 15 digits. Double braces that
    #'   are text: `{{` and `}}`. Rows in which one of these values is `NA` are
    #'   not sent.
    #' @param schema Structure of the answers: a [json_schema()], or the type
    #'   inside it, [type_object()] or a named list of [types]. `NULL` for plain
    #'   text.
    #' @param model Name of the model.
    #' @param ... Arguments passed to `$map()` of [responses] or [chat]:
    #'   `instructions` or `system`, `max_active`, `rpm`, `tpm`, `journal`,
    #'   `engine` and so on.
    #' @param on_error What to do when a row fails. `"return"` fills its row
    #'   with `NA` and the error message, and warns at the end
    #'   (`openai_rows_warning`); `"stop"` signals an error as `$parallel()`
    #'   does.
    #' @param prefix Prefix of the names of the new columns, one string.
    #' @param api The API to use, `"responses"` or `"chat"`.
    #' @return `data` with the same class and rows and additional columns:
    #'   `text`, or one column per field of the schema, then `error`, `model`,
    #'   `input_tokens`, `output_tokens`, `cost`, `seconds` and `attempts`, as
    #'   described in [answers]. With a `journal`, repeating the call sends only
    #'   the rows that failed. Signals an `openai_argument_error`, before
    #'   anything is sent, if `prompt` names a column that does not exist, if
    #'   `schema` does not describe an object, or if `data` already has a column
    #'   with the name of a new one.
    extract = function(data, prompt, schema = NULL, model, ...,
                       on_error = "return", prefix = "", api = "responses") {
      private$resource(extraction)$extract(
        data, prompt, schema, model, ...,
        on_error = on_error, prefix = prefix, api = api
      )
    },

    #' @description The asynchronous version of `$extract()` (packages promises
    #'   and later).
    #' @param ... The arguments of `$extract()`.
    #' @return A promise of its value, returned at once.
    extract_async = function(...) {
      private$resource(extraction)$extract_async(...)
    },

    #' @description Send any request to the API, for example for an operation
    #'   that has no method yet. Uploads and streams are supported.
    #' @param method HTTP method: `"GET"`, `"POST"`, `"DELETE"` and so on.
    #' @param path Path below the base URL, one string: `"chat/completions"`.
    #'   Each segment between slashes is percent-encoded as needed.
    #' @param query Named list of query parameters; `NULL` for none.
    #' @param body Named list of the fields of a JSON body, encoded as in all
    #'   other calls; `NULL` for none.
    #' @param form Named list of the fields of a multipart form; files are
    #'   created by [request_file()]. `NULL` for none.
    #' @param stream Whether to stream the response as events. For most
    #'   operations, the body or the query must also contain `stream = TRUE`.
    #' @param answer What to return of the response: `"json"`, R values in the
    #'   shapes of [jsonlite::fromJSON()]; `"lists"`, the same with all objects
    #'   and arrays as lists; `"text"`, one string; `"bytes"`, a raw vector.
    #' @param file Path of a file to write the response body to; `NULL` for
    #'   none.
    #' @param headers Additional headers, a named character vector.
    #' @param num Maximum number of events that one `$next_value` of a stream
    #'   returns.
    #' @param verbosity What to print during the call, 0 to 3.
    #' @return The response; with `file`, its path; with `stream = TRUE`, a
    #'   [DataStream]. A failed call signals an error unless `on_error =
    #'   "return"` was set.
    request = function(method, path, query = NULL, body = NULL, form = NULL,
                       stream = FALSE, answer = "json", file = NULL,
                       headers = NULL, num = 2, verbosity = 0) {
      private$resource(requests)$send(
        method, path, query, body, form, stream, answer, file, headers, num,
        verbosity
      )
    },

    #' @description The asynchronous version of `$request()` (packages promises
    #'   and later).
    #' @param ... The arguments of `$request()`.
    #' @return A promise of its value, returned at once.
    request_async = function(...) {
      private$resource(requests)$send_async(...)
    },

    #' @description Get the usage and cost of this client in this session. It
    #'   includes all answered requests of the client and of its copies
    #'   (`$with_options()`): also streams, `$map()`, `$parallel()` and batches
    #'   of `engine = "batch"`. Failed attempts are not counted, nor are answers
    #'   that were already in a journal.
    #' @return A data frame with one row per day and model:
    #'   * `day`: the day in UTC, a Date.
    #'   * `model`: name of the model as in the responses; `NA` if neither the
    #'     response nor the request names one.
    #'   * `requests`: number of requests.
    #'   * `input_tokens`, and how many of them were read from the server's
    #'     cache, `cached_tokens`.
    #'   * `output_tokens`, and how many of them were used for reasoning,
    #'     `reasoning_tokens`.
    #'   * `cost`: in dollars, by [model_prices()] and the service tier of each
    #'     response; `NA` if a price is unknown.
    #'   * `estimated`: number of requests whose tokens are estimated. These are
    #'     streams of chat completions that do not report usage, because they
    #'     were closed or `stream_options = list(include_usage = TRUE)` was not
    #'     set. The estimate uses [count_tokens()] and one token for each piece
    #'     of text, and omits reasoning.
    #'   * `unreported`: number of requests whose responses report no tokens, such
    #'     as speech. They are not included in the other columns.
    #'
    #'   A background response reports its tokens once it is retrieved.
    usage = function() {
      usage_table(private$config$used())
    },

    #' @description Get the record of the last call of this client or of one of
    #'   its copies (`$with_options()`): request id, attempts and delays,
    #'   timings, tokens and cost, remaining rate limits. It also works while
    #'   the call runs, for example for a stream, and after a failed call.
    #'   `$map()` and `$parallel()` count as one call.
    #' @return An [openai_call], a list with a `print()` method; `NULL` if
    #'   nothing has been sent in this session.
    last = function() {
      private$config$last()
    },

    #' @description Start a conversation that remembers its messages.
    #' @param model Name of the model, one string.
    #' @param system System message sent before the conversation, one string; or
    #'   `NULL`.
    #' @param tools Tools created by [tool()]: one, or a list, which may also
    #'   hold plain lists of tools that the server runs. The functions are
    #'   called automatically.
    #' @param schema Structure into which each answer is parsed: a type, such as
    #'   one created by [type_object()], or a [json_schema()]; `NULL` for text.
    #' @param api The API to use: `"responses"`, or `"chat"` for chat
    #'   completions, which most servers support.
    #' @param ... Additional fields of each request body, named as in the API
    #'   reference: `temperature`, `reasoning`, `store` and so on.
    #' @param compact What to do if the conversation exceeds the context window
    #'   of the model. `FALSE` signals an error. `TRUE` shortens the
    #'   conversation, as `$compact()` does, prints a message, and sends the
    #'   request again; this applies to `$say()`, `$say_async()` and
    #'   `$extract()`.
    #' @return A [Conversation]. Sends nothing.
    conversation = function(model, system = NULL, tools = NULL, schema = NULL,
                            api = "responses", ..., compact = FALSE) {
      Conversation$new(
        self, model, system, tools, schema, api, list(...), compact
      )
    },

    #' @description Print the base URL of the client and its resources. The key
    #'   is not printed.
    #' @param ... Not used.
    #' @return The client, invisibly.
    print = function(...) {
      cat("<openai>\n")
      print(private$config)
      cat(
        member_lines("methods", method_names(self)),
        member_lines("resources", resource_names(self)),
        sep = "\n"
      )
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

    # A copy of the client with its own settings, which differ in `options`.
    copy = function(options) {
      copy <- self$clone()
      own <- copy$.__enclos_env__$private
      own$config <- private$config$clone()$set_options(options)
      own$resources <- list()
      copy
    },

    # The resource of a class, created when it is first used.
    resource = function(class, value) {
      check_read_only(value)
      resource_of(class, private)
    }
  )
)
