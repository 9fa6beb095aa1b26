//! The key in a request.

use crate::request::Head;

/// The key, sent as OpenAI's documentation describes
/// (<https://platform.openai.com/docs/api-reference/authentication>).
pub(super) fn bearer_token(head: &Head) -> Option<&str> {
    let credentials = head.header("authorization")?.trim().split_once(' ');
    // RFC 9110, section 11.1: the scheme in any case.
    let (_, key) = credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))?;
    Some(key.trim()).filter(|key| !key.is_empty())
}

/// The key in Azure's header, or else the bearer token.
pub(super) fn key_or_token(head: &Head) -> Option<&str> {
    let key = head.header("api-key").filter(|key| !key.trim().is_empty());
    key.or_else(|| bearer_token(head))
}
