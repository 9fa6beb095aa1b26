//! The rules that several dialects share.

use super::conversion::without_openai_members;
use super::key::bearer_token;
use super::openai;
use super::rules::{Address, Rules};
use crate::api_error::ApiError;
use crate::request::Head;

/// A server that others run: paths only below its base URL, and none of the members that only
/// OpenAI sends.
pub(super) const HOSTED: Rules = Rules {
    key: bearer_token,
    address,
    answer: without_openai_members,
    ..openai::RULES
};

/// A server on the user's machine, which needs no key.
pub(super) const LOCAL: Rules = Rules {
    no_key: None,
    operations: &[
        "chat.completions.create",
        "completions.create",
        "embeddings.create",
        "models.list",
        "models.retrieve",
        "responses.create",
    ],
    ..HOSTED
};

/// Marks the error of an unknown path if it has its own form; it is not sent.
pub(super) const NO_PATH: &str = "no_path";

/// The target of a path below the base URL; the server knows no others.
fn address(rules: &Rules, head: &Head) -> Result<Address, ApiError> {
    let path = head.path();
    let rest = rules.below_base(path);
    let rest = rest.ok_or_else(|| (rules.no_path)(&head.method, path))?;
    Ok(Address {
        path: rest.to_owned(),
        model: None,
    })
}
