//! The decoder of responses: how the network splits a response has no effect.

use std::time::Instant;

use openaistream_core::stream::{Decode, End, Event, EventDecoder, EventKind};
use openaistream_core::{CallOptions, Secrets};

use super::stream_and_pieces;

/// What a reader receives: the names and texts of the events, the end, and the number of events in
/// an error.
type Told = (Vec<(String, String)>, End, u64);

/// Checks that a response in chunks gives the same events and end as in one piece.
pub fn check(case: &[u8]) {
    let (answer, pieces) = stream_and_pieces(case);
    for kind in EventKind::ALL {
        let whole = decode(kind, &[answer]);
        assert_eq!(decode(kind, &pieces), whole, "in {} pieces", pieces.len());
    }
}

fn decode(kind: EventKind, pieces: &[&[u8]]) -> Told {
    let mut decoder = EventDecoder::new(kind, Secrets::default(), CallOptions::default());
    decoder.begin("text/event-stream");
    let mut events = Vec::new();
    let mut end = None;
    for piece in pieces {
        let (items, announced) = decoder.feed(piece.to_vec().into(), Instant::now());
        events.extend(items);
        end = announced;
        if end.is_some() {
            break;
        }
    }
    let end = end.unwrap_or_else(|| {
        let (items, end) = decoder.finish();
        events.extend(items);
        end
    });
    let texts = events.into_iter().map(|event: Event| {
        let source = event.document.source().to_owned();
        (event.name, source)
    });
    (texts.collect(), end, decoder.partial().events)
}
