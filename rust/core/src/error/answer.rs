//! Errors that servers tell.

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::StatusCode;

use super::advice::advice;
use super::problems::first_problem;
use super::quote::{body_text, quote};
use super::{Error, ErrorKind};
use crate::redact::Secrets;
use crate::retry::{Retry, QUOTA};
use crate::waits::Wait;

impl Error {
    /// The error of an answer whose status says that the call failed.
    ///
    /// The API describes it as `{"error": {"message", "type", "param", "code"}}`
    /// (<https://platform.openai.com/docs/guides/error-codes>); other servers put the text at the
    /// top level or send no JSON at all, which is then quoted.
    pub(crate) fn from_status(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        wait: Option<Wait>,
        secrets: &Secrets,
    ) -> Self {
        let phrase = status.canonical_reason().unwrap_or("");
        let mut message = format!("HTTP {} {}", status.as_u16(), phrase)
            .trim_end()
            .to_owned();
        message.push('.');
        if let Some(place) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
            let place = String::from_utf8_lossy(place.as_bytes());
            message = format!(
                "{message} The server redirects to {place}. It was not followed, so that neither \
                 the request nor the key goes anywhere else than it was meant to; if it is right, \
                 make it the base URL."
            );
        }
        let mut error = Error::new(ErrorKind::Status, "");
        match error.describe(body) {
            Some(said) => message = format!("{message} {said}"),
            None if !body.is_empty() => {
                message = format!("{message} The server said: {}", quote(body, secrets));
            }
            None => {}
        }
        // Servers tell a quota that is used up by the code, the type, or both.
        let reason = [&error.code, &error.error_type]
            .into_iter()
            .flatten()
            .find(|reason| *reason == QUOTA)
            .or(error.code.as_ref())
            .cloned();
        if let Some(advice) = advice(status.as_u16(), reason.as_deref()) {
            let stop = if message.ends_with(['.', '!', '?']) {
                ""
            } else {
                "."
            };
            message = format!("{message}{stop} {advice}");
        }
        error.message = message;
        error.status = Some(status.as_u16());
        error.request_id = request_id(headers);
        error.retry_after = wait.map(Wait::seconds).filter(|seconds| *seconds > 0.0);
        error.retry = Retry::of_answer(status, headers, reason.as_deref(), wait);
        error.body = (!body.is_empty()).then(|| body_text(body, secrets));
        error.without(secrets)
    }

    /// The error object that a server sent inside a stream.
    pub(crate) fn from_event(data: &str, secrets: &Secrets) -> Self {
        let mut error = Error::new(ErrorKind::Stream, "");
        let data = data.as_bytes();
        let said = error.describe(data).unwrap_or_else(|| quote(data, secrets));
        error.message = format!("The server reported an error in the stream: {said}");
        error.body = Some(body_text(data, secrets));
        error.without(secrets)
    }

    /// Reads the API's error object from `body` and returns its message.
    fn describe(&mut self, body: &[u8]) -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(&String::from_utf8_lossy(body)).ok()?;
        let object = match value.get("error") {
            Some(serde_json::Value::String(message)) => return Some(message.clone()),
            Some(object) if object.is_object() => object,
            _ => &value,
        };
        let text = |name: &str| match object.get(name)? {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Null => None,
            other => Some(other.to_string()),
        };
        self.error_type = text("type");
        self.code = text("code");
        self.param = text("param");
        let is_list = |name| object.get(name).is_some_and(serde_json::Value::is_array);
        let said = text("message").or_else(|| text("detail").filter(|_| !is_list("detail")));
        match (said, first_problem(object)) {
            (Some(said), Some(problem)) => Some(format!("{said} {problem}")),
            (said, problem) => said.or(problem),
        }
    }
}

/// The server's name for this request, which its support asks for.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers
        .get("x-request-id")
        .map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned())
}
