#' @param compatibility How requests must differ from those sent to OpenAI,
#'   a character vector of any of:
#'   * `"no_n"`: omits `n = 1`.
#'   * `"max_tokens"`: sends `max_completion_tokens` as `max_tokens`.
#'   * `"max_completion_tokens"`: sends `max_tokens` as
#'     `max_completion_tokens`.
#'   * `"empty_content"`: sends `""` when the content of a message is null.
#'   * `"system_role"`: sends messages of the role `developer` as `system`.
#'   * `"plain_messages"`: sends only `role`, `content`, `name` and the tool
#'     calls of each message.
#'   * `"no_stream_options"`, `"no_strict"`: omit `stream_options`, or
#'     `strict` in tools and schemas.
#'   * `"no_store"`, `"no_parallel_tool_calls"`: omit `store = FALSE`, or
#'     `parallel_tool_calls = TRUE`.
#'   * `"joined_messages"`: joins consecutive messages of the same role.
#'   * `"no_system_role"`: sends the text of system messages at the start of
#'     the next user message.
#'   * `"json_object"`: requests JSON without a schema, and describes the
#'     schema to the model in a message. This form is never used unless you
#'     name it.
#'
#'   If a server rejects a request for one of these reasons, the client
#'   detects it: it prints a message, sends the request again in the other
#'   form, and uses that form from then on.
#' @param assistants Where the calls of [assistants], [threads], [messages]
#'   and [runs] are carried out. OpenAI shut down that API on 2026-08-26.
#'   `"api"` sends them to the server, as before. `"responses"` emulates
#'   them with responses and conversations. `"auto"` emulates them for
#'   OpenAI and for servers that reply that they lack these operations.
#'   Defaults to the option `openaistream.assistants`, then to the
#'   environment variable `OPENAISTREAM_ASSISTANTS`, then to `"auto"`.
#' @param assistants_file Path of a file that stores emulated assistants,
#'   and the data about runs and messages that the server does not keep, for
#'   other sessions. Several sessions can use it at the same time. `NULL`
#'   keeps them in this session only.
#' @param azure Connects to an Azure resource instead of `base_url`: the
#'   resource's name or URL, or the target URI that the Azure portal shows,
#'   one string; or a list of
#'   * `resource`: defaults to the environment variable
#'     `AZURE_OPENAI_ENDPOINT`.
#'   * `api_version`: without it, or with `"preview"`, requests go to paths
#'     below `/openai/v1`; with a date, the paths of deployments contain
#'     their names.
#'   * `deployment`: used with a dated `api_version`; defaults to the
#'     `model` of each call.
#'
#'   The key defaults to the environment variable `AZURE_OPENAI_API_KEY` and
#'   is sent in the header `api-key`. If `api_key` is a function, it returns
#'   Microsoft Entra tokens.
