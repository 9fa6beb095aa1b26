//! OpenAI itself: any key, any model, all operations.

use super::rules::{any_request, bearer_token, same_events, unchanged, Address, Rules};
use crate::api_error::ApiError;
use crate::request::Head;

pub(super) const RULES: Rules = Rules {
    base: "/v1",
    authorize,
    address,
    operations: &[],
    models: &[],
    owner: "system",
    no_model,
    no_path,
    ignored: &[],
    check: any_request,
    answer: unchanged,
    events: same_events,
    error: ApiError::into,
};

/// Also accepts base URLs without a version.
fn address(_rules: &Rules, head: &Head) -> Result<Address, ApiError> {
    let path = head.path();
    let rest = path
        .strip_prefix("/v1")
        .filter(|rest| rest.starts_with('/'));
    Ok(Address {
        path: rest.unwrap_or(path).to_owned(),
        model: None,
    })
}

/// Accepts any key, also in Azure's header.
pub(super) fn authorize(head: &Head) -> Result<(), ApiError> {
    let key = head.header("api-key").filter(|key| !key.trim().is_empty());
    if key.is_some() || bearer_token(head).is_some() {
        return Ok(());
    }
    Err(ApiError::new(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization \
         header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). This practice server \
         accepts any key.",
    )
    .code("invalid_api_key")
    .header("www-authenticate", "Bearer realm=\"OpenAI API\""))
}

pub(super) fn no_model(model: &str) -> ApiError {
    ApiError::new(404, format!("The model '{model}' does not exist"))
        .param("model")
        .code("model_not_found")
}

pub(super) fn no_path(method: &str, path: &str) -> ApiError {
    ApiError::new(404, format!("Invalid URL ({method} {path})"))
}
