//! Streams of server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::time::Duration;

use serde_json::Value;

use crate::reply::{Framing, Reply};

/// The last event of most OpenAI streams.
pub(crate) const DONE: &[u8] = b"data: [DONE]\n\n";

/// An event without a name.
pub(crate) fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// An event whose name is the `type` of its data.
pub(crate) fn named_event(data: &Value) -> Vec<u8> {
    event_with_name(data["type"].as_str().unwrap_or_default(), data)
}

/// An event of this name.
pub(crate) fn event_with_name(name: &str, data: &Value) -> Vec<u8> {
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

/// A stream of these events with a delay before each.
pub(crate) fn stream(events: Vec<Vec<u8>>, pause: Duration) -> Reply {
    Reply {
        headers: vec![
            (
                "content-type".to_owned(),
                "text/event-stream; charset=utf-8".to_owned(),
            ),
            ("cache-control".to_owned(), "no-cache".to_owned()),
        ],
        chunks: events,
        pauses: vec![pause],
        framing: Framing::Chunked,
        ..Reply::default()
    }
}
