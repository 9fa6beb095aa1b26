//! Reads the values of a document.

use std::num::NonZeroU32;

use super::tape::{Entry, Text};
use super::Document;

/// A value in a document.
#[derive(Debug, Clone, Copy)]
pub enum Node<'a> {
    Null,
    Bool(bool),
    /// A number without fraction or exponent that fits into 64 bits.
    Integer(i64),
    /// Any other number.
    Double(f64),
    String(&'a str),
    Array(Array<'a>),
    Object(Object<'a>),
}

/// The elements of an array.
#[derive(Debug, Clone, Copy)]
pub struct Array<'a>(Store<'a>);

#[derive(Debug, Clone, Copy)]
enum Store<'a> {
    Entries {
        document: &'a Document,
        first: u32,
        len: u32,
    },
    Numbers(Numbers<'a>),
}

/// The elements of an array that contains only numbers of one kind.
#[derive(Debug, Clone, Copy)]
pub enum Numbers<'a> {
    Integers(&'a [i64]),
    Doubles(&'a [f64]),
}

/// The position of a value below the top level; smaller than a [`Node`].
#[derive(Debug, Clone, Copy)]
pub struct ValuePosition(NonZeroU32);

impl ValuePosition {
    pub(super) fn index(self) -> usize {
        self.0.get() as usize
    }
}

/// The members of an object.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    document: &'a Document,
    keys: u32,
    first: u32,
    len: u32,
}

impl<'a> Node<'a> {
    pub(super) fn at(document: &'a Document, position: usize) -> Node<'a> {
        let tape = &document.tape;
        match tape.entries[position] {
            Entry::Null => Node::Null,
            Entry::Bool(value) => Node::Bool(value),
            Entry::Integer(value) => Node::Integer(value),
            Entry::Double(value) => Node::Double(value),
            Entry::String(text) => Node::String(content(document, text)),
            Entry::Integers(span) => {
                let numbers = Numbers::Integers(&tape.integers[span.range()]);
                Node::Array(Array(Store::Numbers(numbers)))
            }
            Entry::Doubles(span) => {
                let numbers = Numbers::Doubles(&tape.doubles[span.range()]);
                Node::Array(Array(Store::Numbers(numbers)))
            }
            // Positions and lengths fit into 32 bits, because texts are shorter than 2 GiB. This
            // keeps nodes small; there is one for each value.
            Entry::Array { len, .. } => Node::Array(Array(Store::Entries {
                document,
                first: position as u32 + 1,
                len,
            })),
            Entry::Object { keys, len, .. } => Node::Object(Object {
                document,
                keys,
                first: position as u32 + 1,
                len,
            }),
        }
    }

    pub fn is_null(self) -> bool {
        matches!(self, Node::Null)
    }

    pub fn as_bool(self) -> Option<bool> {
        match self {
            Node::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a [`Node::Integer`].
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Node::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a number of either kind.
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Node::Integer(value) => Some(value as f64),
            Node::Double(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_str(self) -> Option<&'a str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_array(self) -> Option<Array<'a>> {
        match self {
            Node::Array(array) => Some(array),
            _ => None,
        }
    }

    pub fn as_object(self) -> Option<Object<'a>> {
        match self {
            Node::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The member `key`, if this is an object that has it.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.as_object()?.get(key)
    }
}

impl<'a> Array<'a> {
    pub fn len(self) -> usize {
        match self.0 {
            Store::Entries { len, .. } => len as usize,
            Store::Numbers(Numbers::Integers(values)) => values.len(),
            Store::Numbers(Numbers::Doubles(values)) => values.len(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub fn iter(self) -> Elements<'a> {
        Elements {
            store: self.0,
            next: 0,
            position: self.first_position(),
        }
    }

    /// The elements as a slice, if they are numbers of one kind. `None` for an empty array.
    pub fn numbers(self) -> Option<Numbers<'a>> {
        match self.0 {
            Store::Numbers(numbers) => Some(numbers),
            Store::Entries { .. } => None,
        }
    }

    fn first_position(self) -> usize {
        match self.0 {
            Store::Entries { first, .. } => first as usize,
            Store::Numbers(_) => 0,
        }
    }
}

impl<'a> Object<'a> {
    /// The number of members.
    pub fn len(self) -> usize {
        self.len as usize
    }

    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    pub fn iter(self) -> Members<'a> {
        Members {
            document: self.document,
            keys: self.texts().iter(),
            position: self.first as usize,
        }
    }

    /// The keys.
    pub fn keys(self) -> impl Iterator<Item = &'a str> {
        let document = self.document;
        self.texts().iter().map(move |key| content(document, *key))
    }

    fn texts(self) -> &'a [Text] {
        let first = self.keys as usize;
        &self.document.tape.keys[first..first + self.len()]
    }

    /// The positions of the values, in the order of the keys.
    pub fn positions(self) -> impl Iterator<Item = ValuePosition> + 'a {
        let mut next = self.first as usize;
        (0..self.len).filter_map(move |_| {
            let position = next;
            next = position_after(self.document, position);
            NonZeroU32::new(position as u32).map(ValuePosition)
        })
    }

    /// Whether both objects of a document are known to have the same keys in the same order. May be
    /// false for equal keys.
    pub fn shares_keys(self, other: Object<'_>) -> bool {
        self.keys == other.keys && self.len == other.len
    }

    /// The value at a position in this document.
    pub fn at(self, position: ValuePosition) -> Node<'a> {
        Node::at(self.document, position.index())
    }

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        let mut members = self.keys().zip(self.positions());
        let known = members.find(|(name, _)| *name == key);
        known.map(|(_, position)| self.at(position))
    }
}

/// Iterates over the elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    store: Store<'a>,
    next: usize,
    position: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let node = match self.store {
            Store::Numbers(Numbers::Integers(values)) => Node::Integer(*values.get(self.next)?),
            Store::Numbers(Numbers::Doubles(values)) => Node::Double(*values.get(self.next)?),
            Store::Entries { document, len, .. } => {
                if self.next == len as usize {
                    return None;
                }
                let position = self.position;
                self.position = position_after(document, position);
                Node::at(document, position)
            }
        };
        self.next += 1;
        Some(node)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = Array(self.store).len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Elements<'_> {}

/// Iterates over the members of an object.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    document: &'a Document,
    keys: std::slice::Iter<'a, Text>,
    position: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<(&'a str, Node<'a>)> {
        let name = content(self.document, *self.keys.next()?);
        let value = Node::at(self.document, self.position);
        self.position = position_after(self.document, self.position);
        Some((name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.keys.size_hint()
    }
}

impl ExactSizeIterator for Members<'_> {}

impl<'a> IntoIterator for Array<'a> {
    type Item = Node<'a>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (&'a str, Node<'a>);
    type IntoIter = Members<'a>;

    fn into_iter(self) -> Members<'a> {
        self.iter()
    }
}

/// The position after that of the value at `position`.
fn position_after(document: &Document, position: usize) -> usize {
    match document.tape.entries[position] {
        Entry::Array { end, .. } | Entry::Object { end, .. } => end as usize,
        _ => position + 1,
    }
}

/// The content of a string of the document.
fn content(document: &Document, text: Text) -> &str {
    match text {
        Text::Verbatim(span) => &document.source[span.range()],
        Text::Unescaped(span) => &document.tape.unescaped[span.range()],
    }
}
