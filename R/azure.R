# Azure OpenAI resources
# (https://learn.microsoft.com/azure/ai-foundry/openai/reference).

# Checks the settings of an Azure resource: its `base_url`, the `api_version` of
# each request or NULL, and the `deployment` in URLs of dated versions.
azure_settings <- function(azure) {
  if (is_string(azure)) {
    azure <- list(resource = azure)
  }
  known <- c("resource", "deployment", "api_version")
  is_known <- is.list(azure) && length(azure) > 0L && !is.null(names(azure)) &&
    all(names(azure) %in% known)
  if (!is_known) {
    abort_argument(
      "`azure` must be the name of a resource, or a list of `resource`, ",
      "`deployment` and `api_version`, not ", describe(azure), "."
    )
  }
  resource <- azure$resource %||% environment_value("AZURE_OPENAI_ENDPOINT")
  if (is.null(resource)) {
    abort_argument(
      "`azure` needs the name of a `resource`: set it, or the environment ",
      "variable AZURE_OPENAI_ENDPOINT."
    )
  }
  check_string(resource, "azure$resource")
  check_string(azure$deployment, "azure$deployment")
  check_string(azure$api_version, "azure$api_version")
  copied <- azure_target(resource)
  version <- azure$api_version %||% copied$api_version
  is_dated <- is_dated_version(version)
  if (!is.null(azure$deployment) && !is_dated) {
    abort_argument(
      "`azure$deployment` requires a dated `api_version`. Without one, pass ",
      "the name of the deployment as `model`."
    )
  }
  list(
    base_url = paste0(
      azure_endpoint(resource), if (is_dated) "/openai" else "/openai/v1"
    ),
    deployment = azure$deployment %||% if (is_dated) copied$deployment,
    api_version = version
  )
}

# Dated versions have their own URLs; "v1" and "preview" are below /openai/v1.
is_dated_version <- function(version) {
  !is.null(version) && grepl("^[0-9]", version)
}

# The deployment and the version in a target URI of the Azure portal:
# https://<resource>/openai/deployments/<deployment>/...?api-version=<version>.
azure_target <- function(resource) {
  found <- function(pattern) {
    match <- regmatches(resource, regexec(pattern, resource))[[1]]
    if (length(match)) match[[2]]
  }
  list(
    deployment = found("/openai/deployments/([^/?]+)"),
    api_version = found("[?&]api-version=([^&]+)")
  )
}

# The URL of a resource, which may be given by its name.
azure_endpoint <- function(resource) {
  if (grepl("^https?://", resource)) {
    sub("/+$", "", sub("/openai(/.*)?$", "", sub("[?].*$", "", resource)))
  } else if (grepl("^[[:alnum:]-]+$", resource)) {
    paste0("https://", resource, ".openai.azure.com")
  } else {
    abort_argument(
      "`azure$resource` must be the name of a resource or its URL, such as ",
      "\"https://my-resource.openai.azure.com\", not ", describe(resource), "."
    )
  }
}

# The header with a key; none if a function returns Entra tokens, which are sent
# like keys of other servers.
azure_headers <- function(api_key) {
  if (is.function(api_key)) {
    return(NULL)
  }
  key <- api_key %||% environment_value("AZURE_OPENAI_API_KEY")
  if (is.null(key)) {
    abort_argument(
      "There is no key for Azure: pass it as `api_key`, set the environment ",
      "variable AZURE_OPENAI_API_KEY, or pass a function that returns an ",
      "Entra token."
    )
  }
  c("api-key" = key)
}

# The operations whose URL contains a deployment if it contains a version.
azure_deployed <- c(
  "completions", "chat/completions", "embeddings", "audio/transcriptions",
  "audio/translations", "audio/speech", "images/generations", "images/edits"
)

# Adapts the URL of a request to Azure.
adapt_azure_url <- function(fields, azure) {
  if (is.null(azure$api_version)) {
    return(fields)
  }
  if (is_dated_version(azure$api_version) &&
    paste(fields$path, collapse = "/") %in% azure_deployed) {
    model <- fields$body$model %||% fields$form$model
    fields$path <- c("deployments", azure$deployment %||% model, fields$path)
  }
  fields$query <- c(fields$query, list("api-version" = azure$api_version))
  fields
}
