//! How a delta is read: what a choice of a chunk adds, in the forms in which servers tell it.

use std::borrow::Cow;

use super::content;
use crate::json::{Array, Node};

/// What a choice of a chunk adds to the answer.
#[derive(Debug, Clone, Copy)]
pub enum Delta<'a> {
    /// Members of the message.
    Members(Node<'a>),
    /// Text alone, as servers of completions have it.
    Text(Node<'a>),
    /// Nothing.
    None,
}

/// What a choice adds. Where it has a `delta`, that alone counts; a `message` is the whole answer
/// of a server that does not stream, and counts unless something came before (`is_begun`).
pub fn delta(choice: Node<'_>, is_begun: bool) -> Delta<'_> {
    let member = |name| choice.get(name).filter(|it: &Node<'_>| !it.is_null());
    match (member("delta"), member("message"), member("text")) {
        (Some(delta), _, _) => Delta::Members(delta),
        (None, Some(_), _) if is_begun => Delta::None,
        (None, Some(message), _) => Delta::Members(message),
        (None, None, Some(text)) => Delta::Text(text),
        (None, None, None) => Delta::None,
    }
}

/// The index of the choice; servers that have one choice leave it out.
pub fn choice_index(choice: Node<'_>) -> i64 {
    choice.get("index").and_then(Node::as_i64).unwrap_or(0)
}

/// The choices of a chunk.
pub fn choices(chunk: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let choices = chunk.get("choices").and_then(Node::as_array);
    choices.into_iter().flat_map(Array::iter)
}

impl<'a> Delta<'a> {
    /// What it adds to the content of the message.
    pub fn content(self) -> Option<Node<'a>> {
        match self {
            Delta::Members(members) => members.get("content"),
            Delta::Text(text) => Some(text),
            Delta::None => None,
        }
    }

    /// The texts that it adds, for people, in their order.
    pub(super) fn texts(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.content().into_iter().flat_map(content::texts)
    }

    /// Whether it begins the message: adds to it anything but who speaks.
    pub(super) fn begins(self) -> bool {
        let says_something = |value: Node<'_>| match value {
            Node::Null => false,
            Node::String(text) => !text.is_empty(),
            Node::Array(array) => !array.is_empty(),
            _ => true,
        };
        match self {
            Delta::Members(members) => members
                .as_object()
                .into_iter()
                .flatten()
                .any(|(name, value)| name != "role" && says_something(value)),
            Delta::Text(text) => says_something(text),
            Delta::None => false,
        }
    }
}
