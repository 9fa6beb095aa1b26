//! Errors reported by servers.

use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use reqwest::StatusCode;

use super::advice::{advice, page_advice, with_advice, Refusal};
use super::quote::{body_text, quote};
use super::reported::Reported;
use super::{Error, ErrorKind, QUOTA};
use crate::redact::Secrets;
use crate::waits::Wait;

/// A failed response.
pub(crate) struct Failed<'a> {
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// The wait that the server requested.
    pub wait: Option<Wait>,
    pub secrets: &'a Secrets,
    /// The path of the request's URL.
    pub path: &'a str,
}

impl Error {
    /// Creates the error of a response with an error status. The body is quoted if it has no known
    /// error format.
    pub(crate) fn from_status(failed: &Failed<'_>) -> Self {
        let Failed {
            status, headers, ..
        } = failed;
        let mut opening = format!("{}.", describe_status(*status));
        if let Some(location) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
            let location = String::from_utf8_lossy(location.as_bytes());
            opening = format!(
                "{opening} The server redirects to {location}. The redirect was not followed, \
                 because this would send the request and the key to another server. If the new \
                 address is correct, use it as the base URL."
            );
        }
        let reported = Reported::in_bytes(failed.body).unwrap_or_default();
        failed.error(&opening, *status, reported)
    }

    /// Creates the error of a response that contains an error despite a status of success. Its own
    /// code determines its kind and whether it is retried.
    pub(crate) fn in_place_of_answer(failed: &Failed<'_>, reported: Reported) -> Self {
        let reported_status = reported.status.and_then(|it| StatusCode::from_u16(it).ok());
        let meant = reported_status.map_or_else(String::new, |reported_status| {
            format!(" ({})", reported_status.as_u16())
        });
        let opening = format!(
            "{}, but the response is an error{meant}:",
            describe_status(failed.status)
        );
        let mut error = failed.error(&opening, reported_status.unwrap_or(failed.status), reported);
        if reported_status.is_none() {
            error.kind = ErrorKind::Response;
            error.is_transient = false;
        }
        error
    }

    /// Creates the error that a server sent inside a stream.
    pub(crate) fn from_event(reported: Reported, data: &str, secrets: &Secrets) -> Self {
        let mut error = Error::new(ErrorKind::Stream, "");
        let said = reported.said().map(str::to_owned);
        let said = said.unwrap_or_else(|| quote(data.as_bytes(), secrets));
        error.message = format!("The server reported an error in the stream: {said}");
        error.status = reported.status;
        error.body = Some(body_text(data.as_bytes(), secrets));
        error.named(reported).without(secrets)
    }

    /// Creates the error of a stream with unexpected content.
    pub(crate) fn unexpected(
        expected: &str,
        why: &str,
        data: &[u8],
        content_type: &str,
        secrets: &Secrets,
    ) -> Self {
        let excerpt = quote(data, secrets);
        let advice = page_advice(content_type);
        Error {
            body: Some(body_text(data, secrets)),
            ..Error::response(format!(
                "The response (content type \"{content_type}\") is not {expected}: {why}. It \
                 starts with: {excerpt}{advice}"
            ))
        }
    }

    /// Sets the type, code and parameter reported by the server.
    fn named(mut self, reported: Reported) -> Self {
        self.error_type = reported.error_type;
        self.code = reported.code;
        self.param = reported.param;
        self
    }
}

impl Failed<'_> {
    /// Creates the error as for a response with `status`.
    fn error(&self, opening: &str, status: StatusCode, reported: Reported) -> Error {
        let Failed {
            headers,
            body,
            secrets,
            ..
        } = *self;
        let mut message = match reported.said() {
            Some(said) => format!("{opening} {said}"),
            None if !body.is_empty() => {
                format!("{opening} Response body: {}", quote(body, secrets))
            }
            None => opening.to_owned(),
        };
        // Servers report an exhausted quota in the code, the type, or both.
        let reason = [&reported.code, &reported.error_type]
            .into_iter()
            .flatten()
            .find(|reason| *reason == QUOTA)
            .or(reported.code.as_ref())
            .cloned();
        let refusal = Refusal {
            status: status.as_u16(),
            reason: reason.as_deref(),
            said: &message,
            path: self.path,
        };
        if let Some(advice) = advice(&refusal) {
            message = with_advice(&message, advice);
        }
        let retry_after = self.wait.map(Wait::seconds).filter(|wait| *wait > 0.0);
        if let (StatusCode::TOO_MANY_REQUESTS, Some(seconds)) = (status, retry_after) {
            let seconds = seconds.ceil();
            let wait = format!("The server asks to wait {seconds} s before the next request.");
            message = with_advice(&message, &wait);
        }
        let error = Error {
            status: Some(status.as_u16()),
            request_id: request_id(headers),
            retry_after,
            is_transient: reason.as_deref() != Some(QUOTA) && is_transient(status, headers),
            wait: self.wait,
            body: (!body.is_empty()).then(|| body_text(body, secrets)),
            ..Error::new(ErrorKind::Status, message)
        };
        error.named(reported).without(secrets)
    }
}

/// Whether the same request may succeed later, by the rules of openai-python: the server's header
/// decides, otherwise the status.
fn is_transient(status: StatusCode, headers: &HeaderMap) -> bool {
    match headers.get("x-should-retry").map(HeaderValue::as_bytes) {
        Some(b"true") => true,
        Some(b"false") => false,
        _ => matches!(status.as_u16(), 408 | 409 | 429) || status.is_server_error(),
    }
}

/// For example "HTTP 404 Not Found".
fn describe_status(status: StatusCode) -> String {
    let phrase = status.canonical_reason().unwrap_or("");
    format!("HTTP {} {phrase}", status.as_u16())
        .trim_end()
        .to_owned()
}

/// The server's id of the request, for support enquiries.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers
        .get("x-request-id")
        .map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_status_codes_are_recognised() {
        let of = |status: u16, reported_status: Option<&'static str>, code: &str| {
            let mut headers = HeaderMap::new();
            if let Some(reported_status) = reported_status {
                headers.insert("x-should-retry", HeaderValue::from_static(reported_status));
            }
            let body = format!(r#"{{"error":{{"message":"no","code":"{code}"}}}}"#);
            let error = Error::from_status(&Failed {
                status: StatusCode::from_u16(status).expect("a status"),
                headers: &headers,
                body: body.as_bytes(),
                wait: None,
                secrets: &Secrets::default(),
                path: "/v1/models",
            });
            error.is_transient
        };
        for status in [408, 409, 429, 500, 502, 503, 529] {
            assert!(of(status, None, ""), "{status}");
        }
        for status in [301, 400, 401, 403, 404, 422] {
            assert!(!of(status, None, ""), "{status}");
        }
        assert!(!of(429, None, QUOTA));
        assert!(!of(429, Some("true"), QUOTA));
        assert!(!of(503, Some("false"), ""));
        assert!(of(400, Some("true"), ""));
    }
}
