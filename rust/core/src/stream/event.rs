//! One event of a stream.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Instant;

use super::delta::{choice_index, choices, delta, Delta, Position};
use super::queue::Weight;
use crate::json::{Array, Document, Node};

/// Which events a stream carries, and so what tells that it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Chunks of a chat completion.
    Chat,
    /// Events of a run of an assistant.
    Run,
}

/// An event of the stream, parsed.
#[derive(Debug)]
pub struct Event {
    /// The field `event`, `""` if there was none.
    pub name: String,
    /// The field `data`.
    pub document: Document,
    /// When its last byte came.
    pub arrived: Instant,
    pub(super) kind: EventKind,
    /// The choices of which something came before, where that matters.
    pub(super) begun: Vec<i64>,
    /// Whether it is the whole answer of a server that does not stream.
    pub(super) is_whole: bool,
    /// The text that it adds, where that is all it does.
    pub(super) addition: Option<Addition>,
}

/// A text that continues that of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addition {
    /// The index of the choice.
    pub choice: i64,
    /// Where the text stands in the source of the event.
    pub text: Range<usize>,
}

impl Event {
    /// The choice and the text that the event adds to it, if it is a chunk of which it is known
    /// that it does nothing else. Other events may do no more, too.
    pub fn addition(&self) -> Option<(i64, &str)> {
        let Addition { choice, text } = self.addition.as_ref()?;
        Some((*choice, &self.document.source()[text.clone()]))
    }

    /// The choices of a chunk, each with its index and what it adds.
    pub fn deltas(&self) -> impl Iterator<Item = (i64, Node<'_>, Delta<'_>)> {
        choices(self.document.root()).map(|choice| {
            let index = choice_index(choice);
            let position = match self.begun.contains(&index) {
                _ if self.is_whole => Position::Whole,
                true => Position::Later,
                false => Position::First,
            };
            (index, choice, delta(choice, position))
        })
    }

    /// The texts that the event adds, each with the index of its choice. A choice has one, which may
    /// be empty, or several that follow each other. A run has one choice, 0.
    pub fn texts(&self) -> Vec<(i64, Cow<'_, str>)> {
        let root = self.document.root();
        match self.kind {
            EventKind::Chat => self
                .deltas()
                .flat_map(|(index, _, delta)| {
                    let mut texts: Vec<Cow<'_, str>> = delta.texts().collect();
                    if texts.is_empty() {
                        texts.push("".into());
                    }
                    texts.into_iter().map(move |text| (index, text))
                })
                .collect(),
            EventKind::Run => {
                let content = root.get("delta").and_then(|delta| delta.get("content"));
                let values = elements(content).filter_map(|part| part.get("text")?.get("value"));
                values
                    .map(|value| (0, value.as_str().unwrap_or_default().into()))
                    .collect()
            }
        }
    }

    /// The text that the event adds to the first choice in it, in one piece.
    pub fn text(&self) -> String {
        let texts = self.texts();
        let first = texts.first().map(|(choice, _)| *choice);
        let of_first = texts.iter().filter(|(choice, _)| Some(*choice) == first);
        of_first.map(|(_, text)| text.as_ref()).collect()
    }
}

fn elements<'a>(array: Option<Node<'a>>) -> impl Iterator<Item = Node<'a>> {
    let array = array.and_then(Node::as_array);
    array.into_iter().flat_map(Array::iter)
}

impl Weight for Event {
    fn bytes(&self) -> usize {
        self.document.source().len()
    }
}
