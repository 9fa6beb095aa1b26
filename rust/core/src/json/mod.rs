//! JSON text, parsed in one pass into a flat document.
//!
//! The parser is strict but for what real servers send and a client must survive: one byte-order
//! mark is skipped, invalid UTF-8 and lone surrogates become U+FFFD, so does `\u0000` (R cannot
//! hold it), and `NaN`, `Infinity` and `-Infinity` are numbers. Of
//! repeated keys the last counts.

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
pub use node::{Array, Elements, Members, Node, Numbers, Object, Place};
pub(crate) use string::plain_end;
pub use value::{Fields, Value};

use std::ops::Range;

use tape::{Entry, Span, Tape, Text};

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 128;

/// How long a text may be, in bytes: R counts the bytes of a string in an `int`, and the tape its
/// places in 32 bits.
pub const MAX_LENGTH: usize = i32::MAX as usize;

/// What becomes of integers beyond 2^53, of which doubles hold only some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LargeIntegers {
    /// The nearest number.
    #[default]
    Nearest,
    /// A string of their digits.
    Text,
}

/// A parsed JSON text, which owns all that its nodes show.
#[derive(Debug, Clone)]
pub struct Document {
    source: String,
    tape: Tape,
}

/// Where a part of a larger text stands in it; nowhere, if it is no part of that memory.
pub fn place_in(whole: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start + part.len();
    (end <= whole.len()).then_some(start..end)
}

/// Where a stretch stands when others before it, or itself, have been replaced.
fn moved(span: Span, stretches: &[(Range<usize>, Range<usize>)]) -> Span {
    let before = stretches
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
    /// Parses a whole text that holds one value.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Document, ParseError> {
        Document::parse_with(bytes, LargeIntegers::default())
    }

    /// Parses a whole text, with large integers as the caller wants them.
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

    /// Whether U+FFFD stands in it for something else: for bytes that are not UTF-8, `\u0000` or a
    /// lone surrogate.
    pub fn has_replacements(&self) -> bool {
        self.tape.replaced
    }

    /// The document, with U+FFFD for what another has it for that it was made of.
    pub(crate) fn replaced_as(mut self, origin: &Document) -> Document {
        self.tape.replaced |= origin.tape.replaced;
        self
    }

    /// The text that was parsed, with U+FFFD for invalid UTF-8.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The document of a text that differs from this one in some stretches alone: strings without
    /// escapes, and numbers. `stretches` tells where they stand here and there, in their order, and
    /// `numbers` what the numbers are there.
    pub(crate) fn with_changes(
        &self,
        source: String,
        stretches: &[(Range<usize>, Range<usize>)],
        numbers: impl IntoIterator<Item = (Place, i64)>,
    ) -> Document {
        let mut tape = self.tape.clone();
        let values = tape.entries.iter_mut().filter_map(|entry| match entry {
            Entry::String(text) => Some(text),
            _ => None,
        });
        for text in values.chain(&mut tape.keys) {
            if let Text::Verbatim(span) = text {
                *span = moved(*span, stretches);
            }
        }
        for (place, number) in numbers {
            tape.entries[place.position()] = Entry::Integer(number);
        }
        Document { source, tape }
    }

    /// The texts that all strings of its nodes are parts of: the source, and those decoded that
    /// have escapes there.
    pub fn texts(&self) -> [&str; 2] {
        [&self.source, &self.tape.unescaped]
    }

    /// The same texts, without the rest of the document.
    pub fn into_texts(self) -> [String; 2] {
        [self.source, self.tape.unescaped]
    }

    /// The outermost value.
    pub fn root(&self) -> Node<'_> {
        Node::at(self, 0)
    }
}
