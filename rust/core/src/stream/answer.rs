//! The answer that the events of a stream make up.

use std::borrow::Cow;
use std::time::Instant;

use super::event::Event;
use super::kind::{document_of, Answer, EventKind};
use super::pieces::{Piece, Pieces};
use crate::json::{Document, Value};

/// What came of an answer, in the shape that it has without a stream.
#[derive(Debug)]
pub struct StreamedAnswer {
    opened: Instant,
    answer: Box<dyn Answer>,
    pieces: Pieces,
    events: u64,
    replaced: bool,
    /// The id of the response that was asked for, or that the events of a run were made of.
    made_of: Option<String>,
}

impl StreamedAnswer {
    /// An answer of which nothing came yet, to a stream that was opened then.
    pub fn new(kind: EventKind, opened: Instant) -> Self {
        StreamedAnswer {
            opened,
            answer: kind.rules().answer(),
            pieces: Pieces::default(),
            events: 0,
            replaced: false,
            made_of: None,
        }
    }

    /// Notes the id of the response that was asked for.
    pub(super) fn asked_for(&mut self, response_id: Option<String>) {
        self.made_of = response_id;
    }

    /// Adds what the next event brings; this costs what the event is long.
    pub fn add(&mut self, event: &Event) {
        self.events += 1;
        self.replaced |= event.document.has_replacements();
        if self.made_of.is_none() {
            self.made_of = event.response_id.as_deref().map(str::to_owned);
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

    /// The whole answer as far as it came, a document of its own; `None` where nothing did.
    pub fn document(&self) -> Option<Document> {
        document_of(&self.answer.whole()?)
    }

    /// The answer where it is no JSON: the bytes of a sound.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.answer.bytes()
    }

    /// What the model thought before it answered, as far as it came, of a choice, by its index.
    pub fn reasoning(&self, choice: i64) -> Cow<'_, str> {
        self.answer.reasoning(choice)
    }

    /// The id of the response.
    pub fn response_id(&self) -> Option<&str> {
        self.answer.response_id().or(self.made_of.as_deref())
    }

    /// The number of the last event: a stream of the same response can go on behind it.
    pub fn sequence_number(&self) -> Option<i64> {
        self.answer.sequence_number()
    }

    /// The text of a choice, by its index; `None` as long as the choice has not appeared.
    pub fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        self.answer.text(choice)
    }

    /// The tool calls of a choice, by its index, or of a run, as far as they came: an array, a
    /// document of its own; `None` where there are none.
    pub fn tool_calls(&self, choice: i64) -> Option<Document> {
        let calls = self.answer.tool_calls(choice);
        (!calls.is_empty())
            .then_some(Value::Array(calls))
            .as_ref()
            .and_then(document_of)
    }

    /// The texts in the order in which they came; they are stretches of [`StreamedAnswer::text`].
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    pub fn model(&self) -> Option<&str> {
        self.answer.model()
    }

    /// The tokens that were used, a document of its own, if they were told.
    pub fn usage(&self) -> Option<Document> {
        self.answer.usage().and_then(document_of)
    }

    pub fn events(&self) -> u64 {
        self.events
    }

    /// Whether U+FFFD stands in it for what was no text.
    pub fn has_replacements(&self) -> bool {
        self.replaced
    }
}
