//! The stream of a run.

use std::time::{Duration, Instant};

use super::steps::shown;
use crate::events::{event_with_name, stream};
use crate::reply::Reply;
use crate::store::RunEvent;

/// The last event of the stream of a run.
const DONE: &[u8] = b"event: done\ndata: [DONE]\n\n";

/// The end of the stream of a cancelled run.
pub(super) fn last_bytes<'a>(events: impl Iterator<Item = &'a RunEvent>) -> Vec<u8> {
    let chunks = events.map(|it| event_with_name(it.name, &it.data));
    chunks.chain([DONE.to_vec()]).flatten().collect()
}

/// The remaining events as a stream.
pub(super) fn run_stream<'a>(
    events: impl Iterator<Item = &'a RunEvent>,
    now: Instant,
    includes_content: bool,
) -> Reply {
    let mut chunks = Vec::new();
    let mut pauses = Vec::new();
    let mut previous = now;
    for event in events.filter(|event| event.is_streamed) {
        let data = shown(&event.data, includes_content);
        chunks.push(event_with_name(event.name, &data));
        pauses.push(event.at.saturating_duration_since(previous));
        previous = event.at;
    }
    chunks.push(DONE.to_vec());
    pauses.push(Duration::ZERO);
    let mut reply = stream(chunks, Duration::ZERO);
    reply.pauses = pauses;
    reply
}
