//! What went wrong, told so that a person can act on it.

use std::{fmt, io};

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::StatusCode;

use crate::redact::{redact, redact_text};

/// The most text of an answer's body that a message quotes, in bytes.
const QUOTED_BODY_BYTES: usize = 300;
/// The most of a body that is looked at for a quotation; white space shortens in it.
const READ_BODY_BYTES: usize = 4096;

/// The part of the work in which an error arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request could not be made from what the caller gave; nothing was sent.
    Argument,
    /// No answer came: name resolution, connection, TLS, proxy, or a broken transfer.
    Connection,
    /// The server answered with a status other than 2xx.
    Status,
    /// The answer could not be read as what it should be.
    Response,
    /// A stream ended before its end was announced, or the server reported an error inside it.
    Stream,
}

/// An error of a call or a stream. Owned data only, so that it may cross threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// A full sentence, free of secrets.
    pub message: String,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// `error.type` of the API's error object.
    pub error_type: Option<String>,
    /// `error.code` of the API's error object.
    pub code: Option<String>,
    /// `error.param` of the API's error object.
    pub param: Option<String>,
    /// The header `x-request-id` of the answer.
    pub request_id: Option<String>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: redact_text(&message.into()),
            status: None,
            error_type: None,
            code: None,
            param: None,
            request_id: None,
        }
    }

    /// An error in what the caller gave.
    pub fn argument(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Argument, message)
    }

    /// The error of an answer whose status says that the call failed.
    ///
    /// The API describes it as `{"error": {"message", "type", "param", "code"}}`
    /// (<https://platform.openai.com/docs/guides/error-codes>); other servers put the text at the
    /// top level or send no JSON at all, which is then quoted.
    pub(crate) fn from_status(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        secret: Option<&str>,
    ) -> Self {
        let phrase = status.canonical_reason().unwrap_or("");
        let mut message = format!("HTTP {} {}", status.as_u16(), phrase)
            .trim_end()
            .to_owned();
        message.push('.');
        if let Some(place) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
            let place = String::from_utf8_lossy(place.as_bytes());
            message = format!(
                "{message} The server redirects to {place}. Redirects are not followed, because \
                 the request would go to another place than it was meant for; if it is right, \
                 make it the base URL."
            );
        }
        let mut error = Error::new(ErrorKind::Status, "");
        match error.describe(body) {
            Some(said) => message = format!("{message} {said}"),
            None if !body.is_empty() => {
                message = format!("{message} The server said: {}", quote(body, secret));
            }
            None => {}
        }
        error.message = redact_text(&message);
        error.status = Some(status.as_u16());
        error.request_id = request_id(headers);
        error.without(secret)
    }

    /// The error object that a server sent inside a stream.
    pub(crate) fn from_event(data: &str, secret: Option<&str>) -> Self {
        let mut error = Error::new(ErrorKind::Stream, "");
        let data = data.as_bytes();
        let said = error.describe(data).unwrap_or_else(|| quote(data, secret));
        error.message = redact_text(&format!(
            "The server reported an error in the stream: {said}"
        ));
        error.without(secret)
    }

    /// The error of a request that got no answer or not all of it, with the whole chain of causes.
    pub(crate) fn from_transport(error: &reqwest::Error) -> Self {
        // reqwest calls both a failure to decode. Its decoders fail with an I/O error of their own;
        // the socket's stand inside an error of hyper.
        let undecodable = error.is_decode()
            && sources(error)
                .next()
                .is_some_and(|cause| cause.is::<io::Error>());
        let kind = if undecodable {
            ErrorKind::Response
        } else {
            ErrorKind::Connection
        };
        let place = error
            .url()
            .map(|url| format!(" to {}", url.origin().ascii_serialization()));
        let place = place.unwrap_or_default();
        let what = if error.is_connect() {
            format!("The connection{place} failed")
        } else if undecodable {
            "The answer could not be decoded".to_owned()
        } else if error.is_decode() {
            "The connection broke before the answer was complete".to_owned()
        } else {
            format!("The request{place} failed")
        };
        Error::new(kind, format!("{what}: {}.", causes(error)))
    }

    /// The same error without `secret`, which a server or a proxy may have repeated.
    pub(crate) fn without(mut self, secret: Option<&str>) -> Self {
        self.message = redact(&self.message, secret);
        for text in [
            &mut self.error_type,
            &mut self.code,
            &mut self.param,
            &mut self.request_id,
        ] {
            *text = text.take().map(|text| redact(&text, secret));
        }
        self
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
        text("message").or_else(|| text("detail"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The server's name for this request, which its support asks for.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers
        .get("x-request-id")
        .map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned())
}

/// The innermost causes of a transport error; reqwest's own outer text repeats the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in sources(error) {
        let text = cause.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        texts.push(error.to_string());
    }
    texts.join(": ")
}

/// All causes of a transport error, outermost first.
fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}

/// The beginning of a body as text on one line, free of secrets.
pub(crate) fn quote(body: &[u8], secret: Option<&str>) -> String {
    let read = &body[..body.len().min(READ_BODY_BYTES)];
    let mut text = redact(&String::from_utf8_lossy(read), secret);
    let cut = read.len() < body.len();
    if cut {
        // The cut may have left half a key, which is not known as one, or half a character.
        let doubtful = secret.map_or(0, str::len).max('\u{FFFD}'.len_utf8());
        let certain = text.len().saturating_sub(doubtful);
        truncate(&mut text, certain);
    }
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if cut || line.len() > QUOTED_BODY_BYTES {
        truncate(&mut line, QUOTED_BODY_BYTES);
        line.push_str(" ...");
    }
    line
}

/// Cuts `text` to at most `length` bytes, between two characters.
fn truncate(text: &mut String, length: usize) {
    let end = (0..=length.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
}
