//! What R gets for the events of a stream.

use std::iter;

use bytes::Bytes;
use extendr_api::prelude::*;
use openaistream_core::stream::{End, Event, EventKind};
use openaistream_core::Error;

use super::Result;
use crate::json_to_r::{build, plan_chat_delta, plan_event, plan_event_plain};
use crate::values::r_string;

/// In which shape R wants what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `list(all_resp = <texts>, vres = <values>)`, as openaistream 0.3.0 gave it.
    Values,
    /// A list of parsed events, each with its `text` in front.
    Events,
    /// The new text of the first choice, one string.
    Text,
}

impl Shape {
    pub fn named(name: &str) -> Shape {
        match name {
            "events" => Shape::Events,
            "text" => Shape::Text,
            _ => Shape::Values,
        }
    }
}

/// The events as R gets them, and whether U+FFFD stands in them for what R cannot hold.
pub fn event_items(kind: EventKind, shape: Shape, events: &[Event]) -> Result<(Robj, bool)> {
    if events.is_empty() {
        return Ok((().into(), false));
    }
    let replaced = events.iter().any(|event| event.document.has_replacements());
    let items: Robj = match shape {
        Shape::Values => list!(
            all_resp =
                List::from_values(events.iter().map(|event| r_string(event.document.source()))),
            vres = values(events, |event| value(kind, event))?
        )
        .into(),
        Shape::Events => values(events, |event| whole(kind, event))?.into(),
        Shape::Text => {
            let texts = events.iter().flat_map(Event::texts);
            let first = texts.filter(|(choice, _)| *choice == 0);
            r_string(&first.map(|(_, text)| text).collect::<String>())
        }
    };
    Ok((items, replaced))
}

fn values(
    events: &[Event],
    value: impl Fn(&Event) -> std::result::Result<Robj, Error>,
) -> Result<List> {
    let values: std::result::Result<Vec<Robj>, Error> = events.iter().map(value).collect();
    Ok(List::from_values(values?))
}

/// An element of `vres`.
fn value(kind: EventKind, event: &Event) -> std::result::Result<Robj, Error> {
    match kind {
        EventKind::Chat => build(&plan_chat_delta(event)),
        _ if kind.has_types() => with_data(kind, event, &[("event", event.event_type())]),
        _ => with_data(kind, event, &[]),
    }
}

/// The whole event: its new text, what it is, its new reasoning where it has some, and the parsed
/// data.
fn whole(kind: EventKind, event: &Event) -> std::result::Result<Robj, Error> {
    let (text, reasoning) = (event.text(), event.reasoning());
    let mut lead = vec![("text", text.as_str())];
    if kind.has_types() {
        lead.push(("event", event.event_type()));
    }
    if !reasoning.is_empty() {
        lead.push(("reasoning", &reasoning));
    }
    with_data(kind, event, &lead)
}

/// The data of an event behind what is told of it. Items of a response are sent again as they came.
fn with_data(
    kind: EventKind,
    event: &Event,
    lead: &[(&str, &str)],
) -> std::result::Result<Robj, Error> {
    let data = event.document.root();
    build(&match kind {
        EventKind::Response => plan_event_plain(lead, data),
        _ => plan_event(lead, data),
    })
}

/// A piece of a sound; 0.3.0 showed the end of a file as an empty one.
pub fn byte_items(shape: Shape, piece: Option<&Bytes>, end: Option<&End>) -> Robj {
    let piece: Robj = match (piece, end) {
        (Some(bytes), _) => Raw::from_bytes(bytes).into(),
        (None, Some(End::Complete)) if shape == Shape::Values => Raw::from_bytes(&[]).into(),
        (None, _) => return ().into(),
    };
    match shape {
        Shape::Values => piece,
        Shape::Events | Shape::Text => List::from_values(iter::once(piece)).into(),
    }
}
