//! The flat form of a document: its values in the order of the text.

/// A stretch of an arena.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub start: u32,
    pub len: u32,
}

impl Span {
    /// The stretch between two places. Texts are shorter than 2 GiB, so no place outgrows 32 bits.
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

/// A string of a text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text {
    /// Without escapes: a stretch of the source.
    Verbatim(Span),
    /// With escapes, decoded: a stretch of `Tape::unescaped`.
    Unescaped(Span),
}

/// One value, in 16 bytes. The elements of an array follow it, and so do the values of an object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    Null,
    Bool(bool),
    Integer(i64),
    Double(f64),
    String(Text),
    /// An array of integers alone: a stretch of `Tape::integers`.
    Integers(Span),
    /// An array of doubles alone: a stretch of `Tape::doubles`.
    Doubles(Span),
    /// Any other array; `end` is the place after its last element.
    Array {
        len: u32,
        end: u32,
    },
    /// An object, whose keys are those from `keys` on, and `end` the place after its last value.
    /// Objects with the same keys in the same order may share them.
    Object {
        keys: u32,
        len: u32,
        end: u32,
    },
}

/// The values of a document and the arenas they point into.
#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    pub entries: Vec<Entry>,
    pub keys: Vec<Text>,
    pub unescaped: String,
    pub integers: Vec<i64>,
    pub doubles: Vec<f64>,
    /// Whether U+FFFD stands for something else.
    pub replaced: bool,
}

/// How many bytes of a text there are for each value, where there are few: less than in most texts,
/// so that the tape seldom has to move.
const BYTES_PER_ENTRY: usize = 8;

/// How many bytes of a text there are for each key, where there are few, and how many keys there is
/// room for at first: large texts mostly repeat theirs.
const BYTES_PER_KEY: usize = 16;
const FIRST_KEYS: usize = 64;

impl Tape {
    /// An empty tape with room for the values of a text.
    pub fn for_source(source: &str) -> Self {
        Tape {
            entries: Vec::with_capacity(1 + source.len() / BYTES_PER_ENTRY),
            keys: Vec::with_capacity((source.len() / BYTES_PER_KEY).min(FIRST_KEYS)),
            ..Tape::default()
        }
    }
}
