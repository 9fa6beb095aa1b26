//! Reads deltas: what a chunk adds to a choice, in the formats of various servers.

use std::borrow::Cow;

use super::content;
use crate::json::{Array, Node};

/// The members that contain reasoning: DeepSeek, vLLM and others; OpenRouter and others. Some
/// servers send both.
pub(super) const REASONING: [&str; 2] = ["reasoning_content", "reasoning"];

/// What a chunk adds to a choice.
#[derive(Debug, Clone, Copy)]
pub enum Delta<'a> {
    /// Members of the message.
    Members(Node<'a>),
    /// Text only, as in completions.
    Text(Node<'a>),
    /// Nothing.
    None,
}

/// Where a choice appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// In a response that is not streamed.
    Whole,
    /// In the first chunk of the choice.
    First,
    Later,
}

/// The delta of a choice. If there is a `delta`, only this counts. A `message` is the complete
/// answer of a server that does not stream; it is ignored if deltas came before.
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

/// The index of the choice; servers with a single choice may omit it.
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

    /// The texts that it adds, in order, without reasoning.
    pub(super) fn texts(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.content().into_iter().flat_map(content::texts)
    }

    /// The reasoning that it adds.
    pub(super) fn reasoning(self) -> &'a str {
        let Delta::Members(members) = self else {
            return "";
        };
        let mut found = REASONING
            .into_iter()
            .filter_map(|name| members.get(name)?.as_str());
        found.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// Whether it starts the message, that is, contains more than the role.
    pub(super) fn begins(self) -> bool {
        let has_content = |value: Node<'_>| match value {
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
                .any(|(name, value)| name != "role" && has_content(value)),
            Delta::Text(text) => has_content(text),
            Delta::None => false,
        }
    }
}
