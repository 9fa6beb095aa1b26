//! Quotes response bodies: a line in messages, more in the error itself.

use std::borrow::Cow;

use crate::redact::{redact, Secrets};

/// The maximum size of the body that an error keeps, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 16 << 10;
/// The maximum size of the body that a message quotes, in bytes.
const QUOTED_BODY_BYTES: usize = 300;
/// How much of the body is read for a quote, in bytes; collapsing white space shortens it.
const READ_BODY_BYTES: usize = 4096;
/// The minimum length of base64 text that is left out of quotes.
const LONG_BASE64: usize = 200;
/// Marks truncated text.
const REST: &str = " ...";

/// The beginning of a body, kept for error messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beginning {
    /// One byte more than an error keeps, to detect longer bodies.
    bytes: Vec<u8>,
    secrets: Secrets,
}

impl Beginning {
    pub fn of(body: &[u8], secrets: &Secrets) -> Self {
        Beginning {
            bytes: body[..body.len().min(MAX_BODY_BYTES + 1)].to_vec(),
            secrets: secrets.clone(),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The quote for a message.
    pub fn quote(&self) -> String {
        quote(&self.bytes, &self.secrets)
    }

    /// The text that an error keeps.
    pub fn body(&self) -> String {
        body_text(&self.bytes, &self.secrets)
    }
}

/// The beginning of a body as a single line, without secrets.
pub(crate) fn quote(body: &[u8], secrets: &Secrets) -> String {
    let (text, cut) = certain_text(body, READ_BODY_BYTES, secrets);
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if cut || line.len() > QUOTED_BODY_BYTES {
        truncate(&mut line, QUOTED_BODY_BYTES);
        line.push_str(REST);
    }
    line
}

/// The part of a body that an error keeps, without secrets.
pub(crate) fn body_text(body: &[u8], secrets: &Secrets) -> String {
    let (mut text, cut) = certain_text(body, MAX_BODY_BYTES, secrets);
    if cut || text.len() > MAX_BODY_BYTES {
        truncate(&mut text, MAX_BODY_BYTES - REST.len());
        text.push_str(REST);
    }
    text
}

/// The first `most` bytes of a body as text, and whether more follow.
fn certain_text(body: &[u8], most: usize, secrets: &Secrets) -> (String, bool) {
    let read = &body[..body.len().min(most)];
    let mut text = redact(&String::from_utf8_lossy(read), secrets);
    let cut = read.len() < body.len();
    if cut {
        // The last bytes may be part of a secret, which would not be recognised, or of a character.
        let doubtful = secrets.longest().max('\u{FFFD}'.len_utf8());
        let certain = text.len().saturating_sub(doubtful);
        truncate(&mut text, certain);
    }
    let text = without_base64(&text).into_owned();
    (text, cut)
}

/// Replaces long base64 text (images, audio) by its length.
fn without_base64(text: &str) -> Cow<'_, str> {
    let is_base64_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    let mut short = String::new();
    let mut copied = 0;
    let mut offset = 0;
    let bytes = text.as_bytes();
    while offset < bytes.len() {
        let length = bytes[offset..]
            .iter()
            .take_while(|byte| is_base64_byte(byte))
            .count();
        let range = &bytes[offset..offset + length];
        if length >= LONG_BASE64 && looks_encoded(range) {
            short.push_str(&text[copied..offset]);
            short.push_str(&format!("<{length} characters of base64>"));
            copied = offset + length;
        }
        offset += length.max(1);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    short.push_str(&text[copied..]);
    Cow::Owned(short)
}

/// Distinguishes base64 from words and from lines of a repeated character.
fn looks_encoded(range: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| range.iter().any(is);
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Truncates `text` to at most `length` bytes, at a character boundary.
fn truncate(text: &mut String, length: usize) {
    let end = (0..=length.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
}
