//! One event of a stream.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use super::delta::{choice_index, choices, delta, Delta, Position};
use super::kind::{event_type, EventKind};
use crate::json::{Document, Node};
use crate::queue::Weight;

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
    /// The id of the response that it was made of, where it is an event of a run.
    pub(super) response_id: Option<Arc<str>>,
    /// The text that it adds, where that is all it does.
    pub(super) addition: Option<Stretch>,
}

/// Where the text that an event adds stands in its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub choice: i64,
    pub text: Range<usize>,
    pub sequence_number: Option<i64>,
}

/// A text that continues that of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addition<'a> {
    /// The index of the choice.
    pub choice: i64,
    pub text: &'a str,
    /// The number of the event, where it has one.
    pub sequence_number: Option<i64>,
}

impl Event {
    /// The text that the event adds, if it is known to do nothing else. Other events may do no
    /// more, too.
    pub fn addition(&self) -> Option<Addition<'_>> {
        let added = self.addition.as_ref()?;
        Some(Addition {
            choice: added.choice,
            text: &self.document.source()[added.text.clone()],
            sequence_number: added.sequence_number,
        })
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

    /// What the event says it is: its name, or the `type` of its data; `""` where it does not.
    pub fn event_type(&self) -> &str {
        event_type(&self.name, self.document.root())
    }

    /// What the event adds to what the model thinks, in the first choice in it.
    pub fn reasoning(&self) -> Cow<'_, str> {
        self.kind.rules().reasoning(self)
    }

    /// The texts that the event adds, each with the index of its choice. A choice has one, which may
    /// be empty, or several that follow each other. A run has one choice, 0.
    pub fn texts(&self) -> Vec<(i64, Cow<'_, str>)> {
        self.kind.rules().texts(self)
    }

    /// The text that the event adds to the first choice in it, in one piece.
    pub fn text(&self) -> String {
        let texts = self.texts();
        let first = texts.first().map(|(choice, _)| *choice);
        let of_first = texts.iter().filter(|(choice, _)| Some(*choice) == first);
        of_first.map(|(_, text)| text.as_ref()).collect()
    }
}

impl Weight for Event {
    fn bytes(&self) -> usize {
        self.document.source().len()
    }
}
