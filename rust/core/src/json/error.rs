//! Why a text is not JSON.

use std::borrow::Cow;
use std::fmt;

/// What was wrong with a text, and at which byte of [`super::Document::source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What was wrong, in words.
    pub message: Cow<'static, str>,
    /// The byte at which it was noticed.
    pub offset: usize,
}

impl ParseError {
    pub(super) fn new(message: impl Into<Cow<'static, str>>, offset: usize) -> ParseError {
        ParseError {
            message: message.into(),
            offset,
        }
    }

    /// The same in a box, in which the parser's functions return it: they return often, and small
    /// values quickly.
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
