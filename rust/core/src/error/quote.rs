//! Quotations of bodies in messages.

use crate::redact::{redact, Secrets};

/// The most text of an answer's body that a message quotes, in bytes.
const QUOTED_BODY_BYTES: usize = 300;
/// The most of a body that is looked at for a quotation; white space shortens in it.
const READ_BODY_BYTES: usize = 4096;

/// The beginning of a body as text on one line, free of secrets.
pub(crate) fn quote(body: &[u8], secrets: &Secrets) -> String {
    let read = &body[..body.len().min(READ_BODY_BYTES)];
    let mut text = redact(&String::from_utf8_lossy(read), secrets);
    let cut = read.len() < body.len();
    if cut {
        // The cut may have left half a key, which is not known as one, or half a character.
        let doubtful = secrets.longest().max('\u{FFFD}'.len_utf8());
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
