//! Which request is answered by what.

use serde_json::Value;

use crate::api_error::ApiError;
use crate::reply::{Framing, Reply};
use crate::request::{Head, Request};
use crate::scripted::ChatMessage;
use crate::{chat, embeddings, images, models, Options};

/// What the server answers by itself; a chat completion with `message`, if there is one.
pub(crate) fn answer(request: &Request, message: Option<ChatMessage>, options: &Options) -> Reply {
    let reply = dispatch(request, message, options).unwrap_or_else(Reply::from);
    for_version(reply, request.head.version_1_0)
}

fn dispatch(
    request: &Request,
    message: Option<ChatMessage>,
    options: &Options,
) -> Result<Reply, ApiError> {
    let Request { head, body } = request;
    authorize(head)?;
    let path = path(&head.target);
    let route = path
        .strip_prefix("/v1")
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path);
    let model = route
        .strip_prefix("/models/")
        .filter(|id| !id.is_empty() && !id.contains('/'));
    match (head.method.as_str(), route, model) {
        ("GET", "/models", _) => Ok(models::list()),
        ("GET", _, Some(id)) => models::retrieve(&unescape(id)),
        ("POST", "/chat/completions", _) => chat::create(body, message, options),
        ("POST", "/embeddings", _) => embeddings::create(body),
        ("POST", "/images/generations" | "/images/edits" | "/images/variations", _) => {
            Ok(images::create(body))
        }
        (method, "/models", _) | (method, _, Some(_)) => Err(wrong_method(method, path, "GET")),
        (method, "/chat/completions" | "/embeddings", _) => Err(wrong_method(method, path, "POST")),
        (method @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE"), _, None) => {
            Err(ApiError::new(404, format!("Invalid URL ({method} {path})")))
        }
        (method, _, None) => Err(wrong_method(method, path, "GET, POST")),
    }
}

/// Any key that is sent as OpenAI's documentation says is good
/// (<https://platform.openai.com/docs/api-reference/authentication>).
fn authorize(head: &Head) -> Result<(), ApiError> {
    // Azure's way (<https://learn.microsoft.com/azure/ai-services/openai/reference>).
    if head
        .header("api-key")
        .is_some_and(|key| !key.trim().is_empty())
    {
        return Ok(());
    }
    let credentials = head
        .header("authorization")
        .and_then(|value| value.trim().split_once(' '));
    match credentials {
        // RFC 9110, section 11.1: the scheme in any case.
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() => {
            Ok(())
        }
        _ => Err(ApiError::new(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization \
             header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). This practice server \
             takes any key.",
        )
        .code("invalid_api_key")
        .header("www-authenticate", "Bearer realm=\"OpenAI API\"")),
    }
}

fn wrong_method(method: &str, path: &str, allowed: &str) -> ApiError {
    // RFC 9110, section 15.5.6: the answer names the methods that are allowed.
    ApiError::new(405, format!("Invalid method for URL ({method} {path})"))
        .code("method_not_supported")
        .header("allow", allowed)
}

/// The path of a target, which has an authority before it when a proxy is asked (RFC 9112, section
/// 3.2.2).
pub(crate) fn path(target: &str) -> &str {
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |start| &rest[start..]),
        None => target,
    };
    path.split(['?', '#']).next().unwrap_or_default()
}

/// Undoes percent-escapes; what is not one stays as it is (RFC 3986, section 2.1).
fn unescape(segment: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        // Two hexadecimal digits make at most 255.
        bytes.push(escaped.map_or(*first, |(high, low)| (high * 16 + low) as u8));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer of status 200 with this JSON.
pub(crate) fn json_reply(value: &Value) -> Reply {
    Reply::body(200, "application/json", value.to_string())
}

/// RFC 9112, section 6.1: no transfer coding for a client of HTTP/1.0.
fn for_version(mut reply: Reply, version_1_0: bool) -> Reply {
    if version_1_0 && reply.framing == Framing::Chunked {
        reply.framing = Framing::Close;
    }
    reply
}
