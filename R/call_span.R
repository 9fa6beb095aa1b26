# The span of a call, by the conventions for generative AI
# (https://opentelemetry.io/docs/specs/semconv/gen-ai/openai/), and of a call
# without a model by those for HTTP. Content is never recorded.

# Starts the span of a request of a client with the settings `config`; NULL
# unless spans are recorded. The span is a list of functions, the first of which
# to be called ends it: `answered(value)`, `failed(error)` with a record or a
# condition, `abandoned()`. Each has an optional end time, in seconds after the
# start.
call_span <- function(method, path, body, config) {
  if (!is_tracing()) {
    return(NULL)
  }
  fields <- list(
    method = method, path = path, body = body,
    base_url = config$owner()$address
  )
  started <- Sys.time()
  span <- start_span(
    span_name(fields), request_attributes(fields),
    started = started
  )
  is_ended <- FALSE
  end <- function(seconds, ...) {
    if (!is_ended) {
      is_ended <<- TRUE
      at <- if (is.null(seconds)) Sys.time() else started + seconds
      end_span(span, ..., at = at)
    }
  }
  list(
    answered = function(value, seconds = NULL) {
      end(seconds, answer_attributes(value))
    },
    failed = function(error, seconds = NULL) {
      end(
        seconds, failure_attributes(error), error_type(error), error$message
      )
    },
    abandoned = function(seconds = NULL) {
      end(
        seconds,
        error_type = "cancelled", message = "The call was cancelled."
      )
    }
  )
}

# A finalizer for the reader of a stream, which does not keep the reader alive.
abandoning <- function(span) {
  force(span)
  function(reader) span$abandoned()
}

# The operation that the model performs; NULL if there is none.
gen_ai_operation <- function(method, path) {
  path <- paste(path, collapse = "/")
  if (identical(method, "POST")) {
    switch(path,
      "chat/completions" = ,
      responses = "chat",
      completions = "text_completion",
      embeddings = "embeddings"
    )
  }
}

# Without ids, because they would make too many span names.
span_name <- function(fields) {
  operation <- gen_ai_operation(fields$method, fields$path)
  if (is.null(operation)) {
    fields$method
  } else {
    paste(c(operation, model_of(fields)), collapse = " ")
  }
}

model_of <- function(fields) {
  model <- fields$body[["model"]]
  if (is_string(model)) model
}

request_attributes <- function(fields) {
  operation <- gen_ai_operation(fields$method, fields$path)
  address <- server_address(fields$base_url)
  common <- list(
    server.address = address$host, server.port = address$port,
    http.request.method = fields$method
  )
  if (is.null(operation)) {
    url <- paste(c(fields$base_url, fields$path), collapse = "/")
    return(c(common, list(url.full = text_redact(url))))
  }
  body <- fields$body
  number <- function(...) {
    for (name in c(...)) {
      if (is_number(body[[name]])) {
        return(body[[name]])
      }
    }
  }
  c(common, list(
    gen_ai.operation.name = operation,
    gen_ai.provider.name = provider_name(address$host),
    openai.api.type = switch(paste(fields$path, collapse = "/"),
      "chat/completions" = "chat_completions", responses = "responses"
    ),
    gen_ai.request.model = model_of(fields),
    gen_ai.request.max_tokens = number(
      "max_output_tokens", "max_completion_tokens", "max_tokens"
    ),
    gen_ai.request.temperature = number("temperature"),
    gen_ai.request.top_p = number("top_p"),
    gen_ai.request.frequency_penalty = number("frequency_penalty"),
    gen_ai.request.presence_penalty = number("presence_penalty"),
    gen_ai.request.seed = number("seed"),
    gen_ai.request.choice.count = if (!identical(as.double(body$n), 1)) {
      number("n")
    },
    gen_ai.conversation.id = if (is_string(body$conversation)) {
      body$conversation
    },
    openai.request.service_tier = if (is_string(body$service_tier)) {
      body$service_tier
    }
  ))
}

provider_name <- function(host) {
  azure <- "[.](openai|services[.]ai|cognitiveservices)[.]azure[.]"
  if (isTRUE(grepl(azure, host))) "azure.ai.openai" else "openai"
}

# The host and the port of a URL.
server_address <- function(url) {
  parts <- regmatches(url, regexec(
    "^(https?)://(?:[^/@]*@)?(\\[[^]]*\\]|[^/:]+)(?::([0-9]+))?", url,
    ignore.case = TRUE, perl = TRUE
  ))[[1]]
  if (length(parts) == 0L) {
    return(list())
  }
  is_secure <- tolower(parts[[2]]) == "https"
  port <- as.integer(parts[[4]])
  list(
    host = gsub("^\\[|\\]$", "", parts[[3]]),
    port = if (is.na(port)) if (is_secure) 443L else 80L else port
  )
}

# The attributes of a response, parsed in any form.
answer_attributes <- function(value) {
  body <- if (is.list(value) && !is.data.frame(value)) value
  usage <- body[["usage"]] %||% attr(value, "usage")
  tokens <- tokens_of_usages(list(if (is.list(usage)) usage))
  known <- function(count) if (!is.na(count)) as.double(count)
  text <- function(name) if (is_string(body[[name]])) body[[name]]
  list(
    http.response.status_code = 200L,
    gen_ai.response.id = text("id"), gen_ai.response.model = text("model"),
    gen_ai.response.finish_reasons = finish_reasons(body),
    gen_ai.usage.input_tokens = known(tokens$input),
    gen_ai.usage.output_tokens = known(tokens$output),
    gen_ai.usage.cache_read.input_tokens = known(tokens$cached),
    openai.response.service_tier = text("service_tier")
  )
}

# Why each choice ended; for a response its status, or why it is incomplete.
finish_reasons <- function(body) {
  choices <- body[["choices"]]
  if (is.data.frame(choices)) {
    present(choices[["finish_reason"]])
  } else if (identical(body[["object"]], "response")) {
    reason <- as.list(body[["incomplete_details"]])[["reason"]]
    as.character(reason %||% body[["status"]])
  }
}

failure_attributes <- function(error) {
  sent_again <- (error$attempts %||% 1L) - 1L
  list(
    http.response.status_code = as.integer(error$status),
    http.request.resend_count = if (sent_again > 0) as.integer(sent_again)
  )
}

# The status code of a failed request, or the kind of its error. A stream may
# fail after a successful status code.
error_type <- function(error) {
  if (isTRUE(error$status >= 400)) {
    as.character(error$status)
  } else if (inherits(error, "condition")) {
    sub("^openai_(.*)_error$", "\\1", class(error)[[1]])
  } else {
    error$kind %||% "_OTHER"
  }
}
