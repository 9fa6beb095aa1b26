//! The properties. Each takes any bytes, as random tests and fuzzers make them, and panics where
//! one does not hold.

pub mod events;
pub mod json;
pub mod sse;

/// How many bytes at the beginning of a case say how its stream is cut.
const PATTERN_BYTES: usize = 4;

/// A case as a stream and the pieces that a network makes of it: as long as the first bytes of the
/// case say, in turn. Some are empty.
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
