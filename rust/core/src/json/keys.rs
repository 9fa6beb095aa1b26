//! The keys of objects. Records, one after the other, mostly have the same: they are told by
//! comparing bytes, and kept once.

use super::tape::{Span, Tape, Text};
use super::MAX_DEPTH;

/// What is known of keys while a text is parsed.
pub(super) struct Keys {
    /// For each depth the keys of an object that ended there: a stretch of `Tape::keys`.
    ended: [Span; MAX_DEPTH],
    /// The keys, so far, of objects that are being parsed and whose keys are others.
    open: Vec<Text>,
}

/// The keys of an object that is being parsed.
pub(super) struct ObjectKeys {
    depth: usize,
    len: u32,
    /// The keys of the object before, while they are the same.
    like: Option<Span>,
    /// Where they begin in `Keys::open` otherwise.
    begin: usize,
}

impl Keys {
    pub fn new() -> Self {
        Keys {
            ended: [Span::between(0, 0); MAX_DEPTH],
            open: Vec::with_capacity(16),
        }
    }

    /// Begins with an object, at a depth counted from 0.
    pub fn begin(&self, depth: usize) -> ObjectKeys {
        ObjectKeys {
            depth,
            len: 0,
            like: Some(self.ended[depth]),
            begin: self.open.len(),
        }
    }

    /// Adds a key that is not the expected one.
    pub fn add(&mut self, keys: &mut ObjectKeys, key: Text, tape: &Tape) {
        if let Some(like) = keys.like.take() {
            let same = &tape.keys[like.range()][..keys.len as usize];
            self.open.extend_from_slice(same);
        }
        self.open.push(key);
        keys.len += 1;
    }

    /// Forgets the keys of the last object that ended at a depth: the next is looked at anew.
    pub fn forget(&mut self, depth: usize) {
        self.ended[depth] = Span::between(0, 0);
    }

    /// Ends an object: where its keys begin in `Tape::keys`, and how many they are.
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
    /// Whether they are not those of the object before, nor the first of those.
    pub fn are_new(&self) -> bool {
        self.like.is_none()
    }

    /// Whether the next key, whose opening quote is at `place`, is that of the object before; where
    /// it ends then.
    #[inline]
    pub fn expected(&mut self, source: &str, place: usize, tape: &Tape) -> Option<usize> {
        let like = self.like.filter(|like| self.len < like.len)?;
        let Text::Verbatim(key) = tape.keys[(like.start + self.len) as usize] else {
            return None;
        };
        let bytes = source.as_bytes();
        let quoted = bytes.get(key.start as usize..=key.range().end)?;
        if !bytes[place + 1..].starts_with(quoted) {
            return None;
        }
        self.len += 1;
        Some(place + 1 + quoted.len())
    }
}
