#' @section Since the shutdown:
#' OpenAI shut the Assistants API, to which assistants, threads, messages and
#' runs belong, on 2026-08-26. Scripts go on: with `assistants = "auto"` (see
#' [openai]) these calls are performed by responses and conversations where the
#' server no longer has them, with the ids, fields and errors that they had. A
#' thread is a conversation and a run a response in the background; assistants,
#' and what conversations do not keep, stand in the session or in an
#' `assistants_file`. What was made before the shutdown cannot be reached; what
#' else differs stands in `vignette("assistants", "openaistream")`. Servers that
#' still have the API are asked, as before. New work is better built on
#' [responses].
