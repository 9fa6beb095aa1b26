//! Events of a stream.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use super::delta::{choice_index, choices, delta, Delta, Position};
use super::kind::{event_type, EventKind};
use crate::json::{Document, Node};
use crate::queue::Weight;

/// A parsed event.
#[derive(Debug)]
pub struct Event {
    /// The field `event`; `""` if there is none.
    pub name: String,
    /// The field `data`.
    pub document: Document,
    /// When its last byte arrived.
    pub arrived: Instant,
    pub(super) kind: EventKind,
    /// The choices that appeared before, where relevant.
    pub(super) started_choices: Vec<i64>,
    /// Whether it is the complete response of a server that does not stream.
    pub(super) is_whole: bool,
    /// The id of the response, if this is an event of a run created from a response.
    pub(super) response_id: Option<Arc<str>>,
    /// The text that it adds, if it does nothing else.
    pub(super) addition: Option<TextRange>,
}

/// The position of the added text in the source of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextRange {
    pub choice: i64,
    pub text: Range<usize>,
    pub sequence_number: Option<i64>,
}

/// Text that is appended to a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addition<'a> {
    /// The index of the choice.
    pub choice: i64,
    pub text: &'a str,
    /// The number of the event, if it has one.
    pub sequence_number: Option<i64>,
}

impl Event {
    /// The text that the event adds, if it is known to do nothing else; `None` does not mean that
    /// it does more.
    pub fn addition(&self) -> Option<Addition<'_>> {
        let added = self.addition.as_ref()?;
        Some(Addition {
            choice: added.choice,
            text: &self.document.source()[added.text.clone()],
            sequence_number: added.sequence_number,
        })
    }

    /// The choices of a chunk, with their indexes and deltas.
    pub fn deltas(&self) -> impl Iterator<Item = (i64, Node<'_>, Delta<'_>)> {
        choices(self.document.root()).map(|choice| {
            let index = choice_index(choice);
            let position = match self.started_choices.contains(&index) {
                _ if self.is_whole => Position::Whole,
                true => Position::Later,
                false => Position::First,
            };
            (index, choice, delta(choice, position))
        })
    }

    /// The type of the event: its name, or the `type` of its data; `""` if there is neither.
    pub fn event_type(&self) -> &str {
        event_type(&self.name, self.document.root())
    }

    /// The reasoning that the event adds to its first choice.
    pub fn reasoning(&self) -> Cow<'_, str> {
        self.kind.rules().reasoning(self)
    }

    /// The texts that the event adds, with the indexes of their choices. A choice has one text,
    /// which may be empty, or several consecutive ones. A run has a single choice, 0.
    pub fn texts(&self) -> Vec<(i64, Cow<'_, str>)> {
        self.kind.rules().texts(self)
    }

    /// The text that the event adds to its first choice.
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
