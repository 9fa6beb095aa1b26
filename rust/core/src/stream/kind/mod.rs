//! What differs between streams of events: a trait, and a file for each kind.

mod chat;
mod completion;
mod ended_by;
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

/// Which events a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Chunks of a chat completion.
    Chat,
    /// Chunks of a completion of a text.
    Completion,
    /// Events of a response.
    Response,
    /// Events of a run of an assistant.
    Run,
    /// Partial pictures, and the finished ones.
    Image,
    /// The text of a recording.
    Transcription,
    /// Pieces of a sound.
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

    /// The kind that callers call so.
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

    /// Whether its events say what they are; chunks are all alike.
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
    /// The texts that an event adds, each with the index of its choice. A choice has one, which may
    /// be empty, or several that follow each other. What has no choices has one, 0.
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)>;

    /// What an event adds to the reasoning of the first choice in it.
    fn reasoning<'a>(&self, _event: &'a Event) -> Cow<'a, str> {
        Cow::Borrowed("")
    }

    /// The error that an event of that name tells.
    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported>;

    /// What the answer of a server that does not stream must have; None where nothing is known of
    /// it.
    fn expected(&self) -> Option<Expected>;

    /// What differs between an event and most of those behind it: a text that it adds, if it adds
    /// nothing else and would change nothing if it came twice, and what else says nothing of them.
    fn varying<'a>(&self, _name: &str, _root: Node<'a>) -> Option<Varying<'a>> {
        None
    }

    /// The course of a stream of which nothing came yet.
    fn course(&self) -> Box<dyn Course>;

    /// The answer of which nothing came yet.
    fn answer(&self) -> Box<dyn Answer>;
}

/// What differs between events that are alike, as one of them has it.
pub(super) struct Varying<'a> {
    pub text: &'a str,
    /// The index of the choice that the text belongs to.
    pub choice: i64,
}

/// The member that only pads an event, against those who watch the lengths of packets.
pub(super) const PADDING: &str = "obfuscation";

/// The member that counts the events.
pub(super) const NUMBER: &str = "sequence_number";

/// How far a stream has come.
pub(super) trait Course: Debug + Send + Sync {
    fn note(&mut self, event: &Event);

    /// Notes an event that does nothing but add to the text of a choice.
    fn note_addition(&mut self, _addition: Addition<'_>) {}

    /// Whether what came is a complete answer where a server closes without `[DONE]`.
    fn is_complete(&self) -> bool;

    /// Whether an event said that nothing comes after it.
    fn has_ended(&self) -> bool {
        false
    }

    /// What the server said of why it could not finish the answer.
    fn failure(&self) -> Option<Reported> {
        None
    }

    /// Whether an event came before.
    fn is_repeated(&self, _root: Node<'_>) -> bool {
        false
    }

    /// The id of the response.
    fn response_id(&self) -> Option<&str> {
        None
    }

    /// The number of the last event, where the server counts them.
    fn sequence_number(&self) -> Option<i64> {
        None
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
    fn add_text(&mut self, _addition: Addition<'_>) {}

    /// Adds what the next event brings, the short way where there is one.
    fn take(&mut self, event: &Event) {
        match event.addition() {
            Some(addition) => self.add_text(addition),
            None => self.add(event),
        }
    }

    /// The whole answer as far as it came; `None` where nothing did.
    fn whole(&self) -> Option<Value>;

    /// The answer where it is no JSON.
    fn bytes(&self) -> Option<&[u8]> {
        None
    }

    /// The text of a choice, by its index; `None` as long as the choice has not appeared.
    fn text(&self, choice: i64) -> Option<Cow<'_, str>>;

    /// What a model thought before it answered, of a choice.
    fn reasoning(&self, _choice: i64) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// The tool calls of a choice, by its index.
    fn tool_calls(&self, _choice: i64) -> Vec<Value> {
        Vec::new()
    }

    fn model(&self) -> Option<&str> {
        None
    }

    /// The tokens that were used, if they were told.
    fn usage(&self) -> Option<&Value> {
        None
    }

    /// The id of the response.
    fn response_id(&self) -> Option<&str> {
        None
    }

    /// The number of the last event, where the server counts them.
    fn sequence_number(&self) -> Option<i64> {
        None
    }
}

/// What an event says it is: its name, else the member `type` of its data. Servers that send both
/// send the same, and some send one.
pub(super) fn event_type<'a>(name: &'a str, root: Node<'a>) -> &'a str {
    match name {
        // The name that an event has by default.
        "" | "message" => root.get("type").and_then(Node::as_str).unwrap_or(name),
        _ => name,
    }
}

/// The text in a member of an event's data.
pub(super) fn text_member<'a>(root: Node<'a>, name: &str) -> &'a str {
    root.get(name).and_then(Node::as_str).unwrap_or_default()
}

/// The error of an event whose `type` says what it is; errors have the type `error`, or none.
fn error_of_typed(name: &str, root: Node<'_>) -> Option<Reported> {
    let reported = match event_type(name, root) {
        "error" => Reported::in_place_of_answer(root).unwrap_or_default(),
        "" => Reported::instead(root)?,
        _ => Reported::beside(root)?,
    };
    // That of the event is not that of the error.
    let error_type = reported.error_type.filter(|it| it != "error");
    Some(Reported {
        error_type,
        ..reported
    })
}

/// The members of an event's data that the answer has, too.
fn members_but(root: Node<'_>, left_out: &[&str]) -> Fields {
    let mut members = Fields::default();
    for (name, value) in root.as_object().into_iter().flatten() {
        if !left_out.contains(&name) {
            members.set(name, Value::from(value));
        }
    }
    members
}

/// What was made of documents can be read as one.
pub(super) fn document_of(value: &Value) -> Option<Document> {
    Document::parse(value.to_text()).ok()
}
