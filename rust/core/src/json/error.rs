//! JSON syntax errors.

use std::borrow::Cow;
use std::fmt;

/// A syntax error, with its position in [`super::Document::source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The description of the error.
    pub message: Cow<'static, str>,
    /// The byte offset of the error.
    pub offset: usize,
}

impl ParseError {
    pub(super) fn new(message: impl Into<Cow<'static, str>>, offset: usize) -> ParseError {
        ParseError {
            message: message.into(),
            offset,
        }
    }

    /// Boxes the error, because the parser's functions return often and a small result is faster.
    #[cold]
    pub(super) fn boxed(message: impl Into<Cow<'static, str>>, offset: usize) -> Box<ParseError> {
        Box::new(ParseError::new(message, offset))
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "invalid JSON at byte {}: {}",
            self.offset, self.message
        )
    }
}

impl std::error::Error for ParseError {}
