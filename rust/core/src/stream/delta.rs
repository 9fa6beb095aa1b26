//! How a delta is read: what a choice of a chunk adds, in the forms in which servers tell it.

use std::borrow::Cow;

use super::content;
use crate::json::{Array, Node};

/// The members in which servers tell what a model thinks: DeepSeek, vLLM and others; OpenRouter and
/// others. Some tell it twice.
pub(super) const REASONING: [&str; 2] = ["reasoning_content", "reasoning"];

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

/// Where in an answer a choice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// In an answer that is not streamed.
    Whole,
    /// In a chunk, before which nothing of the choice came.
    First,
    Later,
}

/// What a choice adds. Of a chunk with a `delta` that alone counts; a `message` is the whole answer
/// of a server that does not stream, and counts unless something came before.
pub fn delta(choice: Node<'_>, position: Position) -> Delta<'_> {
    let member = |name| choice.get(name).filter(|it: &Node<'_>| !it.is_null());
    let [delta, message] = ["delta", "message"].map(member);
    let members = match position {
        Position::Whole => message.or(delta),
        Position::First => delta.or(message),
        Position::Later if message.is_some() && delta.is_none() => return Delta::None,
        Position::Later => delta,
    };
    let text = || member("text").map_or(Delta::None, Delta::Text);
    members.map_or_else(text, Delta::Members)
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

    /// What it adds to what the model thinks.
    pub(super) fn reasoning(self) -> &'a str {
        let Delta::Members(members) = self else {
            return "";
        };
        let mut told = REASONING
            .into_iter()
            .filter_map(|name| members.get(name)?.as_str());
        told.find(|text| !text.is_empty()).unwrap_or_default()
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
