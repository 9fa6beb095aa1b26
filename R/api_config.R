#' Settings of a client
#'
#' @description
#' The base URL, key, headers and proxy of a client. All resources of a client
#' share one object of this class; scripts need not create it.
#'
#' The object contains plain R values, so a client can be saved and sent to
#' workers; it stores where to find the key, not the key itself.
#' @keywords internal
api_config <- R6::R6Class(
  "api_config",
  public = list(
    #' @description Create settings, without a key.
    #' @param base_url,organization,project,headers See [openai].
    #' @param options Limits of calls, from `call_options()`.
    #' @param network CA bundle and client certificate, from
    #'   `network_settings()`.
    #' @param compatibility How the server wants requests, from
    #'   `new_compatibility()`.
    #' @param assistants Where the calls of the Assistants API are carried out,
    #'   from `new_assistants_choice()`.
    #' @param azure Settings of an Azure resource, from `azure_settings()`; or
    #'   `NULL`.
    initialize = function(base_url = NULL, organization = NULL, project = NULL,
                          headers = NULL, options = list(), network = list(),
                          compatibility = new_compatibility(NULL),
                          assistants = new_assistants_choice(NULL, NULL),
                          azure = NULL) {
      private$azure <- azure
      private$compatibility <- compatibility
      private$assistants_choice <- assistants
      private$ledger <- new_ledger()
      private$options <- options
      private$network <- network
      private$base_url <- unwrap(base_url_check(check_string(
        base_url %||% environment_value("OPENAI_BASE_URL") %||%
          "https://api.openai.com/v1",
        "base_url"
      )))
      organization <- check_string(
        organization %||% environment_value("OPENAI_ORG_ID"), "organization"
      )
      project <- check_string(
        project %||% environment_value("OPENAI_PROJECT_ID"), "project"
      )
      private$headers <- c(
        header_sources(c(
          "OpenAI-Organization" = organization, "OpenAI-Project" = project
        )),
        header_sources(headers)
      )
    },

    #' @description Set the key.
    #' @param api_key The key, one string; or a function without arguments that
    #'   returns it and is called for each request; or `NULL` for the
    #'   environment variable `OPENAI_API_KEY`, then `OPENAI_KEY`, if the
    #'   requests are sent to OpenAI or to the server that `OPENAI_BASE_URL`
    #'   names.
    #' @return The settings, invisibly.
    set_api_key = function(api_key) {
      has_credentials <- has_credentials(private$headers)
      private$key <- if (is.null(api_key)) {
        default_key_source(private$base_url, has_credentials)
      } else {
        key_source(api_key, is_of_openai(private$base_url) && !has_credentials)
      }
      invisible(self)
    },

    #' @description Change the limits of calls.
    #' @param options Limits of calls, from `call_options()`.
    #' @return The settings, invisibly.
    set_options = function(options) {
      private$options <- merge_options(private$options, options)
      invisible(self)
    },

    #' @description Whether a failed call signals an error.
    #' @param by_default `"return"` or `"stop"`: the default if neither the
    #'   client nor the option `openaistream.on_error` is set.
    #' @return `TRUE` or `FALSE`.
    stops_on_error = function(by_default = "return") {
      option <- check_on_error(
        getOption("openaistream.on_error"),
        "The option openaistream.on_error"
      )
      identical(private$options$on_error %||% option %||% by_default, "stop")
    },

    #' @description Send requests through a proxy.
    #' @param proxy_ip IPv4 address of the proxy, one string; or, with
    #'   `proxy_port` omitted, its URL: `http://`, `https://`, `socks5://` or
    #'   `socks5h://`, with user name and password if needed.
    #' @param proxy_port Port of the proxy, a whole number from 1 to 65535.
    #' @return The settings, invisibly.
    set_proxy = function(proxy_ip, proxy_port) {
      if (missing(proxy_port) && is_proxy_url(proxy_ip)) {
        private$proxy <- list(url = proxy_ip)
        return(invisible(self))
      }
      if (missing(proxy_port) && !is_ipv4(proxy_ip)) {
        # Not quoted, because it may contain a password.
        abort_argument(
          "`proxy_ip` must be a URL, such as \"http://host:8080\", or an IPv4 ",
          "address with `proxy_port`. Characters such as / and # in a ",
          "password must be written as %2F and %23."
        )
      }
      if (!is_ipv4(proxy_ip)) {
        stop("Invalid proxy IP address.", call. = FALSE)
      }
      if (!is_port(proxy_port)) {
        stop("Invalid proxy port number.", call. = FALSE)
      }
      private$proxy <- list(ip = proxy_ip, port = proxy_port)
      invisible(self)
    },

    #' @description Get the proxy.
    #' @return A list of `ip` and `port`, both `NULL` if no proxy is set.
    get_proxy = function() {
      list(ip = private$proxy$ip, port = private$proxy$port)
    },

    #' @description Get the key in clear text.
    #' @return One string, `""` if the client has no key.
    get_api_key = function() {
      key_value(private$key)
    },

    #' @description Get the URLs of the API.
    #' @return A named list of URLs.
    get_api_endpoints = function() {
      base <- sub("/+$", "", private$base_url)
      lapply(api_paths, function(path) paste(base, path, sep = "/"))
    },

    #' @description Whether requests go to OpenAI itself.
    #' @return `TRUE` or `FALSE`.
    is_openai = function() {
      is_of_openai(private$base_url)
    },

    #' @description Where the calls of the Assistants API are carried out.
    #' @return An environment, from `new_assistants_choice()`.
    assistants = function() {
      private$assistants_choice
    },

    #' @description Get the owner of the objects that the client can access.
    #' @return A list of `address`, the base URL, and `key`, the source of the
    #'   key.
    owner = function() {
      list(address = sub("/+$", "", private$base_url), key = private$key)
    },

    #' @description Get the usage of the client and its copies.
    #' @return A list of columns, from `usage_rows()`.
    used = function() {
      unwrap(usage_rows(native_ledger(private$ledger)))
    },

    #' @description Get the record of the last call, also of copies of the
    #'   client.
    #' @return An [openai_call], or `NULL`.
    last = function() {
      call_record(unwrap(call_last(native_ledger(private$ledger))))
    },

    #' @description Get the settings that a request needs.
    #' @param is_admin Whether the request administers an organization, which
    #'   needs the separate key in `OPENAI_ADMIN_KEY`.
    #' @return A list of `base_url`, `headers`, `proxy`, `key`, the ledger, the
    #'   limits and the certificates.
    request_fields = function(is_admin = FALSE) {
      c(
        list(
          base_url = private$base_url,
          headers = header_values(private$headers),
          proxy = proxy_url(private$proxy),
          # A server that receives credentials in a header gets no key.
          key = if (has_credentials(private$headers)) {
            ""
          } else {
            admin <- if (is_admin) admin_key_source(private$base_url)
            key_value(admin %||% private$key)
          },
          ledger = native_ledger(private$ledger),
          bigint_as_char = isTRUE(getOption("openaistream.bigint_as_char")),
          skip_broken_events = isTRUE(
            getOption("openaistream.skip_broken_events")
          )
        ),
        private$options[c("timeouts", "max_retries", "max_bytes")],
        private$network
      )
    },

    #' @description Get all settings, and the sources of secrets.
    #' @return A list of plain R values.
    settings = function() {
      c(
        mget(
          c(
            "base_url", "headers", "proxy", "key", "options", "network", "azure"
          ),
          envir = private
        ),
        list(notes = private$compatibility$notes)
      )
    },

    #' @description Adapt the URL of a request to the server.
    #' @param fields The fields of a request, among them `path`, `query`, `body`
    #'   and `form`.
    #' @return The fields.
    adapt_url = function(fields) {
      adapt_azure_url(fields, private$azure)
    },

    #' @description Get all of a request except its body.
    #' @param request A request created by `api_request()`.
    #' @return A list of `method`, `path`, `query`, and the values of
    #'   `request_fields()`.
    head_of = function(request) {
      c(
        self$adapt_url(request)[c("method", "path", "query")],
        self$request_fields()
      )
    },

    #' @description Adapt the URLs of many requests.
    #' @param requests A list of requests created by `api_request()`.
    #' @return The list.
    adapt_urls = function(requests) {
      # Most servers need no change.
      if (is.null(private$azure)) requests else lapply(requests, self$adapt_url)
    },

    #' @description Adapt a body to the server.
    #' @param body A list of fields in the form of OpenAI's API; or `NULL`.
    #' @return The list.
    adapt = function(body) {
      adapted_body(body, private$compatibility)
    },

    #' @description Get the function that adapts bodies as the client does now,
    #'   whatever it detects later.
    #' @return A function of a body.
    adapter = function() {
      now <- list(notes = private$compatibility$notes)
      function(body) adapted_body(body, now)
    },

    #' @description Whether bodies may need other messages for the server, so
    #'   that each conversation must be adapted.
    #' @return `TRUE` or `FALSE`.
    changes_messages = function() {
      changes_messages(private$compatibility)
    },

    #' @description Detect from an error how the server wants requests.
    #' @param error The condition of the error, or its record.
    #' @param body The body that was rejected, as it was sent.
    #' @return Whether another request may succeed.
    detect_note = function(error, body) {
      detect_note(private$compatibility, error, body)
    },

    #' @description Print the settings, without the key.
    #' @param ... Not used.
    #' @return The settings, invisibly.
    print = function(...) {
      cat("<api_config> ", text_redact(private$base_url), "\n", sep = "")
      cat("  key: ", key_label(private$key), "\n", sep = "")
      if (!is.null(private$proxy)) {
        cat("  proxy: ", text_redact(proxy_url(private$proxy)), "\n", sep = "")
      }
      notes <- private$compatibility$notes
      if (length(notes)) {
        cat("  compatibility: ", paste(notes, collapse = ", "), "\n", sep = "")
      }
      invisible(self)
    }
  ),
  private = list(
    base_url = NULL,
    headers = NULL,
    proxy = NULL,
    key = NULL,
    options = NULL,
    network = NULL,
    compatibility = NULL,
    assistants_choice = NULL,
    azure = NULL,
    ledger = NULL
  )
)

api_paths <- list(
  chat_completions = "chat/completions",
  completions = "completions",
  files = "files",
  models = "models",
  fine_tuning_jobs = "fine_tuning/jobs",
  embeddings = "embeddings",
  audio = "audio",
  images = "images",
  assistants = "assistants",
  threads = "threads",
  moderations = "moderations",
  batchs = "batches",
  vector_stores = "vector_stores"
)

`%||%` <- function(x, y) if (is.null(x)) y else x

# The value of an environment variable, NULL if it is not set or empty.
environment_value <- function(name) {
  value <- Sys.getenv(name)
  if (nzchar(value)) value
}
