#' Base class of all resources
#'
#' @description
#' The class that [chat], [files] and all other resources inherit from. It turns
#' their method, path and body into a call to the core. Use the resources
#' through an [openai] client; you do not need this class yourself.
#' @keywords internal
base_api <- R6::R6Class(
  "base_api",
  public = list(
    #' @description Create a resource.
    #' @param etc The settings of the client, an [api_config].
    initialize = function(etc) {
      private$config <- etc
      # The classes that scripts see, as in 0.3.0.
      class(self) <- c(class(self)[[1]], "openai", "R6")
    },

    #' @description Print the methods of the resource with their arguments.
    #' @param ... Not used.
    #' @return The resource, invisibly.
    print = function(...) {
      cat("<", class(self)[[1]], ">\n", sep = "")
      cat(paste0(method_lines(self), "\n"), sep = "")
      cat("Each has an asynchronous version <name>_async().\n")
      resources <- resource_names(self)
      if (length(resources)) {
        cat("Resources: ", paste(resources, collapse = ", "), "\n", sep = "")
      }
      invisible(self)
    }
  ),
  private = list(
    config = NULL,

    # Whether calls return promises, and the asynchronous copy of this resource.
    asynchronous = FALSE,
    background = NULL,

    # Whether the current method is one that 0.3.0 did not have: such a method
    # signals an error when a call fails, unless the user chose otherwise. In
    # that case `origin` is the resource that the user called.
    is_new = FALSE,
    origin = NULL,

    # Whether failed calls always signal an error, for callers that handle it.
    raises = FALSE,

    # Whether to keep the message of an answer unchanged so that it can be sent
    # back, and the message of the last answer.
    keeps_message = FALSE,
    message = NULL,

    # Headers of all calls of a class; subclasses set their own.
    headers = NULL,

    # The child resources that have been created so far.
    resources = list(),

    # Performs an operation of the table: `ids` are the path arguments, in order
    # and with their public names, `fields` the fields to send. `path` is the
    # file to write the response to.
    operate = function(operation, ...) {
      if (operation$is_of_assistants) {
        perform_for_assistants(private, operation, ...)
      } else {
        private$perform(operation, ...)
      }
    },

    # Sends the operation to the server.
    perform = function(operation, ids = list(), fields = list(), verbosity = 0,
                       stream = FALSE, num = 2, pages = 1, path = NULL,
                       then = identity, is_new = TRUE, ...) {
      warn_shut(operation, private$config)
      check_flag(stream, "stream")
      # Bytes are always streamed.
      if (stream && operation$answer != "bytes") {
        fields <- c(fields, list(stream = TRUE))
      }
      sent <- operation_request(operation, ids, fields)
      headers <- if (!is.null(operation$beta)) {
        c("OpenAI-Beta" = operation$beta)
      }
      if (stream || operation$answer == "stream") {
        return(private$stream(
          sent$path, sent$body, num, operation$kind, verbosity, then,
          method = operation$method, query = sent$query, form = sent$form,
          headers = headers, ...
        ))
      }
      target <- if (!is.null(path)) path.expand(check_target(path))
      private$request(
        operation$method, sent$path,
        query = sent$query, body = sent$body, form = sent$form,
        verbosity = verbosity, headers = headers,
        answer = operation$answer, expected = expected_of(operation),
        file = target,
        then = if (is.null(path)) then else function(answer) path,
        is_new = is_new, refusal = sent$refusal,
        pages = check_pages(pages, operation$pages)
      )
    },

    # Performs an operation that 0.3.0 had: a failed call returns its value.
    operate_as_before = function(name, ...) {
      private$operate(operations[[name]], ..., is_new = FALSE)
    },

    # The child resource of a class.
    child = function(class, value) {
      check_read_only(value)
      resource_of(class, private)
    },

    # Sends a request and waits. A failed call returns a list with `success =
    # FALSE`, or signals an error if the user wants that or if 0.3.0 had no such
    # call (`is_new`); `then` is only called for a successful answer. `inputs`
    # replaces `body` when many requests fill one matrix (see
    # rust/bridge/src/embeddings.rs); `file` receives the response body;
    # `refusal` is why nothing can be sent, from `check_file()`; `pages` is how
    # many pages of a list to fetch, from `check_pages()`.
    request = function(method, path, query = NULL, body = NULL, form = NULL,
                       inputs = NULL, verbosity = 0, headers = NULL,
                       answer = "json", file = NULL, then = identity,
                       is_new = FALSE, refusal = NULL, pages = NULL,
                       expected = NULL) {
      failed <- function(record, ...) private$fail(record, is_new, ...)
      if (!is.null(refusal)) {
        message <- paste0(
          "The file cannot be sent: ", file_problem(refusal), "."
        )
        return(failed(list(kind = "argument", message = message), refusal))
      }
      if (!is_verbosity(verbosity)) {
        return(failed(
          list(kind = "argument", message = bad_verbosity(verbosity))
        ))
      }
      body <- body_as_sent(body, path)
      fields <- private$describe(method, path, headers, verbosity)
      fields <- c(fields, list(
        query = check_fields(query), form = check_fields(form),
        inputs = inputs, answer = answer, expected = expected, file = file,
        pages = pages, keeps_message = private$keeps_message
      ))
      succeeded <- function(answer) {
        if (answer$replaced) {
          warn_replaced()
        }
        private$message <- answer$message
        then(answer$value)
      }
      # Sent again if the error revealed that the server needs another body.
      attempt <- function() {
        fields$body <- private$config$adapt(body)
        sent <- private$config$adapt_url(fields)
        detects_note <- function(error) {
          private$config$detect_note(error, fields$body)
        }
        span <- call_span(
          method, path, fields$body %||% inputs$bodies[[1]], private$config
        )
        answered <- function(answer) {
          if (!is.null(span)) span$answered(answer$value)
          succeeded(answer)
        }
        if (private$asynchronous) {
          return(promises::catch(promised_call(sent, answered), function(e) {
            if (!is.null(span)) span$failed(e)
            if (detects_note(e)) attempt() else stop(e)
          }))
        }
        if (!is.null(span)) on.exit(span$abandoned())
        unwrap(
          send_with_progress(sent),
          failed = function(record) {
            if (!is.null(span)) span$failed(record)
            if (detects_note(record)) attempt() else failed(record)
          },
          succeeded = answered
        )
      }
      attempt()
    },

    # Sends a request and returns its stream at once; `then` as for `request()`.
    # `as_run` makes the core convert a response to a run; `on_start` is called
    # with the id of the response once it is known; `otherwise` may open another
    # stream if the request failed before its first event.
    stream = function(path, body, num, kind, verbosity = 0, then = identity,
                      method = "POST", query = NULL, form = NULL,
                      headers = NULL, as_run = NULL, on_start = NULL,
                      otherwise = NULL) {
      if (!is_verbosity(verbosity)) {
        abort_argument(bad_verbosity(verbosity))
      }
      # A value that is not a number fails when it is used, as in 0.3.0.
      if (is.numeric(num)) {
        check_number(num, "num", from = 1)
      }
      body <- body_as_sent(body, path)
      fields <- list(query = check_fields(query), form = form, kind = kind)
      fields$as_run <- as_run
      open <- private$opening(method, path, headers, verbosity, fields)
      # As for resources, an interrupt must not stop the class from loading.
      suspendInterrupts(DataStream$new(
        open(body), num, then, private$fail_stream,
        private$reopening(open, body, otherwise), on_start,
        call_span(method, path, body, private$config)
      ))
    },

    # Returns a function that opens a stream with a body. It may be saved with
    # the stream, so it must not capture the frame of a call, which holds the
    # key.
    opening = function(method, path, headers, verbosity, fields) {
      function(body) {
        described <- private$describe(method, path, headers, verbosity)
        fields$body <- private$config$adapt(body)
        fields <- private$config$adapt_url(c(described, fields))
        unwrap(stream_open(fields))
      }
    },

    # Opens a stream again if its error revealed what the server needs.
    reopening = function(open, body, otherwise = NULL) {
      sent <- private$config$adapt(body)
      function(record) {
        if (private$config$detect_note(record, sent)) {
          sent <<- private$config$adapt(body)
          open(body)
        } else if (!is.null(otherwise)) {
          otherwise(record)
        }
      }
    },

    # Fails a call: signals an error, or warns and returns `value`.
    fail = function(record, is_new = FALSE, value = failed_call(record)) {
      private$fail_with(openai_condition(record), is_new, value)
    },

    # The same for a condition.
    fail_with = function(condition, is_new = FALSE,
                         value = failed_call(condition)) {
      if (private$raises) {
        stop(condition)
      }
      condition["call"] <- list(private$user_call())
      by_default <- if (is_new || private$is_new) "stop" else "return"
      if (private$asynchronous || private$config$stops_on_error(by_default)) {
        stop(condition)
      }
      warn_failed_call(condition)
      value
    },

    # The same for a stream. It may be saved, so it must not capture the frame
    # of a call, which holds the key.
    fail_stream = function(record) {
      private$fail(record, is_new = TRUE)
    },

    # This resource for a method that 0.3.0 did not have.
    as_new = function() {
      new <- self$clone()
      own <- new$.__enclos_env__$private
      own$is_new <- TRUE
      own$origin <- private$origin %||% self
      new
    },

    # The private environment of a copy of this resource with other fields.
    variant = function(...) {
      own <- self$clone()$.__enclos_env__$private
      list2env(list(...), own)
      own
    },

    # Calls `call` with the asynchronous copy of this resource and returns a
    # promise. All failures reject it, including invalid arguments.
    as_promise = function(call) {
      check_installed(c("later", "promises"), "A promise of a call")
      promises::promise(function(resolve, reject) {
        resolve(and_then(call(private$in_background()), function(value) {
          is_stream <- inherits(value, "DataStream")
          if (is_stream) promises::as.promise(value) else value
        }))
      })
    },

    in_background = function() {
      if (is.null(private$background)) {
        private$background <- self$clone()
        private$background$.__enclos_env__$private$asynchronous <- TRUE
      }
      private$background
    },

    # The call of the method that the user called.
    user_call = function() {
      called <- private$origin %||% self
      for (frame in seq_len(sys.nframe())) {
        if (identical(environment(sys.function(frame))$self, called)) {
          return(sys.call(frame))
        }
      }
    },

    describe = function(method, path, headers, verbosity) {
      own <- private$headers
      own[names(headers)] <- headers
      fields <- private$config$request_fields(
        is_admin = path[[1]] %in% c("organization", "projects")
      )
      fields$headers <- c(own, fields$headers)
      c(list(method = method, path = path, verbosity = verbosity), fields)
    }
  )
)

