#' @section Since the shutdown:
#' OpenAI shut down the Assistants API (assistants, threads, messages and runs)
#' on 2026-08-26. Existing scripts keep working: with `assistants = "auto"` (see
#' [openai]), the package emulates these calls with responses and conversations
#' if the server no longer supports them. Ids, fields and errors stay the same.
#'
#' A thread is then a conversation, and a run is a background response.
#' Assistants, and data that conversations do not store, are kept in the session
#' or in an `assistants_file`. Objects created before the shutdown cannot be
#' accessed. `vignette("assistants", "openaistream")` describes the other
#' differences. Calls to servers that still have the API are sent to the server,
#' as before. Use [responses] for new work.
