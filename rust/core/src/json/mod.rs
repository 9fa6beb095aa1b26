//! Parses JSON text in one pass into a flat document.
//!
//! The parser is strict, with the exceptions that real servers require: a byte-order mark is
//! skipped; invalid UTF-8, lone surrogates and `\u0000` (which R cannot store) become U+FFFD;
//! `NaN`, `Infinity` and `-Infinity` are numbers. If a key is repeated, the last value wins.

mod error;
mod keys;
mod node;
mod number;
mod parser;
mod repeated;
mod string;
mod tape;
mod value;

pub use error::ParseError;
pub use node::{Array, Elements, Members, Node, Numbers, Object, ValuePosition};
pub(crate) use string::plain_end;
pub use value::{Fields, Value};

use std::ops::Range;

use tape::{Entry, Span, Tape, Text};

/// The maximum nesting depth of arrays and objects.
pub const MAX_DEPTH: usize = 128;

/// The maximum length of a text in bytes: R stores the length of a string in an `int`, and the tape
/// stores positions in 32 bits.
pub const MAX_LENGTH: usize = i32::MAX as usize;

/// How to represent integers beyond 2^53, which a double may not represent exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LargeIntegers {
    /// As the nearest double.
    #[default]
    Nearest,
    /// As a string of digits.
    Text,
}

/// A parsed JSON text. It owns the data of its nodes.
#[derive(Debug, Clone)]
pub struct Document {
    source: String,
    tape: Tape,
}

/// The range of `part` within `whole`; `None` if it is not part of that memory.
pub fn range_in(whole: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start + part.len();
    (end <= whole.len()).then_some(start..end)
}

/// The position of a span after replacements before it or of itself.
fn moved(span: Span, changes: &[(Range<usize>, Range<usize>)]) -> Span {
    let before = changes
        .iter()
        .rev()
        .find(|(old, _)| old.start <= span.start as usize);
    match before {
        None => span,
        Some((old, new)) if old.start == span.start as usize => Span::between(new.start, new.end),
        Some((old, new)) => {
            let start = span.start as usize - old.end + new.end;
            Span::between(start, start + span.len as usize)
        }
    }
}

impl Document {
    /// Parses a text that contains one value.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Document, ParseError> {
        Document::parse_with(bytes, LargeIntegers::default())
    }

    /// Parses a text that contains one value, with an option for large integers.
    pub fn parse_with(
        bytes: impl Into<Vec<u8>>,
        large: LargeIntegers,
    ) -> Result<Document, ParseError> {
        let (source, is_utf8) = match String::from_utf8(bytes.into()) {
            Ok(text) => (text, true),
            Err(error) => (
                String::from_utf8_lossy(error.as_bytes()).into_owned(),
                false,
            ),
        };
        if source.len() > MAX_LENGTH {
            return Err(ParseError::new("the text is longer than 2 GiB", MAX_LENGTH));
        }
        let mut tape = parser::parse(&source, large).map_err(|error| *error)?;
        tape.replaced |= !is_utf8;
        Ok(Document { source, tape })
    }

    /// Whether U+FFFD was substituted for invalid UTF-8, `\u0000` or a lone surrogate.
    pub fn has_replacements(&self) -> bool {
        self.tape.replaced
    }

    /// Marks the document as containing replacements if `origin` does.
    pub(crate) fn replaced_as(mut self, origin: &Document) -> Document {
        self.tape.replaced |= origin.tape.replaced;
        self
    }

    /// The parsed text, with U+FFFD for invalid UTF-8.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The document of a text that differs from this one only in some spans: strings without
    /// escapes, and numbers. `changes` lists the positions of the spans in both texts in order;
    /// `numbers` lists the new values of the numbers.
    pub(crate) fn with_changes(
        &self,
        source: String,
        changes: &[(Range<usize>, Range<usize>)],
        numbers: impl IntoIterator<Item = (ValuePosition, i64)>,
    ) -> Document {
        let mut tape = self.tape.clone();
        let values = tape.entries.iter_mut().filter_map(|entry| match entry {
            Entry::String(text) => Some(text),
            _ => None,
        });
        for text in values.chain(&mut tape.keys) {
            if let Text::Verbatim(span) = text {
                *span = moved(*span, changes);
            }
        }
        for (position, number) in numbers {
            tape.entries[position.index()] = Entry::Integer(number);
        }
        Document { source, tape }
    }

    /// The texts that contain all strings of the document: the source, and the decoded strings that
    /// have escapes in the source.
    pub fn texts(&self) -> [&str; 2] {
        [&self.source, &self.tape.unescaped]
    }

    /// Converts the document into these texts.
    pub fn into_texts(self) -> [String; 2] {
        [self.source, self.tape.unescaped]
    }

    /// The top-level value.
    pub fn root(&self) -> Node<'_> {
        Node::at(self, 0)
    }
}
