//! The kinds of event streams: a trait, with one file per kind.

mod chat;
mod completed_by;
mod completion;
mod image;
mod plain;
mod response;
mod run;
mod speech;
mod transcription;

use std::borrow::Cow;
use std::fmt::Debug;

pub(super) use self::response::{is_final, members, ResponseAnswer};
use super::event::{Addition, Event};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Document, Fields, Node, Value};

/// The kind of events in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Chunks of a chat completion.
    Chat,
    /// Chunks of a text completion.
    Completion,
    /// Events of a response.
    Response,
    /// Events of a run of an assistant.
    Run,
    /// Partial and final images.
    Image,
    /// The text of a transcription.
    Transcription,
    /// Chunks of audio.
    Speech,
    /// Any other events.
    Plain,
}

impl EventKind {
    pub const ALL: [EventKind; 8] = [
        EventKind::Chat,
        EventKind::Completion,
        EventKind::Response,
        EventKind::Run,
        EventKind::Image,
        EventKind::Transcription,
        EventKind::Speech,
        EventKind::Plain,
    ];

    /// The kind with this name.
    pub fn named(name: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            EventKind::Chat => "chat",
            EventKind::Completion => "completion",
            EventKind::Response => "response",
            EventKind::Run => "run",
            EventKind::Image => "image",
            EventKind::Transcription => "transcription",
            EventKind::Speech => "speech",
            EventKind::Plain => "events",
        }
    }

    /// Whether events have types; chunks have none.
    pub fn has_types(self) -> bool {
        !matches!(self, EventKind::Chat | EventKind::Completion)
    }

    pub(super) fn rules(self) -> &'static dyn Kind {
        match self {
            EventKind::Chat => &chat::Chat,
            EventKind::Completion => &completion::Completion,
            EventKind::Response => &response::Response,
            EventKind::Run => &run::Run,
            EventKind::Image => &image::Image,
            EventKind::Transcription => &transcription::Transcription,
            EventKind::Speech => &speech::Speech,
            EventKind::Plain => &plain::Plain,
        }
    }
}

/// A kind of stream.
pub(super) trait Kind: Sync {
    /// The texts that an event adds, with the indexes of their choices. A choice has one text,
    /// which may be empty, or several consecutive ones. Kinds without choices use index 0.
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)>;

    /// The reasoning that an event adds to its first choice.
    fn reasoning<'a>(&self, _event: &'a Event) -> Cow<'a, str> {
        Cow::Borrowed("")
    }

    /// The error that an event with this name reports.
    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported>;

    /// What the response of a server that does not stream must contain; `None` if unknown.
    fn expected(&self) -> Option<Expected>;

    /// The parts in which the following events are expected to differ from this one: its text, its
    /// number and its padding. `None` if it adds no text, or has any other effect when it is
    /// repeated.
    fn varying<'a>(&self, _name: &str, _root: Node<'a>) -> Option<Varying<'a>> {
        None
    }

    /// The initial state of a stream.
    fn state(&self) -> Box<dyn StreamState>;

    /// An empty answer.
    fn answer(&self) -> Box<dyn Answer>;
}

/// The parts of an event in which similar events differ.
pub(super) struct Varying<'a> {
    pub text: &'a str,
    /// The index of the choice to which the text belongs.
    pub choice: i64,
}

/// The member that pads events, to hide the length of their text from observers of the network.
pub(super) const PADDING: &str = "obfuscation";

/// The member with the number of the event.
pub(super) const NUMBER: &str = "sequence_number";

/// The state of a stream.
pub(super) trait StreamState: Debug + Send + Sync {
    fn note(&mut self, event: &Event);

    /// Notes an event that only adds text to a choice.
    fn note_addition(&mut self, _addition: Addition<'_>) {}

    /// Whether the answer is complete if the server closes the connection without `[DONE]`.
    fn is_complete(&self) -> bool;

    /// Whether an event announced the end.
    fn has_ended(&self) -> bool {
        false
    }

    /// Why the server could not complete the answer.
    fn failure(&self) -> Option<Reported> {
        None
    }

    /// Whether an event has been received before.
    fn is_repeated(&self, _root: Node<'_>) -> bool {
        false
    }

    /// The id of the response.
    fn response_id(&self) -> Option<&str> {
        None
    }

    /// The number of the last event, if the server numbers them.
    fn sequence_number(&self) -> Option<i64> {
        None
    }

    /// The choices that have appeared.
    fn started_choices(&self) -> Vec<i64> {
        Vec::new()
    }

    fn boxed(&self) -> Box<dyn StreamState>;
}

impl Clone for Box<dyn StreamState> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// An answer assembled from events, in the shape that it has without streaming.
pub(super) trait Answer: Debug + Send {
    fn add(&mut self, event: &Event);

    /// Adds to the text of a choice.
    fn add_text(&mut self, _addition: Addition<'_>) {}

    /// Adds the next event, by the fast path if possible.
    fn take(&mut self, event: &Event) {
        match event.addition() {
            Some(addition) => self.add_text(addition),
            None => self.add(event),
        }
    }

    /// The answer received so far; `None` if there is nothing yet.
    fn whole(&self) -> Option<Value>;

    /// The answer, if it is not JSON.
    fn bytes(&self) -> Option<&[u8]> {
        None
    }

    /// The text of the choice with this index; `None` if the choice has not appeared yet.
    fn text(&self, choice: i64) -> Option<Cow<'_, str>>;

    /// The reasoning of a choice.
    fn reasoning(&self, _choice: i64) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// The tool calls of the choice with this index.
    fn tool_calls(&self, _choice: i64) -> Vec<Value> {
        Vec::new()
    }

    fn model(&self) -> Option<&str> {
        None
    }

    /// The reported usage.
    fn usage(&self) -> Option<&Value> {
        None
    }

    /// The id of the response.
    fn response_id(&self) -> Option<&str> {
        None
    }

    /// The number of the last event, if the server numbers them.
    fn sequence_number(&self) -> Option<i64> {
        None
    }
}

/// The type of an event: its name, or the `type` of its data. Some servers send only one of them.
pub(super) fn event_type<'a>(name: &'a str, root: Node<'a>) -> &'a str {
    match name {
        // The default name of events.
        "" | "message" => root.get("type").and_then(Node::as_str).unwrap_or(name),
        _ => name,
    }
}

/// The text in a member of the data.
pub(super) fn text_member<'a>(root: Node<'a>, name: &str) -> &'a str {
    root.get(name).and_then(Node::as_str).unwrap_or_default()
}

/// The error of an event that has a `type`; errors have the type `error`, or none.
fn error_of_typed(name: &str, root: Node<'_>) -> Option<Reported> {
    let reported = match event_type(name, root) {
        "error" => Reported::in_place_of_answer(root).unwrap_or_default(),
        "" => Reported::instead(root)?,
        _ => Reported::embedded(root)?,
    };
    // This is the type of the event, not of the error.
    let error_type = reported.error_type.filter(|it| it != "error");
    Some(Reported {
        error_type,
        ..reported
    })
}

/// The members of the data that also belong to the answer.
fn members_but(root: Node<'_>, left_out: &[&str]) -> Fields {
    let mut members = Fields::default();
    for (name, value) in root.as_object().into_iter().flatten() {
        if !left_out.contains(&name) {
            members.set(name, Value::from(value));
        }
    }
    members
}

/// Parses a value that was built from documents.
pub(super) fn document_of(value: &Value) -> Option<Document> {
    Document::parse(value.to_text()).ok()
}
