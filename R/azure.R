# Azure's servers of the API
# (https://learn.microsoft.com/azure/ai-foundry/openai/reference).

# Where a resource on Azure is, checked: `base_url` and `api_version`, NULL for
# the addresses with /openai/v1, which know no versions.
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
      "`azure` needs the name of a `resource`; without it the environment ",
      "variable AZURE_OPENAI_ENDPOINT must have its address."
    )
  }
  check_string(resource, "azure$resource")
  check_string(azure$deployment, "azure$deployment")
  version <- check_string(azure$api_version, "azure$api_version")
  if (!is.null(azure$deployment) && is.null(version)) {
    abort_argument(
      "`azure$deployment` is for addresses with an `api_version`. Without one, ",
      "give the name of the deployment as `model`."
    )
  }
  list(
    base_url = paste0(
      azure_endpoint(resource), if (is.null(version)) "/openai/v1" else "/openai"
    ),
    deployment = azure$deployment, api_version = version
  )
}

# The address of a resource, which may be given as a name.
azure_endpoint <- function(resource) {
  if (grepl("^https?://", resource)) {
    sub("/(openai(/v1)?/?)?$", "", resource)
  } else if (grepl("^[[:alnum:]-]+$", resource)) {
    paste0("https://", resource, ".openai.azure.com")
  } else {
    abort_argument(
      "`azure$resource` must be the name of a resource, or its address such as ",
      "\"https://my-resource.openai.azure.com\", not ", describe(resource), "."
    )
  }
}

# The header of a key; none where a function gives tokens of Entra, which are
# sent as keys are elsewhere.
azure_headers <- function(api_key) {
  if (is.function(api_key)) {
    return(NULL)
  }
  key <- api_key %||% environment_value("AZURE_OPENAI_API_KEY")
  if (is.null(key)) {
    abort_argument(
      "There is no key for Azure: give it as `api_key`, set the environment ",
      "variable AZURE_OPENAI_API_KEY, or give a function that returns a token ",
      "of Entra."
    )
  }
  c("api-key" = key)
}

# The operations whose address names a deployment where it tells a version.
azure_deployed <- c(
  "completions", "chat/completions", "embeddings", "audio/transcriptions",
  "audio/translations", "audio/speech", "images/generations", "images/edits"
)

# The fields of a request with the address that Azure wants.
azure_addressed <- function(fields, azure) {
  if (is.null(azure$api_version)) {
    return(fields)
  }
  if (paste(fields$path, collapse = "/") %in% azure_deployed) {
    model <- fields$body$model %||% fields$form$model
    fields$path <- c("deployments", azure$deployment %||% model, fields$path)
  }
  fields$query <- c(fields$query, list("api-version" = azure$api_version))
  fields
}