# The resource of a class, created when it is first used and kept in `owner`,
# the private environment of the client or parent resource. R loads a class
# lazily, and a class whose loading was interrupted stays broken.
resource_of <- function(class, owner) {
  suspendInterrupts({
    name <- class$classname
    if (is.null(owner$resources[[name]])) {
      owner$resources[[name]] <- class$new(owner$config)
    }
  })
  owner$resources[[name]]
}

# What the response to an operation must be; NULL if its path determines it.
expected_of <- function(operation) {
  if (operation$answer == "nothing") {
    "done"
  } else if (operation$answer == "json" && operation$has_pages) {
    "page"
  } else if (operation$answer == "bytes" && is.null(operation$kind)) {
    "file"
  }
}

# How many pages of a list to fetch, for the bridge; NULL for a single page.
check_pages <- function(pages, cursor) {
  if (!identical(pages, Inf)) {
    check_number(pages, "pages", from = 1)
  }
  # The bridge needs a finite number.
  max_pages <- min(as.double(pages), .Machine$integer.max)
  if (pages > 1) list(most = max_pages, cursor = cursor)
}

is_verbosity <- function(x) {
  is_number(x) && x %in% 0:3
}

bad_verbosity <- function(verbosity) {
  paste0("`verbosity` must be 0, 1, 2 or 3, not ", describe(verbosity), ".")
}
