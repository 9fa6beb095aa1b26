//! OpenAI itself: any key, any model, all operations.

use serde_json::Value;

use super::key::key_or_token;
use super::rules::{Address, Rules};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::request::Head;

pub(super) const RULES: Rules = Rules {
    base: "/v1",
    key: key_or_token,
    no_key: Some(no_key),
    address,
    operations: &[],
    models: &[],
    owner: "system",
    no_model,
    no_path,
    ignored: &[],
    check: any_chat,
    answer: unchanged,
    events: same_events,
    error: ApiError::into,
};

/// Also accepts base URLs without a version.
fn address(rules: &Rules, head: &Head) -> Result<Address, ApiError> {
    let path = head.path();
    Ok(Address {
        path: rules.below_base(path).unwrap_or(path).to_owned(),
        model: None,
    })
}

fn no_key() -> ApiError {
    ApiError::new(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization \
         header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). This practice server \
         accepts any key.",
    )
    .code("invalid_api_key")
    .header("www-authenticate", "Bearer realm=\"OpenAI API\"")
}

fn no_model(model: &str) -> ApiError {
    ApiError::new(404, format!("The model '{model}' does not exist"))
        .param("model")
        .code("model_not_found")
}

fn no_path(method: &str, path: &str) -> ApiError {
    ApiError::new(404, format!("Invalid URL ({method} {path})"))
}

fn any_chat(_call: &Call) -> Result<(), ApiError> {
    Ok(())
}

fn unchanged(_answer: &mut Value) {}

fn same_events(events: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    events
}
