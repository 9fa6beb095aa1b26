//! Quotations of bodies: a line in messages, more in the errors themselves.

use std::borrow::Cow;

use crate::redact::{redact, Secrets};

/// The most text of an answer's body that an error keeps, in bytes.
pub(crate) const MOST_BODY_BYTES: usize = 16 << 10;
/// The most text of it that a message quotes, in bytes.
const QUOTED_BODY_BYTES: usize = 300;
/// The most of a body that is looked at for that; white space shortens in it.
const READ_BODY_BYTES: usize = 4096;
/// From how many characters on base64 is left out.
const LONG_BASE64: usize = 200;
/// What stands for the rest.
const REST: &str = " ...";

/// The beginning of a body, kept until an error asks for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beginning {
    /// A byte more than an error keeps tells that the body is longer.
    bytes: Vec<u8>,
    secrets: Secrets,
}

impl Beginning {
    pub fn of(body: &[u8], secrets: &Secrets) -> Self {
        Beginning {
            bytes: body[..body.len().min(MOST_BODY_BYTES + 1)].to_vec(),
            secrets: secrets.clone(),
        }
    }

    /// The bytes of it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// As a message quotes it.
    pub fn quote(&self) -> String {
        quote(&self.bytes, &self.secrets)
    }

    /// As an error keeps it.
    pub fn body(&self) -> String {
        body_text(&self.bytes, &self.secrets)
    }
}

/// The beginning of a body as text on one line, free of secrets.
pub(crate) fn quote(body: &[u8], secrets: &Secrets) -> String {
    let (text, cut) = certain_text(body, READ_BODY_BYTES, secrets);
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if cut || line.len() > QUOTED_BODY_BYTES {
        truncate(&mut line, QUOTED_BODY_BYTES);
        line.push_str(REST);
    }
    line
}

/// As much of a body as an error keeps, as it came, free of secrets.
pub(crate) fn body_text(body: &[u8], secrets: &Secrets) -> String {
    let (mut text, cut) = certain_text(body, MOST_BODY_BYTES, secrets);
    if cut || text.len() > MOST_BODY_BYTES {
        truncate(&mut text, MOST_BODY_BYTES - REST.len());
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
        // The cut may have left half a key, which is not known as one, or half a character.
        let doubtful = secrets.longest().max('\u{FFFD}'.len_utf8());
        let certain = text.len().saturating_sub(doubtful);
        truncate(&mut text, certain);
    }
    let text = without_base64(&text).into_owned();
    (text, cut)
}

/// The text with how long it is in place of each long stretch of base64: a picture or a sound tells
/// people nothing.
fn without_base64(text: &str) -> Cow<'_, str> {
    let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    let mut short = String::new();
    let mut copied = 0;
    let mut place = 0;
    let bytes = text.as_bytes();
    while place < bytes.len() {
        let length = bytes[place..]
            .iter()
            .take_while(|byte| is_of_it(byte))
            .count();
        let stretch = &bytes[place..place + length];
        if length >= LONG_BASE64 && looks_encoded(stretch) {
            short.push_str(&text[copied..place]);
            short.push_str(&format!("<{length} characters of base64>"));
            copied = place + length;
        }
        place += length.max(1);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    short.push_str(&text[copied..]);
    Cow::Owned(short)
}

/// Words and lines of one character are none.
fn looks_encoded(stretch: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| stretch.iter().any(is);
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Cuts `text` to at most `length` bytes, between two characters.
fn truncate(text: &mut String, length: usize) {
    let end = (0..=length.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
}
