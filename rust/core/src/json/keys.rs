//! Object keys. Consecutive records mostly have the same keys, so keys are compared by their bytes
//! and stored once.

use super::tape::{Span, Tape, Text};
use super::MAX_DEPTH;

/// The state of the keys during parsing.
pub(super) struct Keys {
    /// For each depth, the keys of the last object that ended there: a span of `Tape::keys`.
    ended: [Span; MAX_DEPTH],
    /// The keys of unfinished objects whose keys differ from those of the previous object.
    open: Vec<Text>,
}

/// The keys of an object that is being parsed.
pub(super) struct ObjectKeys {
    depth: usize,
    len: u32,
    /// The keys of the previous object, as long as they are equal.
    like: Option<Span>,
    /// Otherwise, where the keys start in `Keys::open`.
    begin: usize,
}

impl Keys {
    pub fn new() -> Self {
        Keys {
            ended: [Span::between(0, 0); MAX_DEPTH],
            open: Vec::with_capacity(16),
        }
    }

    /// Starts an object; `depth` counts from 0.
    pub fn begin(&self, depth: usize) -> ObjectKeys {
        ObjectKeys {
            depth,
            len: 0,
            like: Some(self.ended[depth]),
            begin: self.open.len(),
        }
    }

    /// Adds a key that differs from the expected one.
    pub fn add(&mut self, keys: &mut ObjectKeys, key: Text, tape: &Tape) {
        if let Some(like) = keys.like.take() {
            let same = &tape.keys[like.range()][..keys.len as usize];
            self.open.extend_from_slice(same);
        }
        self.open.push(key);
        keys.len += 1;
    }

    /// Forgets the keys of the last object at a depth, so that the next object is compared with
    /// nothing.
    pub fn forget(&mut self, depth: usize) {
        self.ended[depth] = Span::between(0, 0);
    }

    /// Ends an object. Returns where its keys start in `Tape::keys`, and their number.
    pub fn end(&mut self, keys: ObjectKeys, tape: &mut Tape) -> (u32, u32) {
        let start = match keys.like {
            Some(like) => like.start,
            None => {
                let start = tape.keys.len();
                tape.keys.extend(self.open.drain(keys.begin..));
                let own = Span::between(start, tape.keys.len());
                self.ended[keys.depth] = own;
                own.start
            }
        };
        (start, keys.len)
    }
}

impl ObjectKeys {
    /// Whether the keys are not a prefix of those of the previous object.
    pub fn are_new(&self) -> bool {
        self.like.is_none()
    }

    /// If the key whose opening quote is at `position` equals that of the previous object, returns
    /// where it ends.
    #[inline]
    pub fn expected(&mut self, source: &str, position: usize, tape: &Tape) -> Option<usize> {
        let like = self.like.filter(|like| self.len < like.len)?;
        let Text::Verbatim(key) = tape.keys[(like.start + self.len) as usize] else {
            return None;
        };
        let bytes = source.as_bytes();
        let quoted = bytes.get(key.start as usize..=key.range().end)?;
        if !bytes[position + 1..].starts_with(quoted) {
            return None;
        }
        self.len += 1;
        Some(position + 1 + quoted.len())
    }
}
