//! The flat representation of a document: its values in the order of the text.

/// A span of an arena.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub start: u32,
    pub len: u32,
}

impl Span {
    /// The span between two positions. Texts are shorter than 2 GiB, so positions fit into 32 bits.
    pub fn between(start: usize, end: usize) -> Span {
        Span {
            start: start as u32,
            len: (end - start) as u32,
        }
    }

    pub fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }
}

/// A string in the text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text {
    /// Without escapes: a span of the source.
    Verbatim(Span),
    /// With escapes, decoded: a span of `Tape::unescaped`.
    Unescaped(Span),
}

/// One value, in 16 bytes. It is followed by the elements of an array or the values of an object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    Null,
    Bool(bool),
    Integer(i64),
    Double(f64),
    String(Text),
    /// An array of integers only: a span of `Tape::integers`.
    Integers(Span),
    /// An array of doubles only: a span of `Tape::doubles`.
    Doubles(Span),
    /// Any other array; `end` is the position after its last element.
    Array {
        len: u32,
        end: u32,
    },
    /// An object. `keys` is the position of its first key, `end` the position after its last value.
    /// Objects with the same keys in the same order may share them.
    Object {
        keys: u32,
        len: u32,
        end: u32,
    },
}

/// The values of a document, and the arenas that they refer to.
#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    pub entries: Vec<Entry>,
    pub keys: Vec<Text>,
    pub unescaped: String,
    pub integers: Vec<i64>,
    pub doubles: Vec<f64>,
    /// Whether U+FFFD was substituted for something else.
    pub replaced: bool,
}

/// The assumed number of bytes per value: fewer than in most texts, so that the tape is seldom
/// reallocated.
const BYTES_PER_ENTRY: usize = 8;

/// The assumed number of bytes per key, and the maximum initial capacity for keys: large texts
/// mostly repeat theirs.
const BYTES_PER_KEY: usize = 16;
const FIRST_KEYS: usize = 64;

impl Tape {
    /// An empty tape with capacity for the values of a text.
    pub fn for_source(source: &str) -> Self {
        Tape {
            entries: Vec::with_capacity(1 + source.len() / BYTES_PER_ENTRY),
            keys: Vec::with_capacity((source.len() / BYTES_PER_KEY).min(FIRST_KEYS)),
            ..Tape::default()
        }
    }
}
