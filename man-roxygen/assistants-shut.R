#' @section Shut down by OpenAI:
#' The Assistants API, to which assistants, threads, messages and runs belong,
#' was shut down by OpenAI on 2026-08-26: its servers answer these calls with
#' HTTP status 404, so that each returns a failed call. The class remains for
#' scripts that talk to another server which still speaks this API
#' (`base_url` of [openai]). New work is better built on [chat].
