//! Detects the format of a response from its first bytes, because content types are often wrong.

use crate::error::MAX_BODY_BYTES;

/// The number of bytes kept from the beginning: more than an error quotes, to detect that it is
/// longer.
const HEAD_BYTES: usize = MAX_BODY_BYTES + 1;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The format of a response that should be an event stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Probably an event stream.
    Events,
    /// A single JSON text.
    Json,
    /// An HTML page.
    Page,
}

/// Inspects the beginning of a response.
#[derive(Debug, Clone, Default)]
pub(super) struct Sniffer {
    head: Vec<u8>,
    shape: Option<Shape>,
}

impl Sniffer {
    /// The format after these bytes; `None` if there is only white space or part of a byte-order
    /// mark so far.
    pub fn look(&mut self, bytes: &[u8]) -> Option<Shape> {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.shape = self.shape.or_else(|| shape_of(&self.head));
        self.shape
    }

    /// The format found so far.
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// The beginning of the response.
    pub fn head(&self) -> &[u8] {
        &self.head
    }
}

/// A line of an event stream starts with the name of a field or a colon; JSON and HTML do not.
fn shape_of(head: &[u8]) -> Option<Shape> {
    if BYTE_ORDER_MARK.starts_with(head) {
        return None;
    }
    let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    match text.trim_ascii_start().first() {
        None => (head.len() == HEAD_BYTES).then_some(Shape::Events),
        Some(b'{' | b'[') => Some(Shape::Json),
        Some(b'<') => Some(Shape::Page),
        Some(_) => Some(Shape::Events),
    }
}
