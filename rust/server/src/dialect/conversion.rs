//! Converts chats of OpenAI to a dialect.

use serde_json::Value;

use crate::events::{event, DONE};
use crate::reply::Reply;

/// Changes a chat completion, streamed or not: its response or each event by `change`, then its
/// events by `reorder`.
pub(super) fn chat(
    mut reply: Reply,
    change: fn(&mut Value),
    reorder: fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>,
) -> Reply {
    if reply.is_event_stream() {
        let events = reply.chunks.into_iter();
        let events = events.map(|bytes| changed(&bytes, change)).collect();
        reply.chunks = reorder(events);
    } else if let Some(Ok(mut answer)) = reply
        .chunks
        .first()
        .map(|body| serde_json::from_slice(body))
    {
        change(&mut answer);
        reply.chunks = vec![answer.to_string().into_bytes()];
    }
    reply
}

fn changed(bytes: &[u8], change: fn(&mut Value)) -> Vec<u8> {
    match data(bytes) {
        Some(mut value) => {
            change(&mut value);
            event(&value)
        }
        None => bytes.to_vec(),
    }
}

/// The data of an event; `None` for `[DONE]`.
pub(super) fn data(event: &[u8]) -> Option<Value> {
    serde_json::from_slice(event.strip_prefix(b"data: ")?).ok()
}

/// The messages or deltas of the choices of a chat.
pub(super) fn messages(answer: &mut Value) -> impl Iterator<Item = &mut Value> {
    let choices = answer["choices"].as_array_mut().into_iter().flatten();
    choices.filter_map(|choice| {
        let choice = choice.as_object_mut()?;
        let name = if choice.contains_key("message") {
            "message"
        } else {
            "delta"
        };
        choice.get_mut(name)
    })
}

/// Removes members that only OpenAI sends.
pub(super) fn without_openai_members(answer: &mut Value) {
    if let Some(members) = answer.as_object_mut() {
        members.remove("service_tier");
    }
    for message in messages(answer) {
        if let Some(members) = message.as_object_mut() {
            members.remove("refusal");
            members.remove("annotations");
        }
    }
}

/// The index of `[DONE]`, or where it would be.
pub(super) fn end(events: &[Vec<u8>]) -> usize {
    let marks = events.iter().rev().take_while(|event| *event == DONE);
    events.len() - marks.count()
}
