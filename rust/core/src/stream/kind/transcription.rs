//! The text of a transcription
//! (<https://platform.openai.com/docs/api-reference/audio/transcript-text-delta-event>).

use std::borrow::Cow;

use super::completed_by::CompletedBy;
use super::{error_of_typed, members_but, text_member, Answer, Kind, StreamState};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Fields, Node, Value};
use crate::stream::event::Event;

const DELTA: &str = "transcript.text.delta";
/// A segment with its speaker.
const SEGMENT: &str = "transcript.text.segment";
const DONE: &str = "transcript.text.done";

pub(super) struct Transcription;

impl Kind for Transcription {
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        let data = event.document.root();
        let text = match event.event_type() {
            DELTA => text_member(data, "delta"),
            _ if event.is_whole => text_member(data, "text"),
            _ => return Vec::new(),
        };
        vec![(0, text.into())]
    }

    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported> {
        error_of_typed(name, root)
    }

    fn expected(&self) -> Option<Expected> {
        Some(Expected::Transcript)
    }

    fn state(&self) -> Box<dyn StreamState> {
        Box::new(CompletedBy::last_event(|event| event.event_type() == DONE))
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(TranscriptionAnswer::default())
    }
}

#[derive(Debug, Default)]
struct TranscriptionAnswer {
    text: String,
    segments: Vec<Value>,
    /// The data of the last event, or the complete response.
    last: Option<Fields>,
}

impl Answer for TranscriptionAnswer {
    fn add(&mut self, event: &Event) {
        let data = event.document.root();
        for (_, text) in event.texts() {
            self.text.push_str(&text);
        }
        match event.event_type() {
            SEGMENT => self.segments.push(Value::from(data)),
            DONE => self.last = Some(members_but(data, &["type"])),
            _ if event.is_whole => self.last = Some(members_but(data, &[])),
            _ => {}
        }
    }

    fn whole(&self) -> Option<Value> {
        if self.last.is_none() && self.text.is_empty() && self.segments.is_empty() {
            return None;
        }
        let mut whole = Fields::default();
        let text = self.text(0).unwrap_or_default();
        whole.set("text", Value::String(text.into_owned()));
        if !self.segments.is_empty() {
            whole.set("segments", Value::Array(self.segments.clone()));
        }
        for (name, value) in self.last.clone().into_iter().flatten() {
            whole.set(&name, value);
        }
        Some(Value::Object(whole))
    }

    /// The last event contains the whole text.
    fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        let last = self.last.as_ref().and_then(|last| last.get("text"));
        let text = last.and_then(Value::as_str).unwrap_or(&self.text);
        (choice == 0).then_some(Cow::Borrowed(text))
    }

    fn usage(&self) -> Option<&Value> {
        let usage = self.last.as_ref()?.get("usage")?;
        (!usage.is_null()).then_some(usage)
    }
}
