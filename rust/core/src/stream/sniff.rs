//! What an answer is, told by its first bytes: servers are wrong about content types.

use crate::error::MOST_BODY_BYTES;

/// The most bytes of the beginning that are kept: more than an error quotes, so that it is told
/// that there were more.
const HEAD_BYTES: usize = MOST_BODY_BYTES + 1;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// What an answer that should be an event stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An event stream, as far as can be told.
    Events,
    /// One JSON text.
    Json,
    /// A page for people.
    Page,
}

/// Looks at the beginning of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Sniffer {
    head: Vec<u8>,
    shape: Option<Shape>,
}

impl Sniffer {
    /// What the answer is, now that these bytes have come; `None` while it begins with white space
    /// alone, or with a part of a byte order mark.
    pub fn look(&mut self, bytes: &[u8]) -> Option<Shape> {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.shape = self.shape.or_else(|| shape_of(&self.head));
        self.shape
    }

    /// What the answer is, as far as it came.
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// The beginning of the answer.
    pub fn head(&self) -> &[u8] {
        &self.head
    }
}

/// A line of an event stream begins with the name of a field or a colon, never as JSON or a page
/// do.
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
