//! What differs between streams of events: a trait, and a file for each kind.

mod chat;
mod run;

use std::borrow::Cow;
use std::fmt::Debug;

use super::event::Event;
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Node, Value};

/// Which events a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Chunks of a chat completion.
    Chat,
    /// Events of a run of an assistant.
    Run,
}

impl EventKind {
    pub(super) fn rules(self) -> &'static dyn Kind {
        match self {
            EventKind::Chat => &chat::Chat,
            EventKind::Run => &run::Run,
        }
    }
}

/// A kind of stream.
pub(super) trait Kind: Sync {
    /// The texts that an event adds, each with the index of its choice. A choice has one, which may
    /// be empty, or several that follow each other. What has no choices has one, 0.
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)>;

    /// The error that an event of that name tells.
    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported>;

    /// What the answer of a server that does not stream must have; None where nothing is known of
    /// it.
    fn expected(&self) -> Option<Expected>;

    /// Whether most events are the one before with another text in it.
    fn has_alike_events(&self) -> bool;

    /// The course of a stream of which nothing came yet.
    fn course(&self) -> Box<dyn Course>;

    /// The answer of which nothing came yet.
    fn answer(&self) -> Box<dyn Answer>;
}

/// How far a stream has come.
pub(super) trait Course: Debug + Send + Sync {
    fn note(&mut self, event: &Event);

    /// Notes an event that does nothing but add to the text of a choice.
    fn note_text(&mut self, _choice: i64, _text: &str) {}

    /// Whether what came is a complete answer where a server closes without `[DONE]`.
    fn is_complete(&self) -> bool;

    /// Whether the server said that it could not finish the answer.
    fn has_failed(&self) -> bool {
        false
    }

    /// The choices of which something came.
    fn begun(&self) -> Vec<i64> {
        Vec::new()
    }

    fn boxed(&self) -> Box<dyn Course>;
}

impl Clone for Box<dyn Course> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// The answer that events make up, in the shape that it has without a stream.
pub(super) trait Answer: Debug + Send {
    fn add(&mut self, event: &Event);

    /// Adds to the text of a choice.
    fn add_text(&mut self, _choice: i64, _text: &str) {}

    /// The whole answer as far as it came; `None` where nothing did.
    fn whole(&self) -> Option<Value>;

    /// The text of a choice, by its index; `None` as long as the choice has not appeared.
    fn text(&self, choice: i64) -> Option<Cow<'_, str>>;

    /// The tool calls of a choice, by its index.
    fn tool_calls(&self, choice: i64) -> Vec<Value>;

    fn model(&self) -> Option<&str>;

    /// The tokens that were used, if they were told.
    fn usage(&self) -> Option<&Value>;
}
