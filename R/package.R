#' A streaming client for the OpenAI API
#'
#' Create a client with [openai] and read streams with [DataStream]. You can try
#' both without a key against [local_server()].
#'
#'
#' @section Options:
#' - `openaistream.attach`: `library(openaistream)` makes the exported functions
#'   of R6, jsonlite, httr2, iterators and curl available, because version 0.3.0
#'   attached these packages. Each package is loaded when one of its functions
#'   is first used; packages that are not installed are omitted. Set it to
#'   `FALSE` before attaching the package to turn this off.
#' - `openaistream.on_error`: what to do when a call fails, `"return"` or
#'   `"stop"`; see [openai_error].
#' - `openaistream.failed_call_warning`: `FALSE` turns off the warning of class
#'   `openai_failed_call_warning` for failed calls that return a value.
#' - `openaistream.bigint_as_char`: `TRUE` returns integers beyond 2^53, which
#'   R's numbers cannot all represent, as strings, like the argument of
#'   [jsonlite::fromJSON()]; by default they are rounded to the nearest number.
#' - `openaistream.skip_broken_events`: `TRUE` skips events of a stream that are
#'   not JSON; by default the first of them ends the stream with an error that
#'   quotes it.
#' - `openaistream.classes`: `TRUE` adds a class to the answers of [chat] and
#'   [images], with which `print()` shows their text and `plot()` draws their
#'   images; see [openai_answer()]. By default they are plain lists.
#' - `openaistream.progress`: whether calls show their progress (needs package
#'   cli): a bar for what is longer than a megabyte and takes more than a second
#'   to send or receive, and a line for every other wait of more than two
#'   seconds, for the answer, before a retry, or for what a server does in the
#'   background. Both disappear in the end. A stream shows the line until its
#'   first event or text, `$text()` and `$message()` until its end. `NULL`, the
#'   default, shows progress on interactive terminals, not while knitr runs and
#'   not while messages are diverted; `TRUE` shows it everywhere, `FALSE`
#'   nowhere.
#' - `openaistream.prices`: your own prices, a data frame; see [model_prices()].
#'
#' @section Debug log:
#' The environment variable `OPENAI_LOG` turns on logging for all clients; it is
#' read for each call. Lines are written to standard error (R's messages), each
#' with the time of day (UTC):
#' - `info`: a line for each call with method, path, status, attempt, request id
#'   and seconds, and one for each retry, with its cause and delay; streams that
#'   end early or are closed.
#' - `debug`: also headers, connections, and the ends of streams with their
#'   number of events and bytes.
#'
#' Any other value turns it off. Bodies are never logged, and secrets are
#' redacted. A stream writes its lines when it is read and when it is closed. To
#' print a single call including bodies, use its argument `verbosity`.
#'
#' @examples
#' server <- local_server()
#' client <- openai$new("sk-demo", base_url = server$url)
#' talk <- client$conversation("gpt-6-luna")
#' talk$say("Hello")
#' server$stop()
#' @section OpenTelemetry:
#' If package otel is installed and a tracer is active (such as by package
#' otelsdk and the environment variable `OTEL_TRACES_EXPORTER`), calls are
#' recorded as spans by the conventions for generative AI
#' (<https://opentelemetry.io/docs/specs/semconv/gen-ai/openai/>):
#' - `chat gpt-5.5`, `embeddings text-embedding-3-small`: a call, with the
#'   models, parameters, tokens, finish reasons, status and the type of an
#'   error. The span of a stream ends when the stream ends. Calls that use no
#'   model are named after their HTTP method.
#' - `invoke_agent`: `$run_tools()` and the turns of a conversation, which are
#'   the parent of their calls, and of a span `execute_tool name` for each call
#'   of an R function.
#' - `parallel chat gpt-5.5`: `$map()` and `$parallel()`, with the number of
#'   requests (`openaistream.requests`, `openaistream.answered`,
#'   `openaistream.failed`). It is the parent of a span for each request that
#'   was sent. Runs to a file, by batches and by workers have no spans of their
#'   requests, which could be millions: their only span has the tokens that the
#'   client used meanwhile.
#'
#' Prompts, answers, arguments of tools and keys are never recorded. The name of
#' the tracer is `openaistream`.
#'
#' @importFrom R6 R6Class
#' @useDynLib openaistream, .registration = TRUE
#' @useDynLib openaistream, stream_next
#' @keywords internal
"_PACKAGE"
