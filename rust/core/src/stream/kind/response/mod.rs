//! Events of a response (<https://platform.openai.com/docs/api-reference/responses-streaming>).

mod answer;
mod growing;
mod item;
mod missing;

use std::borrow::Cow;

use super::{event_type, text_member, Answer, Kind, StreamState, Varying, NUMBER};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Array, Node};
use crate::stream::event::{Addition, Event};

pub(in crate::stream) use self::answer::ResponseAnswer;

/// The final events, each with the complete response.
const ENDS: [&str; 4] = [
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
];

/// The event that adds to the output text.
pub(super) const TEXT_DELTA: &str = "response.output_text.delta";

/// The events that add to the reasoning: to its summary, and to its full text.
const REASONING_DELTAS: [&str; 2] = [
    "response.reasoning_summary_text.delta",
    "response.reasoning_text.delta",
];

pub(super) struct Response;

impl Kind for Response {
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        let data = event.document.root();
        if event.is_whole {
            return output_texts(data).map(|text| (0, text.into())).collect();
        }
        match event.event_type() {
            TEXT_DELTA => vec![(0, text_member(data, "delta").into())],
            _ => Vec::new(),
        }
    }

    fn reasoning<'a>(&self, event: &'a Event) -> Cow<'a, str> {
        match REASONING_DELTAS.contains(&event.event_type()) {
            true => text_member(event.document.root(), "delta").into(),
            false => Cow::Borrowed(""),
        }
    }

    /// Responses, and events that contain one, have fields for their errors.
    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported> {
        let is_event = event_type(name, root).starts_with("response.");
        let is_response = text_member(root, "object") == "response";
        match is_event || is_response {
            true => None,
            false => super::error_of_typed(name, root),
        }
    }

    fn expected(&self) -> Option<Expected> {
        Some(Expected::Object)
    }

    fn varying<'a>(&self, name: &str, root: Node<'a>) -> Option<Varying<'a>> {
        let has_tokens = || members(root, "logprobs").next().is_some();
        if event_type(name, root) != TEXT_DELTA || has_tokens() {
            return None;
        }
        Some(Varying {
            text: root.get("delta")?.as_str()?,
            choice: 0,
        })
    }

    fn state(&self) -> Box<dyn StreamState> {
        Box::new(ResponseState::default())
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(ResponseAnswer::default())
    }
}

/// Whether a response has its final state.
pub(in crate::stream) fn is_final(response: Node<'_>) -> bool {
    !matches!(text_member(response, "status"), "queued" | "in_progress")
}

/// The output texts of a complete response.
fn output_texts(response: Node<'_>) -> impl Iterator<Item = &str> {
    let items = members(response, "output");
    let parts = items.flat_map(|item| members(item, "content"));
    parts
        .filter(|part| text_member(*part, "type") == "output_text")
        .map(|part| text_member(part, "text"))
}

/// The elements of an array member.
pub(in crate::stream) fn members<'a>(
    root: Node<'a>,
    name: &str,
) -> impl Iterator<Item = Node<'a>> + Clone {
    let array = root.get(name).and_then(Node::as_array);
    array.into_iter().flat_map(Array::iter)
}

/// The id, if there is one.
fn text_id<'a>(data: Node<'a>, name: &str) -> Option<&'a str> {
    Some(text_member(data, name)).filter(|id| !id.is_empty())
}

/// The number of an event; servers that do not number events may send negative values.
fn sequence_number(event: Node<'_>) -> Option<i64> {
    let number = event.get(NUMBER)?.as_i64()?;
    (number >= 0).then_some(number)
}

#[derive(Debug, Clone, Default)]
struct ResponseState {
    id: Option<String>,
    /// The number of the last event.
    sequence_number: Option<i64>,
    has_ended: bool,
    failure: Option<Reported>,
}

impl StreamState for ResponseState {
    fn note(&mut self, event: &Event) {
        let data = event.document.root();
        self.sequence_number = sequence_number(data).or(self.sequence_number);
        let response = match event.is_whole {
            true => Some(data),
            false => data.get("response"),
        };
        if let Some(response) = response {
            self.note_response(response);
        }
        self.has_ended |= ENDS.contains(&event.event_type());
    }

    fn note_addition(&mut self, addition: Addition<'_>) {
        self.sequence_number = addition.sequence_number.or(self.sequence_number);
    }

    fn is_complete(&self) -> bool {
        self.has_ended
    }

    fn has_ended(&self) -> bool {
        self.has_ended
    }

    fn failure(&self) -> Option<Reported> {
        self.failure.clone()
    }

    /// An event is repeated if its number is not higher than the last one.
    fn is_repeated(&self, root: Node<'_>) -> bool {
        match (sequence_number(root), self.sequence_number) {
            (Some(number), Some(last)) => number <= last,
            _ => false,
        }
    }

    fn response_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn sequence_number(&self) -> Option<i64> {
        self.sequence_number
    }

    fn boxed(&self) -> Box<dyn StreamState> {
        Box::new(self.clone())
    }
}

impl ResponseState {
    fn note_response(&mut self, response: Node<'_>) {
        if self.id.is_none() {
            self.id = text_id(response, "id").map(str::to_owned);
        }
        if text_member(response, "status") == "failed" {
            self.failure = Some(Reported::embedded(response).unwrap_or_default());
        }
    }
}
