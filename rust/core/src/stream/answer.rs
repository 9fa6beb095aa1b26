//! The answer that the events of a stream add up to.

use std::borrow::Cow;
use std::time::Instant;

use super::event::Event;
use super::kind::{document_of, Answer, EventKind};
use super::pieces::{Piece, Pieces};
use crate::json::{Document, Value};

/// The answer received so far, in the shape of a response without streaming.
#[derive(Debug)]
pub struct StreamedAnswer {
    opened: Instant,
    answer: Box<dyn Answer>,
    pieces: Pieces,
    events: u64,
    replaced: bool,
    /// The id of the response that was requested, or from which the events of a run were created.
    source_response_id: Option<String>,
}

impl StreamedAnswer {
    /// An empty answer to a stream opened at `opened`.
    pub fn new(kind: EventKind, opened: Instant) -> Self {
        StreamedAnswer {
            opened,
            answer: kind.rules().answer(),
            pieces: Pieces::default(),
            events: 0,
            replaced: false,
            source_response_id: None,
        }
    }

    /// Sets the id of the requested response.
    pub(super) fn asked_for(&mut self, response_id: Option<String>) {
        self.source_response_id = response_id;
    }

    /// Adds the next event. The cost is proportional to the length of the event.
    pub fn add(&mut self, event: &Event) {
        self.events += 1;
        self.replaced |= event.document.has_replacements();
        if self.source_response_id.is_none() {
            self.source_response_id = event.response_id.as_deref().map(str::to_owned);
        }
        match event.addition() {
            Some(addition) => self.add_piece(event, addition.choice, addition.text),
            None => {
                for (choice, text) in event.texts() {
                    self.add_piece(event, choice, &text);
                }
            }
        }
        self.answer.take(event);
    }

    fn add_piece(&mut self, event: &Event, choice: i64, text: &str) {
        if !text.is_empty() {
            let passed = event.arrived.saturating_duration_since(self.opened);
            self.pieces.push(Piece {
                choice: choice as u32,
                bytes: text.len(),
                seconds: passed.as_secs_f32(),
            });
        }
    }

    /// The answer received so far, as a new document; `None` if there is nothing yet.
    pub fn document(&self) -> Option<Document> {
        document_of(&self.answer.whole()?)
    }

    /// The bytes of an answer that is not JSON, such as audio.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.answer.bytes()
    }

    /// The reasoning received so far for the choice with this index.
    pub fn reasoning(&self, choice: i64) -> Cow<'_, str> {
        self.answer.reasoning(choice)
    }

    /// The id of the response.
    pub fn response_id(&self) -> Option<&str> {
        self.answer
            .response_id()
            .or(self.source_response_id.as_deref())
    }

    /// The number of the last event; a stream of the same response can resume after it.
    pub fn sequence_number(&self) -> Option<i64> {
        self.answer.sequence_number()
    }

    /// The text of the choice with this index; `None` if the choice has not appeared yet.
    pub fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        self.answer.text(choice)
    }

    /// The tool calls received so far for the choice with this index, or for a run: an array, as a
    /// new document; `None` if there are none.
    pub fn tool_calls(&self, choice: i64) -> Option<Document> {
        let calls = self.answer.tool_calls(choice);
        (!calls.is_empty())
            .then_some(Value::Array(calls))
            .as_ref()
            .and_then(document_of)
    }

    /// The texts in order of arrival; they are parts of [`StreamedAnswer::text`].
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    pub fn model(&self) -> Option<&str> {
        self.answer.model()
    }

    /// The reported usage, as a new document.
    pub fn usage(&self) -> Option<Document> {
        self.answer.usage().and_then(document_of)
    }

    pub fn events(&self) -> u64 {
        self.events
    }

    /// Whether invalid text was replaced by U+FFFD.
    pub fn has_replacements(&self) -> bool {
        self.replaced
    }
}
