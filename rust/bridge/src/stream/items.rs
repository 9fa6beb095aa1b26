//! Converts the events of a stream to R values.

use std::iter;

use bytes::Bytes;
use extendr_api::prelude::*;
use extendr_ffi::SEXPTYPE;
use openaistream_core::stream::{End, Event, EventKind};
use openaistream_core::Error;

use super::alike::Change;
use super::Result;
use crate::json_to_r::{
    build, build_at_toplevel, plan_chat_delta, plan_event, plan_event_plain, Plan,
};
use crate::sexp::make::{new_vector, protect, set_element, unprotect};
use crate::sexp::nil;
use crate::toplevel::at_toplevel;
use crate::values::r_string;

/// The shape of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `list(all_resp = <texts>, vres = <values>)`, as in openaistream 0.3.0.
    Values,
    /// A list of parsed events, each starting with its `text`.
    Events,
    /// The new text of the first choice, a single string.
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

/// The events in this shape, and whether text that R cannot store was replaced by U+FFFD.
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
        Shape::Events => wholes(kind, events)?,
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
        _ if kind.has_types() => build(&with_data(kind, event, &[("event", event.event_type())])),
        _ => build(&with_data(kind, event, &[])),
    }
}

/// How the list of an event is created.
enum Made<'a> {
    /// As a new list.
    Whole(Plan),
    /// As a copy of the previous list with a different text.
    Copied(Change<'a>),
}

/// The events as lists.
fn wholes(kind: EventKind, events: &[Event]) -> Result<Robj> {
    let mut has_model = false;
    let parts = events.iter().map(|event| {
        let change = Change::of(kind, event);
        let is_copied = has_model && change.is_some();
        // Other lists may not be suitable for the following events.
        has_model = change.is_some();
        match change.filter(|_| is_copied) {
            Some(change) => Made::Copied(change),
            None => Made::Whole(whole(kind, event)),
        }
    });
    let parts: Vec<Made<'_>> = parts.collect();
    let mut list = nil();
    let mut is_made = true;
    let made = at_toplevel(|| {
        list = protect(new_vector(SEXPTYPE::VECSXP, parts.len()));
        let mut before = nil();
        for (index, part) in parts.iter().enumerate() {
            let event = match part {
                Made::Whole(plan) => Some(build_at_toplevel(plan)),
                Made::Copied(change) => change.applied_to(before),
            };
            match event {
                Some(event) => {
                    set_element(list, index, event);
                    before = event;
                }
                None => is_made = false,
            }
        }
        unprotect(1);
    });
    if made && is_made {
        // SAFETY: R has just created it, and has not allocated since; the `Robj` protects it from
        // here on.
        return Ok(unsafe { Robj::from_sexp(list) });
    }
    Ok(values(events, |event| build(&whole(kind, event)))?.into())
}

/// The whole event: its new text, its type, its new reasoning if any, and the parsed data.
fn whole(kind: EventKind, event: &Event) -> Plan {
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

/// The elements in `lead`, followed by the data of the event. Items of a response are kept
/// unchanged, because they may be sent again.
fn with_data(kind: EventKind, event: &Event, lead: &[(&str, &str)]) -> Plan {
    let data = event.document.root();
    match kind {
        EventKind::Response => plan_event_plain(lead, data),
        _ => plan_event(lead, data),
    }
}

/// A chunk of audio; 0.3.0 returned an empty one at the end of a file.
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
