//! Reads a complete response body: the expected content, or the error that it reports.

use std::time::Instant;

use bytes::Bytes;

use crate::embedding_entries::in_shape_of_api;
use crate::error::{Error, Reported};
use crate::expected::{Expected, Mismatch};
use crate::json::{Document, Value};
use crate::options::CallOptions;
use crate::queue::End;
use crate::redact::Secrets;
use crate::sound::not_a_sound;
use crate::sse::DONE;
use crate::stream::{Decode, EventDecoder, EventKind, StreamedAnswer};
use crate::tool_arguments;

/// The body of a successful response.
#[derive(Debug, Clone)]
pub enum Content {
    Json(Document),
    Text(String),
    Bytes(Bytes),
    /// Empty, and nothing was expected.
    Nothing,
}

/// Why a body is not the expected response.
pub(crate) enum InvalidBody {
    /// It contains an error from the server.
    Error(Reported),
    /// It cannot be parsed, and why.
    Unreadable(&'static str, String),
    /// It is a stream that was interrupted.
    Interrupted(Error),
}

/// A body to read.
pub(crate) struct Body<'a> {
    pub bytes: Bytes,
    pub status: u16,
    pub content_type: &'a str,
    pub secrets: &'a Secrets,
    pub options: CallOptions,
}

impl Body<'_> {
    /// Reads the body of a call with this expected response.
    pub fn read(self, expected: Expected) -> Result<Content, InvalidBody> {
        match expected {
            Expected::File => Ok(Content::Bytes(self.bytes)),
            Expected::Sound => self.sound(),
            Expected::Transcript => self.transcript(),
            Expected::Done if self.bytes.trim_ascii().is_empty() => Ok(Content::Nothing),
            _ => self.json(expected).map(Content::Json),
        }
    }

    fn json(mut self, expected: Expected) -> Result<Document, InvalidBody> {
        if expected == Expected::Choices {
            if self.is_stream() {
                return self
                    .streamed()
                    .and_then(|document| checked(document, expected));
            }
            let length = without_done(&self.bytes).len();
            self.bytes.truncate(length);
        }
        let document = Document::parse_with(self.bytes, self.options.large_integers);
        let document =
            document.map_err(|error| InvalidBody::Unreadable("JSON", error.to_string()))?;
        checked(document, expected)
    }

    /// Whether the body is an event stream, although none was requested.
    fn is_stream(&self) -> bool {
        let begins = |text: &[u8]| self.bytes.trim_ascii_start().starts_with(text);
        begins(b"data:") || begins(b"event:") || begins(b": ")
    }

    /// The answer from the events of the body.
    fn streamed(self) -> Result<Document, InvalidBody> {
        let kind = EventKind::Chat;
        let now = Instant::now();
        let mut decoder = EventDecoder::new(kind, self.secrets.clone(), self.options);
        let mut answer = StreamedAnswer::new(kind, now);
        decoder.begin(self.content_type);
        let (mut events, mut end) = decoder.feed(self.bytes, now);
        if end.is_none() {
            let (rest, ended) = decoder.finish();
            events.extend(rest);
            end = Some(ended);
        }
        if let Some(End::Incomplete(error)) = end {
            return Err(InvalidBody::Interrupted(error));
        }
        events.iter().for_each(|event| answer.add(event));
        let document = answer.document();
        document
            .ok_or_else(|| InvalidBody::Unreadable(Expected::Choices.name(), "it is empty".into()))
    }

    /// A transcript is JSON if the content type says so, or if it is an object with a text or an
    /// error; otherwise it is plain text.
    fn transcript(self) -> Result<Content, InvalidBody> {
        let is_json_type = self.content_type.contains("json");
        let begins = self.bytes.trim_ascii_start().first() == Some(&b'{');
        let document = (is_json_type || begins)
            .then(|| Document::parse_with(self.bytes.clone(), self.options.large_integers));
        if let Some(Ok(document)) = document {
            match Expected::Transcript.check(document.root()) {
                Err(Mismatch::Missing(_)) if !is_json_type => {}
                _ => return checked(document, Expected::Transcript).map(Content::Json),
            }
        }
        if self.content_type.contains("html") {
            let expected = Expected::Transcript.name();
            return Err(InvalidBody::Unreadable(
                expected,
                "it is an HTML page".into(),
            ));
        }
        let text = String::from_utf8_lossy(&self.bytes);
        match text.trim().is_empty() && self.status != 200 {
            true => Ok(Content::Nothing),
            false => Ok(Content::Text(text.into_owned())),
        }
    }

    fn sound(self) -> Result<Content, InvalidBody> {
        let why = not_a_sound(&self.bytes, self.content_type);
        match why {
            None => Ok(Content::Bytes(self.bytes)),
            Some(why) => Err(Reported::in_bytes(&self.bytes).map_or_else(
                || InvalidBody::Unreadable(Expected::Sound.name(), why.into()),
                InvalidBody::Error,
            )),
        }
    }
}

/// The document in the format of the API, if it is the expected response.
fn checked(document: Document, expected: Expected) -> Result<Document, InvalidBody> {
    let unreadable = |why| InvalidBody::Unreadable(expected.name(), why);
    expected
        .check(document.root())
        .map_err(|unfit| match unfit {
            Mismatch::Error(reported) => InvalidBody::Error(reported),
            Mismatch::Missing(what) => unreadable(what.to_owned()),
        })?;
    let other = match expected {
        Expected::Choices => tool_arguments::as_texts(&document),
        Expected::Embeddings => in_shape_of_api(&document).map_err(unreadable)?,
        Expected::Page => page(&document),
        _ => None,
    };
    Ok(other.unwrap_or(document))
}

/// Converts a page that is a bare array, or empty, to the format of the API.
fn page(document: &Document) -> Option<Document> {
    let page = match document.root().get("data") {
        Some(data) if data.as_array().is_some() => return None,
        Some(_) => {
            let mut page = Value::from(document.root());
            *page.member("data")? = Value::Array(Vec::new());
            page.to_text()
        }
        None => format!(r#"{{"object":"list","data":{}}}"#, document.source()),
    };
    Document::parse(page).ok()
}

/// The body without a trailing `[DONE]`.
fn without_done(body: &[u8]) -> &[u8] {
    let trimmed = body.trim_ascii_end();
    match trimmed.strip_suffix(DONE) {
        Some(rest) => {
            let rest = rest.trim_ascii_end();
            rest.strip_suffix(b"data:").unwrap_or(rest)
        }
        None => body,
    }
}
