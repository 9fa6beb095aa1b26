#' Settings of a client
#'
#' @description
#' Where a client sends its requests, with which key, headers and proxy. A
#' client has one, which its resources share; scripts need not make it.
#'
#' What is stored here is plain R, so that a client can be saved and sent to
#' workers; the key itself is not stored, only where it is found.
api_config <- R6::R6Class(
  "api_config",
  public = list(
    #' @description Make settings, without a key.
    #' @param base_url,organization,project,headers See [openai].
    #' @param options Limits of calls, from `call_options()`.
    #' @param network CA bundle and client certificate, from
    #'   `network_settings()`.
    #' @param compatibility How the server wants requests, from
    #'   `new_compatibility()`.
    #' @param assistants Who performs the calls of the Assistants API, from
    #'   `new_assistants_choice()`.
    #' @param azure Where a resource on Azure is, from `azure_settings()`; or
    #'   `NULL`.
    initialize = function(base_url = NULL, organization = NULL, project = NULL,
                          headers = NULL, options = list(), network = list(),
                          compatibility = new_compatibility(NULL),
                          assistants = new_assistants_choice(NULL, NULL),
                          azure = NULL) {
      private$azure <- azure
      private$compatibility <- compatibility
      private$who_assists <- assistants
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
    #'   returns it, called for each request; or `NULL` for the environment
    #'   variable `OPENAI_API_KEY`, else `OPENAI_KEY`, where the requests go to
    #'   OpenAI or to the server that `OPENAI_BASE_URL` names.
    #' @return The settings, invisibly.
    set_api_key = function(api_key) {
      private$key <- if (is.null(api_key)) {
        default_key_source(private$base_url, has_credentials(private$headers))
      } else {
        key_source(api_key)
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

    #' @description Whether a failed call stops.
    #' @param by_default `"return"` or `"stop"`: what it does where neither the
    #'   client nor the option `openaistream.on_error` says it.
    #' @return `TRUE` or `FALSE`.
    stops_on_error = function(by_default = "return") {
      option <- check_on_error(
        getOption("openaistream.on_error"),
        "The option openaistream.on_error"
      )
      identical(private$options$on_error %||% option %||% by_default, "stop")
    },

    #' @description Send requests through a proxy.
    #' @param proxy_ip Its IPv4 address, one string; or its URL, with which
    #'   `proxy_port` is left out: `http://`, `https://`, `socks5://` or
    #'   `socks5h://`, with user and password if it wants them.
    #' @param proxy_port Its port, a whole number from 1 to 65535.
    #' @return The settings, invisibly.
    set_proxy = function(proxy_ip, proxy_port) {
      if (missing(proxy_port) && is_proxy_url(proxy_ip)) {
        private$proxy <- list(url = proxy_ip)
        return(invisible(self))
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

    #' @description The proxy.
    #' @return A list of `ip` and `port`, both `NULL` where none was set.
    get_proxy = function() {
      list(ip = private$proxy$ip, port = private$proxy$port)
    },

    #' @description The key, in the clear.
    #' @return One string, `""` where the client has no key.
    get_api_key = function() {
      key_value(private$key)
    },

    #' @description The addresses of the API.
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

    #' @description Who performs the calls of the Assistants API.
    #' @return An environment, from `new_assistants_choice()`.
    assistants = function() {
      private$who_assists
    },

    #' @description Whose objects the client sees.
    #' @return A list of `address` and of where the key is, `key`.
    owner = function() {
      list(address = sub("/+$", "", private$base_url), key = private$key)
    },

    #' @description What was used, also by copies of the client.
    #' @return A list of columns, from `usage_rows()`.
    used = function() {
      unwrap(usage_rows(native_ledger(private$ledger)))
    },

    #' @description What a request needs of the settings.
    #' @param is_admin Whether it is for the administration of an organization,
    #'   which wants a key of its own, from `OPENAI_ADMIN_KEY`.
    #' @return A list of `base_url`, `headers`, `proxy`, `key`, the ledger, the
    #'   limits and the certificates.
    request_fields = function(is_admin = FALSE) {
      c(
        list(
          base_url = private$base_url,
          headers = header_values(private$headers),
          proxy = proxy_url(private$proxy),
          # A server that is told in a header who asks gets no key beside it.
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

    #' @description What the settings are, and where secrets are found.
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

    #' @description A request with the address that the server wants.
    #' @param fields The fields of a request, among them `path`, `query`, `body`
    #'   and `form`.
    #' @return The fields.
    addressed = function(fields) {
      azure_addressed(fields, private$azure)
    },

    #' @description All of a request but its body.
    #' @param request What `api_request()` makes.
    #' @return A list of `method`, `path`, `query`, and what `request_fields()`
    #'   gives.
    head_of = function(request) {
      c(
        self$addressed(request)[c("method", "path", "query")],
        self$request_fields()
      )
    },

    #' @description Many requests with their addresses.
    #' @param requests A list of what `api_request()` makes.
    #' @return The list.
    all_addressed = function(requests) {
      # Most servers want all of them as they are.
      if (is.null(private$azure)) requests else lapply(requests, self$addressed)
    },

    #' @description A body as the server wants it.
    #' @param body A list of fields, as the API of OpenAI wants it; or `NULL`.
    #' @return The list.
    adapted = function(body) {
      adapted_body(body, private$compatibility)
    },

    #' @description Learn from an error how the server wants requests.
    #' @param told The condition of the error, or its record.
    #' @param body The body that was refused.
    #' @return Whether another request may succeed.
    learn = function(told, body) {
      learns_from(private$compatibility, told, body)
    },

    #' @description Show the settings, without the key.
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
    who_assists = NULL,
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

# The value of an environment variable, NULL where it is not set or empty.
environment_value <- function(name) {
  value <- Sys.getenv(name)
  if (nzchar(value)) value
}
