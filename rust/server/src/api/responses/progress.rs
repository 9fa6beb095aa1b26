//! The progress of a response.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::events::{events, unfinished};
use crate::events::{named_event, stream};
use crate::reply::Reply;
use crate::store::StoredResponse;

/// How many events of a background response are sent while it is queued.
pub(super) const QUEUED_EVENTS: usize = 2;

/// The response after this time.
fn after(response: &StoredResponse, elapsed: Duration) -> Value {
    let events = events(&response.finished);
    let sent = response.timeline.sent(events.len(), elapsed);
    if sent == events.len() {
        return response.finished.clone();
    }
    let is_queued = response.timeline.at_once == QUEUED_EVENTS && sent <= QUEUED_EVENTS;
    let done = events[..sent]
        .iter()
        .filter(|event| event["type"] == "response.output_item.done")
        .map(|event| event["item"].clone());
    let status = if is_queued { "queued" } else { "in_progress" };
    unfinished(&response.finished, status, done.collect())
}

/// The response in its current state.
pub(super) fn now(response: &StoredResponse, now: Instant) -> Value {
    match response.cancelled {
        Some(at) => {
            let mut cancelled = after(response, at);
            cancelled["status"] = "cancelled".into();
            cancelled
        }
        None => after(
            response,
            now.saturating_duration_since(response.timeline.started),
        ),
    }
}

/// When all events of a response have been sent.
pub(super) fn finished_at(response: &StoredResponse) -> Instant {
    let last = events(&response.finished).len().saturating_sub(1);
    response.timeline.started + response.timeline.at(last)
}

/// The events after number `after`, as a stream.
pub(super) fn resume(response: &StoredResponse, after: Option<u64>, now: Instant) -> Reply {
    let mut events = events(&response.finished);
    if let Some(cancelled) = response.cancelled {
        events.truncate(response.timeline.sent(events.len(), cancelled));
    }
    let first = after.map_or(0, |after| after.saturating_add(1));
    let first = usize::try_from(first).map_or(events.len(), |first| first.min(events.len()));
    let chunks = events[first..].iter().map(named_event).collect();
    let mut reply = stream(chunks, Duration::ZERO);
    reply.pauses = response.timeline.pauses(first, events.len(), now);
    reply
}
