//! The stream of a run.

use std::time::{Duration, Instant};

use super::steps::shown;
use crate::events::{event_with_name, stream};
use crate::reply::Reply;
use crate::store::Happening;

/// The last event of the stream of a run.
const DONE: &[u8] = b"event: done\ndata: [DONE]\n\n";

/// The end of the stream of a cancelled run.
pub(super) fn last_bytes<'a>(happenings: impl Iterator<Item = &'a Happening>) -> Vec<u8> {
    let told = happenings.map(|it| event_with_name(it.name, &it.data));
    told.chain([DONE.to_vec()]).flatten().collect()
}

/// The remaining events as a stream.
pub(super) fn run_stream<'a>(
    happenings: impl Iterator<Item = &'a Happening>,
    now: Instant,
    shows_content: bool,
) -> Reply {
    let mut chunks = Vec::new();
    let mut pauses = Vec::new();
    let mut heard = now;
    for happening in happenings.filter(|happening| happening.is_streamed) {
        let data = shown(&happening.data, shows_content);
        chunks.push(event_with_name(happening.name, &data));
        pauses.push(happening.at.saturating_duration_since(heard));
        heard = happening.at;
    }
    chunks.push(DONE.to_vec());
    pauses.push(Duration::ZERO);
    let mut reply = stream(chunks, Duration::ZERO);
    reply.pauses = pauses;
    reply
}
