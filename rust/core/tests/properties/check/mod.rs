//! The properties. Each takes arbitrary bytes from random tests and fuzzers, and panics if it does
//! not hold.

pub mod events;
pub mod json;
pub mod sse;

/// The number of bytes at the start of a case that determine how its stream is split.
const PATTERN_BYTES: usize = 4;

/// Splits a case into a stream and chunks with the lengths in the first bytes of the case, in turn.
/// Some chunks are empty.
fn stream_and_pieces(case: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let (pattern, stream) = case.split_at(case.len().min(PATTERN_BYTES));
    let mut pieces = Vec::new();
    let mut rest = stream;
    let mut lengths = pattern.iter().cycle();
    while !rest.is_empty() {
        let length = lengths.next().map_or(1, |length| usize::from(*length));
        let (piece, after) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = after;
        if pattern.iter().all(|length| *length == 0) {
            pieces.push(std::mem::take(&mut rest));
        }
    }
    (stream, pieces)
}
