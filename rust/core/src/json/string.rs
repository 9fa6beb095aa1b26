//! Parses strings.

use super::tape::{Span, Tape, Text};
use super::ParseError;

/// Substituted for what R's strings cannot store.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Parses the string whose opening quote is at `start`, and returns where it ends.
#[inline]
pub(super) fn read(
    source: &str,
    start: usize,
    tape: &mut Tape,
) -> Result<(Text, usize), Box<ParseError>> {
    let bytes = source.as_bytes();
    let first = start + 1;
    let stop = plain_end(bytes, first);
    if bytes.get(stop) == Some(&b'"') {
        return Ok((Text::Verbatim(Span::between(first, stop)), stop + 1));
    }
    let kept = tape.unescaped.len();
    tape.unescaped.push_str(&source[first..stop]);
    let end = unescape(source, stop, tape)?;
    let text = Text::Unescaped(Span::between(kept, tape.unescaped.len()));
    Ok((text, end))
}

/// Decodes the rest of a string from `position` on, the end of its first run of plain characters.
fn unescape(source: &str, mut position: usize, tape: &mut Tape) -> Result<usize, Box<ParseError>> {
    let bytes = source.as_bytes();
    loop {
        match bytes.get(position) {
            None => return Err(ParseError::boxed("the text ends within a string", position)),
            Some(b'"') => return Ok(position + 1),
            Some(b'\\') => position = escape(bytes, position, tape)?,
            Some(byte) => {
                let message = format!("a string holds the control character {byte:#04x}");
                return Err(ParseError::boxed(message, position));
            }
        }
        let stop = plain_end(bytes, position);
        tape.unescaped.push_str(&source[position..stop]);
        position = stop;
    }
}

/// Decodes the escape sequence at `position`, and returns where it ends.
fn escape(bytes: &[u8], position: usize, tape: &mut Tape) -> Result<usize, Box<ParseError>> {
    let decoded = match bytes.get(position + 1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        Some(b'u') => {
            let (decoded, end) = unicode(bytes, position)?;
            tape.replaced |= decoded.is_none();
            tape.unescaped.push(decoded.unwrap_or(REPLACEMENT));
            return Ok(end);
        }
        Some(_) => {
            return Err(ParseError::boxed(
                "a string holds an unknown escape",
                position,
            ))
        }
        None => {
            return Err(ParseError::boxed(
                "the text ends within a string",
                position + 1,
            ))
        }
    };
    tape.unescaped.push(decoded);
    Ok(position + 2)
}

/// Decodes the `\u` escape at `position`, or a surrogate pair. `None` if R's strings cannot store
/// the character.
fn unicode(bytes: &[u8], position: usize) -> Result<(Option<char>, usize), Box<ParseError>> {
    let unit = code_unit(bytes, position)?;
    let end = position + 6;
    if (0xd800..0xdc00).contains(&unit) && bytes[end..].starts_with(b"\\u") {
        let low = code_unit(bytes, end)?;
        if (0xdc00..0xe000).contains(&low) {
            let point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return Ok((char::from_u32(point), end + 6));
        }
    }
    // `from_u32` rejects lone surrogates.
    let decoded = char::from_u32(unit).filter(|decoded| *decoded != '\0');
    Ok((decoded, end))
}

/// The four hexadecimal digits of the `\u` escape at `position`.
fn code_unit(bytes: &[u8], position: usize) -> Result<u32, Box<ParseError>> {
    let digits = bytes.get(position + 2..position + 6).unwrap_or_default();
    let value = digits.iter().try_fold(0, |value, digit| {
        char::from(*digit)
            .to_digit(16)
            .map(|digit| value * 16 + digit)
    });
    match value {
        Some(value) if digits.len() == 4 => Ok(value),
        _ => Err(ParseError::boxed(
            "a \\u escape needs four hexadecimal digits",
            position,
        )),
    }
}

/// Where a run of plain characters ends: at a quote, a backslash, a control character or the end of
/// the text.
pub(crate) fn plain_end(bytes: &[u8], start: usize) -> usize {
    let mut position = start;
    let mut words = bytes[start..].chunks_exact(8);
    for word in &mut words {
        let special = special_bytes(u64::from_le_bytes(word.try_into().unwrap_or_default()));
        if special != 0 {
            return position + special.trailing_zeros() as usize / 8;
        }
        position += 8;
    }
    let rest = words.remainder();
    position
        + rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
            .unwrap_or(rest.len())
}

/// Sets the high bit of each byte that is a quote, a backslash or a control character. Only the
/// lowest set bit is reliable, because a borrow may set bits above it.
fn special_bytes(word: u64) -> u64 {
    const LOW: u64 = u64::MAX / 255;
    const HIGH: u64 = LOW << 7;
    let quote = word ^ (LOW * b'"' as u64);
    let backslash = word ^ (LOW * b'\\' as u64);
    let zero = |word: u64| word.wrapping_sub(LOW) & !word;
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    (zero(quote) | zero(backslash) | control) & HIGH
}
