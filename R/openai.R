#' Client of the OpenAI API
#'
#' @description
#' The door to everything: `openai$new()` makes a client, whose fields are the
#' resources of the API. Any server that speaks the API will do (`base_url`),
#' such as the one that [local_server()] starts on your own machine.
#'
#' All operations of the API have the names of OpenAI's Python package, with `$`
#' for `.`: [responses], [conversations_operations], [uploads], [webhooks],
#' [batches_operations], [containers_operations], [skills_operations],
#' [realtime_operations], [admin_operations] and so on, beside the fields below,
#' which version 0.3.0 had. `print()` of a client or of a resource lists what it
#' has; the article `vignette("python", package = "openaistream")` lists all.
#'
#' Calls wait for their answer, and an interrupt (Ctrl-C, Esc, Stop) ends the
#' waiting at once. Streams ([DataStream]) return at once. Connections are kept
#' and shared by all clients of a session.
#'
#' A client may be saved, sent to workers (`parallel`, `future`, `callr`) and
#' used in forked processes. Its key is never saved or sent with it: a key that
#' equals the value of an environment variable is looked up there, a function is
#' called again, any other key must be given anew.
#'
#' A client or resource prints what it has. What it does not have
#' (`client$chats`) is an error of class `openai_argument_error` that tells what
#' there is; `"chats" %in% names(client)` asks without one.
#'
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
    #' @description Make a client. Nothing is sent.
    #' @param api_key The key, one string; or a function without arguments that
    #'   returns it, called for each request. By default the environment
    #'   variable `OPENAI_API_KEY`, else `OPENAI_KEY`.
    #' @param base_url Where the API is, one URL. By default the environment
    #'   variable `OPENAI_BASE_URL`, else `"https://api.openai.com/v1"`.
    #' @param organization Id of the organization to bill, one string. By
    #'   default the environment variable `OPENAI_ORG_ID`, else none.
    #' @param project Id of the project to bill, one string. By default the
    #'   environment variable `OPENAI_PROJECT_ID`, else none.
    #' @param headers Further headers of every request, a named character
    #'   vector.
    #' @param timeouts Limits in seconds, a named numeric vector; those that are
    #'   not named stay as they are. `connect` (10): making a connection;
    #'   `first_byte` (600): from the request to the head of its answer; `idle`
    #'   (120): between two pieces of the answer; `total` (600, for streams
    #'   `Inf`): the whole call with its retries. `Inf` is no limit.
    #' @param max_retries How often a call is sent again at most (2): after the
    #'   statuses 408, 409, 429 and 5xx, broken connections and timeouts, if
    #'   nothing of the answer was delivered, after the pause that the server
    #'   asks for or 0.5, 1, 2, ... seconds. Never where the quota is used up.
    #' @param on_error What a failed call does: `"return"` returns a list with
    #'   `success = FALSE`, as 0.3.0 did, and warns; `"stop"` stops with a
    #'   condition (see [openai_error]). By default the option
    #'   `openaistream.on_error`, else `"return"` for the calls that 0.3.0 had,
    #'   and `"stop"` for all others.
    #' @param max_bytes The largest answer that is kept in memory, in bytes
    #'   (1 GiB).
    #' @param ca_bundle File of the certificates (PEM) to trust instead of the
    #'   system's, for servers and proxies with certificates of your own
    #'   organization. By default the file that the environment variable
    #'   `SSL_CERT_FILE` names, else `CURL_CA_BUNDLE`, when a request is sent;
    #'   else the certificates of the system.
    #' @param client_certificate File with a certificate and its private key,
    #'   not encrypted (PEM), for servers that ask for one.
    #' @param compatibility How the server wants requests otherwise than OpenAI
    #'   does, some of: `"no_n"` leaves `n = 1` out, `"max_tokens"` sends
    #'   `max_completion_tokens` under that name, `"max_completion_tokens"` the
    #'   other way round, `"empty_content"` sends `""` where the content of a
    #'   message is null. Where a server refuses a request for one of these, the
    #'   client learns it: it sends the request again, tells so by a message,
    #'   and does so from then on.
    #' @param assistants Who performs the calls of [assistants], [threads],
    #'   [messages] and [runs], which OpenAI shut on 2026-08-26: `"api"`, the
    #'   server, as before; `"responses"`, this package, by responses and
    #'   conversations; `"auto"`, this package for OpenAI and for servers that
    #'   answer that they do not have them. By default the option
    #'   `openaistream.assistants`, else the environment variable
    #'   `OPENAISTREAM_ASSISTANTS`, else `"auto"`.
    #' @param assistants_file A file in which assistants, and what is known of
    #'   runs and messages beside, are kept for other sessions, one path; it may
    #'   be used by several at a time. `NULL` keeps them in the session.
    #' @param azure For a resource on Azure, instead of `base_url`: its name or
    #'   address, one string; or a list of `resource` (by default the
    #'   environment variable `AZURE_OPENAI_ENDPOINT`), `api_version`, without
    #'   which the addresses are those below `/openai/v1`, and with it
    #'   `deployment` (by default the `model` of each call). The key, by default
    #'   the environment variable `AZURE_OPENAI_API_KEY`, goes into the header
    #'   `api-key`; a function as `api_key` gives tokens of Entra.
    #' @return A client. Stops where there is no key, where the key is no
    #'   string, or where the base URL is none.
    initialize = function(api_key = NULL, base_url = NULL, organization = NULL,
                          project = NULL, headers = NULL, timeouts = NULL,
                          max_retries = NULL, on_error = NULL, max_bytes = NULL,
                          ca_bundle = NULL, client_certificate = NULL,
                          compatibility = NULL, assistants = NULL,
                          assistants_file = NULL, azure = NULL) {
      if (!is.null(azure)) {
        if (!is.null(base_url)) {
          abort_argument(
            "`azure` tells the address: leave `base_url` out."
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

    #' @description The same client with other limits, for some calls:
    #'   `client$with_options(timeouts = c(idle = 10))$chat$create(...)`.
    #' @param timeouts,max_retries,on_error,max_bytes As for `$new()`; `NULL`
    #'   leaves what the client has.
    #' @return Another client, which shares key, address and connections.
    with_options = function(timeouts = NULL, max_retries = NULL,
                            on_error = NULL, max_bytes = NULL) {
      private$copy(call_options(timeouts, max_retries, max_bytes, on_error))
    },

    #' @description Send requests through a proxy. Without it, the environment
    #'   variables count as they are when a request is sent: `HTTPS_PROXY`,
    #'   `HTTP_PROXY` (by the scheme of the base URL), `ALL_PROXY`, and
    #'   `NO_PROXY` with the hosts that need none: names (with all names below
    #'   them), addresses and networks such as `10.0.0.0/8`, separated by
    #'   commas. The own machine is reached without a proxy of the environment.
    #' @param proxy_ip Its IPv4 address, one string; or its URL, with which
    #'   `proxy_port` is left out: `http://`, `https://`, `socks5://` or
    #'   `socks5h://` (which leaves it to the proxy to look names up), with user
    #'   and password if it wants them (scheme Basic):
    #'   `"http://user:password@host:8080"`. Letters such as `/`, `#` and `@` in
    #'   a password are percent-encoded, see [utils::URLencode()]. A password
    #'   that is given here is saved with the client, but never printed; one in
    #'   `HTTPS_PROXY` is not saved either.
    #' @param proxy_port Its port, a whole number from 1 to 65535.
    #' @return The client, invisibly.
    set_proxy = function(proxy_ip, proxy_port) {
      private$config$set_proxy(proxy_ip, proxy_port)
      invisible(self)
    },

    #' @description Send many requests, some of them at a time, and wait for all
    #'   answers. An interrupt ends the waiting, and what is done is returned:
    #'   the elements of requests that were not answered are conditions of class
    #'   `openai_cancelled_error`, and a warning tells how many. Each request is
    #'   sent again where that may help, as any call is; a key that is a
    #'   function is called once for all.
    #' @param requests What is to be sent, a list of what [api_request()] makes.
    #' @param max_active The most requests under way at a time. Each may take a
    #'   connection: some hundreds are possible.
    #' @param rpm,tpm The most requests and tokens per minute, spread evenly
    #'   over it; `NULL` or `Inf` for no limit. The tokens of a request are
    #'   reckoned from its body (its texts as [count_tokens()] does, and the
    #'   longest answer that its fields allow) and corrected by the `usage` of
    #'   its answer. Beside these limits, all requests wait as long as a server
    #'   asks one of them to: by the status 429, by `Retry-After`, or else until
    #'   the limit that `x-ratelimit-remaining-*` tells allows another request
    #'   (<https://platform.openai.com/docs/guides/rate-limits>). The progress
    #'   bar tells a wait of more than 2 seconds.
    #' @param on_error What a failed request does, whatever the client does
    #'   otherwise: `"stop"` cancels the others and stops with the condition
    #'   ([openai_error]) of the first that failed, whose `index` tells which it
    #'   was and whose `results` hold what was done; `"return"` makes the
    #'   condition its element, and all others go on.
    #' @param journal A file, one path, to which each answer is appended when it
    #'   comes, as a line of JSON. A run with the same journal sends only what
    #'   is not in it (equal method, path and body; equal requests are counted),
    #'   also after the process was killed, and returns all. Failures are not
    #'   kept, nor is the key. One run at a time can use a journal. `NULL` for
    #'   none.
    #' @param progress Whether a progress bar is shown (package cli): `TRUE`,
    #'   `FALSE`, or `NULL` for the option `openaistream.progress`, else on
    #'   interactive terminals. It comes after a second.
    #' @param max_wait The longest wait in seconds that a server may ask for,
    #'   `Inf` for any. Where it asks for a longer one, as for the rest of a
    #'   day, the requests that are left fail with the same condition, whose
    #'   `retry_after` tells the wait; a run with a `journal` goes on later. A
    #'   wait of more than 120 seconds is told by a message.
    #' @param estimate With `TRUE` nothing is sent, and a data frame of one row
    #'   tells what the run would take: `requests`, and how many answers are
    #'   `kept` by the journal; `input_tokens`, as [count_tokens()] reckons;
    #'   `output_tokens`, the most that the fields of the requests allow, or as
    #'   many as the answers of that model had in the middle in this session, or
    #'   `NA`; `input_cost` and `cost` in dollars by [model_prices()], `NA` where
    #'   a price or `output_tokens` is not known; and about how many `seconds`,
    #'   with these limits, an answer taking a second and another for 60 tokens.
    #' @param max_cost The most that the run may cost, in dollars, by
    #'   [model_prices()]; what the journal keeps costs nothing. A request is
    #'   sent only if what the answers cost so far, what those under way may
    #'   cost and what it may cost itself are together no more: its input as
    #'   [count_tokens()] reckons, and the longest answer that its fields allow
    #'   (`max_completion_tokens`, `max_output_tokens`), or else the longest that
    #'   came in this run: only with such a field no answer can exceed it. It
    #'   reckons with the prices of text and of requests that are not long. When
    #'   the money is used up, the run ends with an `openai_budget_error`, whose
    #'   `results` hold what was done; where `on_error` is `"return"` it is the
    #'   element of what was not sent, and a warning (`openai_budget_warning`)
    #'   tells how much that is. A model whose price is not known is refused
    #'   before anything is sent. `NULL` for no limit.
    #' @return A list as long as `requests`, in their order and with their
    #'   names, of which `as.data.frame()` makes a table ([answers]): the parsed
    #'   answers, in the shapes of [jsonlite::fromJSON()], and the conditions of
    #'   failed requests where `on_error` is `"return"`. Stops
    #'   where an argument does not fit, before anything is sent, and where the
    #'   journal cannot be written (`openai_journal_error`, with `results`).
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

    #' @description Ask about each row of a data frame, and get the answers as
    #'   further columns of it.
    #' @param data A data frame, also a tibble or a data.table.
    #' @param prompt What is asked of each row, one string, in which names in
    #'   braces stand for the values of columns: `"Classify: {text}"`. Values
    #'   are inserted as they are, numbers with up to 15 digits. Braces that are
    #'   text are doubled, `{{` and `}}`. Nothing is sent for a row in which one
    #'   of these values is `NA`.
    #' @param schema The form of the answers: a [json_schema()], or the type
    #'   that it is made of, [type_object()] or a named list of [types]. `NULL`
    #'   for answers that are text.
    #' @param model Name of the model.
    #' @param ... Arguments of `$map()` of [responses] or [chat]: `instructions`
    #'   or `system`, `max_active`, `rpm`, `tpm`, `journal`, `engine` and so on.
    #' @param on_error What a failed row does: `"return"` gives its row `NA` and
    #'   the message, and warns (`openai_rows_warning`) when all are done;
    #'   `"stop"` stops as `$parallel()` does.
    #' @param prefix What the names of the new columns begin with, one string.
    #' @param api `"responses"` or `"chat"`, where the prompts are sent.
    #' @return `data`, with the same class and rows, and behind its columns
    #'   `text`, or one column for each field of the schema, then `error`,
    #'   `model`, `input_tokens`, `output_tokens`, `cost`, `seconds` and
    #'   `attempts`, as [answers] describes them. With a `journal`, the same
    #'   call sends only what failed before. Stops with an
    #'   `openai_argument_error`, before anything is sent, where `prompt` names
    #'   what is no column, where `schema` describes no object, and where `data`
    #'   has a column of the name of a new one.
    extract = function(data, prompt, schema = NULL, model, ...,
                       on_error = "return", prefix = "", api = "responses") {
      private$resource(extraction)$extract(
        data, prompt, schema, model, ...,
        on_error = on_error, prefix = prefix, api = api
      )
    },

    #' @description The same as a promise, which is returned at once (packages
    #'   promises and later).
    #' @param ... The arguments of `$extract()`.
    #' @return A promise.
    extract_async = function(...) {
      private$resource(extraction)$extract_async(...)
    },

    #' @description Send any request of the API, such as one that has no method
    #'   here yet: uploads and streams, too.
    #' @param method `"GET"`, `"POST"`, `"DELETE"` and so on.
    #' @param path The path below the base URL, one string:
    #'   `"chat/completions"`. Each part between slashes is escaped as it needs
    #'   to be.
    #' @param query Named list of the fields of the URL's query; `NULL` for
    #'   none.
    #' @param body Named list of the fields of a JSON body, which are sent as in
    #'   all other calls; `NULL` for none.
    #' @param form Named list of the fields of a form (multipart), among which
    #'   files are what [request_file()] makes; `NULL` for none.
    #' @param stream Whether the answer is a stream of events, for which the
    #'   body or the query of most calls must say `stream = TRUE` as well.
    #' @param answer What becomes of the answer: `"json"`, R values in the
    #'   shapes of [jsonlite::fromJSON()]; `"lists"`, the same with all objects
    #'   and arrays as lists; `"text"`, one string; `"bytes"`, a raw vector.
    #' @param file A file that the answer goes to, one path; `NULL` for none.
    #' @param headers Further headers, a named character vector.
    #' @param num Of a stream, the most events of one `$next_value`.
    #' @param verbosity What is printed of the call, 0 to 3.
    #' @return The answer; with `file` its path; with `stream = TRUE` a
    #'   [DataStream]. A failed call stops, unless `on_error = "return"` was
    #'   set.
    request = function(method, path, query = NULL, body = NULL, form = NULL,
                       stream = FALSE, answer = "json", file = NULL,
                       headers = NULL, num = 2, verbosity = 0) {
      private$resource(requests)$send(
        method, path, query, body, form, stream, answer, file, headers, num,
        verbosity
      )
    },

    #' @description The same as a promise of the answer, which is returned at
    #'   once (packages promises and later).
    #' @param ... The arguments of `$request()`.
    #' @return A promise.
    request_async = function(...) {
      private$resource(requests)$send_async(...)
    },

    #' @description What the models used, and what that costs: all requests of
    #'   this client and of its copies (`$with_options()`) that were answered in
    #'   this session, streams, `$map()`, `$parallel()` and batches of
    #'   `engine = "batch"` too. Attempts that failed are not counted, nor are
    #'   answers that a journal kept.
    #' @return A data frame with a row for each day (UTC) and model, named as in
    #'   the answers: `day`, a Date; `model`, `NA` where neither the answer nor
    #'   the request names one; `requests`; `input_tokens`, and those among them
    #'   that were in the server's cache, `cached_tokens`; `output_tokens`, and
    #'   those among them that the model thought with, `reasoning_tokens`;
    #'   `cost` in dollars, by [model_prices()] and the service tier of each
    #'   answer, `NA` where a price is not known; `estimated`, how many of the
    #'   requests have tokens that are estimated: streams of chats that do not
    #'   tell them, because they were closed or `stream_options =
    #'   list(include_usage = TRUE)` did not ask for it, by [count_tokens()] and
    #'   a token for each piece of the text, without what the model thought;
    #'   `untold`, how many requests had answers that tell no tokens, such as
    #'   speech, which are not in the other columns. A response that is made in
    #'   the background tells them once it is retrieved.
        usage = function() {
      usage_table(private$config$used())
    },

    #' @description Begin a conversation that remembers what was said.
    #' @param model Name of the model, one string.
    #' @param system What the model is told before all else, one string; or
    #'   `NULL`.
    #' @param tools What [tool()] makes: one, or a list, which may also hold
    #'   plain lists of tools that the server runs. They run by themselves.
    #' @param schema What each answer is parsed into: a type, such as
    #'   [type_object()] makes, or a [json_schema()]; `NULL` for texts.
    #' @param api What answers: `"responses"`; or `"chat"`, chat completions,
    #'   which most servers have.
    #' @param ... Further fields of each request's body, named as in the API
    #'   reference: `temperature`, `reasoning`, `store` and so on.
    #' @return A [Conversation]. Nothing is sent.
    conversation = function(model, system = NULL, tools = NULL, schema = NULL,
                            api = "responses", ...) {
      Conversation$new(
        self, model, system, tools, schema, api, list(...)
      )
    },

    #' @description Show where the client sends its requests, without its key,
    #'   and its resources.
    #' @param ... Not used.
    #' @return The client, invisibly.
    print = function(...) {
      cat("<openai>\n")
      print(private$config)
      resources <- paste(resource_names(self), collapse = ", ")
      cat(strwrap(paste("resources:", resources), exdent = 2), sep = "\n")
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

    # A client with settings of its own, which differ in `options`.
    copy = function(options) {
      copy <- self$clone()
      own <- copy$.__enclos_env__$private
      own$config <- private$config$clone()$set_options(options)
      own$resources <- list()
      copy
    },

    # The resource of a class, made when it is first asked for.
    resource = function(class, value) {
      check_read_only(value)
      resource_of(class, private)
    }
  )
)
