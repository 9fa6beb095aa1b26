//! Advice for errors with a known remedy.

use super::QUOTA;

/// The parts of a failed response that determine the advice.
pub(super) struct Refusal<'a> {
    pub status: u16,
    /// Its code or type.
    pub reason: Option<&'a str>,
    /// The server's message.
    pub said: &'a str,
    /// The path of the request's URL.
    pub path: &'a str,
}

/// The advice for a failed response.
pub(super) fn advice(refusal: &Refusal<'_>) -> Option<&'static str> {
    Some(match (refusal.status, refusal.reason) {
        (_, Some(QUOTA)) => {
            "The quota of the account is exhausted: add credit before you call the API again."
        }
        // https://learn.microsoft.com/azure/ai-foundry/openai/reference
        (404, Some("DeploymentNotFound")) => {
            "On Azure, `model` is the name of a deployment, not of a model: check that the \
             resource has a deployment of that name."
        }
        (400, Some("content_filter")) => {
            "Change the prompt, or the content filter of the deployment in the Azure portal."
        }
        // https://docs.databricks.com/api/workspace/servingendpoints
        (404, Some("RESOURCE_DOES_NOT_EXIST")) if refusal.path.contains("serving-endpoints") => {
            "On Databricks, `model` is the name of a serving endpoint of the workspace."
        }
        (_, Some("model_not_found")) => MODELS,
        (400 | 404, _) if refusal.is_of_model() => MODELS,
        _ if refusal.is_of_path() && refusal.lacks_version() => {
            "The base URL has no version: most servers need one, such as http://host:port/v1."
        }
        _ if refusal.is_of_path() && refusal.path.ends_with("/responses") => {
            "This server may lack the Responses API: use chat completions (`client$chat`)."
        }
        (401, _) if refusal.said.contains("wrong API endpoint") => {
            "Check that the key belongs to this Azure resource, and the name of the resource."
        }
        (401, _) => "Check that the API key is correct and belongs to this server.",
        (407, _) => PROXY_CREDENTIALS,
        _ => return None,
    })
}

/// A message followed by advice.
pub(super) fn with_advice(message: &str, advice: &str) -> String {
    let stop = if message.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{message}{stop} {advice}")
}

/// The advice for a proxy that requires other credentials. Redaction would remove the user and
/// password of a URL with a scheme.
pub(super) const PROXY_CREDENTIALS: &str =
    "The proxy requires valid credentials in its URL, as in user:password@host:port.";

const MODELS: &str = "List the models to see which ones are available.";

/// The first path segments of the API's calls.
const RESOURCES: [&str; 7] = [
    "audio",
    "chat",
    "completions",
    "embeddings",
    "images",
    "models",
    "responses",
];

impl Refusal<'_> {
    /// Whether the server does not have the requested model.
    fn is_of_model(&self) -> bool {
        let said = self.said.to_ascii_lowercase();
        let is_missing = [
            "not found",
            "not exist",
            "not a valid model",
            "invalid model",
        ];
        said.contains("model") && is_missing.iter().any(|words| said.contains(words))
    }

    /// Whether the server does not have the path of the request. LM Studio says so with status 200.
    fn is_of_path(&self) -> bool {
        let is_missing = matches!(self.status, 404 | 405);
        // The id of a response that was not found.
        is_missing && !self.said.contains("resp_") || self.said.contains("Unexpected endpoint")
    }

    /// Whether the base URL of the request has an empty path.
    fn lacks_version(&self) -> bool {
        let first = self.path.trim_start_matches('/').split('/').next();
        first.is_some_and(|first| RESOURCES.contains(&first))
    }
}

/// The advice for a response that is an HTML page.
pub(crate) fn page_advice(content_type: &str) -> &'static str {
    if content_type.contains("html") {
        " The response is an HTML page: it may come from a proxy, from the sign-in page of the \
         network, or from a wrong base URL."
    } else {
        ""
    }
}
